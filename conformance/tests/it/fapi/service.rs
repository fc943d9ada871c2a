//! The connector's REST service over FAPI: the same paths, its public keys, and what a Login app gets.

use super::party::{LOGIN, MYINFO, PERSONA};
use myinfo_conformance::http::client as http;
use myinfo_connector::Connector;
use myinfo_connector::fapi::{Config, Environment};
use myinfo_connector::service::Service;
use myinfo_fixtures::keys::ec::{CLIENT_JWKS, CLIENT_JWKS_PRIVATE};
use myinfo_mock_server::MockServer;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio::sync::oneshot;

/// A mock, the service in front of it, and a browser that keeps one cookie.
struct Stage {
    home: String,
    http: Client,
    mock: MockServer,
    _stop: oneshot::Sender<()>,
}

impl Stage {
    async fn of(client_id: &str) -> Self {
        let mock = MockServer::builder().auto_login(PERSONA).start().await.unwrap();
        let config = Config::builder(Environment::Custom { issuer: format!("{}/fapi", mock.base_url()) })
            .client_id(client_id)
            .redirect_uri("http://localhost:3001/callback")
            .keys(CLIENT_JWKS_PRIVATE.as_bytes())
            .unwrap();
        let config = if client_id == LOGIN {
            config.scopes("openid user.identity name").login("APP_AUTHENTICATION_DEFAULT", None)
        } else {
            config.scopes("openid uinfin name")
        };
        let connector = Connector::new(config.build().unwrap()).unwrap();
        let service = Service::bind(connector, ([127, 0, 0, 1], 0).into()).await.unwrap();
        let home = format!("http://{}", service.address().unwrap());
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(service.run(async move { drop(stopped.await) }));
        Self { home, http: http().unwrap(), mock, _stop: stop }
    }

    async fn get(&self, path: &str, cookie: &str) -> Response {
        self.http.get(format!("{}{path}", self.home)).header("Cookie", cookie).send().await.unwrap()
    }

    /// The data that a whole login gives.
    async fn person(&self) -> Value {
        let begun = self.get("/users/me/external/myinfo-redirect-login", "").await;
        let cookie = begun.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let begun: Value = begun.json().await.unwrap();
        let visited = self.http.get(begun["data"]["url"].as_str().unwrap()).send().await.unwrap();
        let query = visited.headers()["location"].to_str().unwrap().split_once('?').unwrap().1.to_owned();
        let page = self.get(&format!("/callback?{query}"), &cookie).await;
        assert_eq!(page.status(), 200);
        let again = self.get(&format!("/callback?{query}"), &cookie).await;
        assert_eq!(again.status(), 403, "a callback works once");
        let code = query.split("code=").nth(1).unwrap().split('&').next().unwrap();
        let answer: Value =
            self.get(&format!("/users/me/external/myinfo?code={code}"), &cookie).await.json().await.unwrap();
        assert_eq!(answer["message"], "OK", "{answer}");
        answer["data"].clone()
    }
}

#[tokio::test]
async fn a_myinfo_app_gets_the_items_as_v3_s_service_gives_them() {
    let data = Stage::of(MYINFO).await.person().await;
    assert_eq!((&data["name"], &data["uinfin"], &data["sex"]), (&json!("ANDY LAU"), &json!(PERSONA), &json!(null)));
}

#[tokio::test]
async fn a_login_that_cannot_begin_tells_which_address_does_not_answer() {
    let Stage { home, http, mock, _stop } = Stage::of(MYINFO).await;
    let address = mock.base_url();
    mock.stop().await;
    let page = http.get(format!("{home}/login")).header("Accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), 502);
    let page = page.text().await.unwrap();
    let told = format!("The discovery endpoint at {address} could not be reached: no connection could be made.");
    assert!(page.contains(&told), "{page}");
    assert!(!page.contains("what the mock refused"), "it refused nothing: {page}");
}

#[tokio::test]
async fn a_login_app_gets_who_logged_in() {
    let data = Stage::of(LOGIN).await.person().await;
    assert_eq!((&data["name"], &data["identity_number"]), (&json!("ANDY LAU"), &json!(PERSONA)));
    assert!(super::party::is_uuid(&data["sub"]) && data["acr"].is_string(), "{data}");
}

#[tokio::test]
async fn the_public_keys_are_where_singpass_fetches_them_and_nothing_private_is_in_them() {
    let stage = Stage::of(MYINFO).await;
    let answer = stage.get("/.well-known/jwks.json", "").await;
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()),
        (200, "application/json")
    );
    let set: Value = answer.json().await.unwrap();
    let kids = |set: &Value| -> BTreeSet<String> {
        set["keys"].as_array().unwrap().iter().map(|key| key["kid"].to_string()).collect()
    };
    assert_eq!(kids(&set), kids(&serde_json::from_str(CLIENT_JWKS).unwrap()));
    assert!(set["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
}
