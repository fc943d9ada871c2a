//! The pages, as snapshots: what a browser gets, without the parts that change from run to run.

use myinfo_mock_server::MockServer;
use myinfo_mock_server::ambient::{Clock, ManualClock, Timestamp};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

struct Visit {
    mock: MockServer,
    http: Client,
}

async fn visit() -> Visit {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let clock = Clock::Manual(ManualClock::starting_at(Timestamp(1_700_000_000_000)));
    let mock = MockServer::builder().clock(clock).seed(1).start().await.unwrap();
    Visit { mock, http: Client::builder().redirect(Policy::none()).no_proxy().build().unwrap() }
}

impl Visit {
    async fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.mock.base_url())).send().await.unwrap()
    }

    async fn page(&self, path: &str) -> String {
        self.get(path).await.text().await.unwrap().replace(&self.mock.address().to_string(), "HOST")
    }

    /// The path of the login page of a fresh transaction.
    async fn begin(&self, attributes: &str) -> String {
        let path = format!(
            "/com/v3/authorise?client_id=TESTBED-CLIENT&attributes={attributes}&purpose=a%20test&state=s&redirect_uri=http://localhost:3001/callback"
        );
        self.get(&path).await.headers()["location"].to_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn the_login_page_searches_and_offers_personas() {
    let visit = visit().await;
    let login = visit.begin("name").await;
    insta::assert_snapshot!(visit.page(&format!("{login}&q=andy")).await);
    let all = visit.page(&login).await;
    assert_eq!(all.matches("data-test=\"persona-").count(), 54);
    assert!(!all.contains("<script") && !all.contains("style="), "no script and no inline style");
}

#[tokio::test]
async fn the_consent_page_shows_application_purpose_and_every_item() {
    let visit = visit().await;
    let login = visit.begin("uinfin,name,regadd,noahistory,vehicles.make,vehicles.vehicleno,mobileno,gstvoucher").await;
    let transaction = login.split("transaction=").nth(1).unwrap();
    let form = format!("transaction={transaction}&persona=S6005048A");
    let chosen = visit.http.post(format!("{}/com/v3/login", visit.mock.base_url())).body(form).send().await.unwrap();
    insta::assert_snapshot!(visit.page(chosen.headers()["location"].to_str().unwrap()).await);
}

#[tokio::test]
async fn the_start_page_says_how_to_point_a_connector_at_it() {
    insta::assert_snapshot!(visit().await.page("/").await);
}

#[tokio::test]
async fn a_refusal_on_a_page_says_what_to_change() {
    let visit = visit().await;
    insta::assert_snapshot!(visit.page("/com/v3/authorise?client_id=TESTBED-CLEINT").await);
    insta::assert_snapshot!(
        visit.page("/com/v3/authorise?client_id=TESTBED-CLIENT&redirect_uri=http://localhost:3001/callback/").await
    );
}

#[tokio::test]
async fn pages_forbid_scripts_framing_and_referrers() {
    let visit = visit().await;
    let answer = visit.get("/").await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("x-content-type-options"), "nosniff");
    let login = visit.begin("name").await;
    assert_eq!(visit.get(&login).await.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn error_bodies_are_the_documented_ones() {
    let visit = visit().await;
    let mut told = Vec::new();
    for path in [
        "/nope",
        "/com/v3/person/x",
        "/com/v3/person-basic/x",
        "/com/v3/person-sample/x",
        "/com/v3/token",
        "/biz/v2/person",
        "/_mock/health",
    ] {
        let answer = visit.get(path).await;
        let status = answer.status().as_u16();
        told.push(format!("GET {path}\n{status} {}", answer.text().await.unwrap()));
    }
    insta::assert_snapshot!(told.join("\n"));
}
