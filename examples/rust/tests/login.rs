//! Each test has a mock of its own, in this process, on a free port: tests run side by side and see nothing of each other.

use myinfo_connector::ambient::System;
use myinfo_connector::error::AuthorisationError;
use myinfo_connector::key::OwnKeys;
use myinfo_connector::person::Field;
use myinfo_connector::{Connector, Error, Person};
use myinfo_mock_server::MockServer;
use myinfo_mock_server::config::Config;
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use std::path::Path;

const CLIENT: &str = "MYxAPPx0000000000000000000000001";

/// A mock that knows the application, the application, and a browser.
struct Bench {
    mock: MockServer,
    connector: Connector,
    browser: reqwest::Client,
}

impl Bench {
    async fn new() -> Self {
        let keys = OwnKeys::fresh(&System).unwrap();
        let text = format!(
            r#"
            [[client]]
            id = "{CLIENT}"
            redirect_uris = ["http://localhost:8080/callback"]
            [client.fapi]
            app = "myinfo"
            jwks = '''{}'''
            "#,
            keys.public_set().unwrap()
        );
        let config = Config::from_toml(&text, Path::new(".")).unwrap();
        // it listens when this returns: nothing to poll
        let mock = MockServer::builder().config(config).address(([127, 0, 0, 1], 0).into()).start().await.unwrap();
        let connector = myinfo_example_rust::connector(format!("{}/fapi", mock.base_url()), CLIENT, &keys).unwrap();
        let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { mock, connector, browser }
    }

    /// The whole login of a persona, without pages.
    async fn login(&self, persona: &str) -> Result<Person, Error> {
        let login = self.connector.begin().await?;
        let request = self.browser.get(&login.url).header("X-Myinfo-Mock-Persona", persona);
        let answer = request.send().await.unwrap();
        let callback = answer.headers()[LOCATION].to_str().unwrap();
        self.connector.finish(callback, login.kept).await
    }

    /// Makes the service misbehave; `myinfo-mock faults` lists how.
    async fn arm(&self, fault: &str) {
        self.post("faults", json!({"id": fault})).await;
    }

    /// Fails with every broken rule, its cause and its remedy; `called` also counts the requests.
    async fn assert_no_rule_broken(&self, called: Value) {
        self.post("assertions", json!({"no_rule_broken": true, "called": called})).await;
    }

    async fn post(&self, operation: &str, body: Value) {
        let address = format!("{}/_mock/{operation}", self.mock.base_url());
        let answer = self.browser.post(address).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }
}

#[tokio::test]
async fn a_person_who_agrees_is_known_by_name() {
    let bench = Bench::new().await;
    let person = bench.login("S6005048A").await.unwrap();
    assert!(matches!(person.name(), Field::Present(_, "ANDY LAU")), "{:?}", person.name());
    bench.assert_no_rule_broken(json!({"par": 1, "auth": 1, "token": 1, "userinfo": 1})).await;
}

#[tokio::test]
async fn a_person_who_cancels_is_no_failure_of_yours() {
    let bench = Bench::new().await;
    let refused = bench.login("error:access_denied").await.unwrap_err();
    assert!(matches!(refused, Error::Authorisation(AuthorisationError::AccessDenied)), "{refused}");
    bench.assert_no_rule_broken(json!({"token": 0})).await;
}

#[tokio::test]
async fn a_token_that_was_not_signed_by_the_service_is_refused() {
    let bench = Bench::new().await;
    // what no real service does for you: it misbehaves on demand
    bench.arm("fapi-id-token-signer").await;
    let refused = bench.login("S6005048A").await.unwrap_err();
    assert_eq!(refused.code(), "signature", "{refused}");
}
