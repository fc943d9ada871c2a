//! `--seed`: the same requests have the same answers in every run, byte for byte.

use crate::support::{NOW, by_name, now};
use myinfo_conformance::server::client::v3::OracleClient;
use myinfo_mock_server::MockServer;
use myinfo_mock_server::ambient::{Clock, ManualClock, Timestamp};
use serde_json::{Value, json};

/// Code, token and person of a login: all that v3 sends.
async fn login(client: &OracleClient) -> Vec<String> {
    let code = client.code("uinfin,name", "S6005048A").await.unwrap();
    let token = client.token(&code).await.unwrap();
    let person = client.send(&client.person_draft(&token, "uinfin,name")).await.unwrap().text().await.unwrap();
    client.open(&person).unwrap();
    vec![code, token.answer.to_string(), person]
}

async fn server(seed: u64) -> MockServer {
    let clock = Clock::Manual(ManualClock::starting_at(Timestamp(NOW)));
    MockServer::builder().clock(clock).seed(seed).start().await.unwrap()
}

/// A whole run: two logins, one after the other.
async fn run(seed: u64) -> Vec<String> {
    let mock = server(seed).await;
    let (http, base) = by_name(&mock);
    let client = OracleClient::over(http, &base, "com", now).unwrap();
    [login(&client).await, login(&client).await].concat()
}

#[tokio::test]
async fn with_a_seed_codes_tokens_and_encrypted_documents_are_the_same_in_every_run() {
    let (first, again, other) = (run(7).await, run(7).await, run(8).await);
    assert_eq!(first, again);
    for (place, (one, another)) in first.iter().zip(&other).enumerate() {
        assert_ne!(one, another, "{place}: by another seed");
    }
    assert_ne!(first[2], first[5], "the second document is encrypted anew");
}

#[tokio::test]
async fn a_realm_repeats_by_its_name_whatever_happened_elsewhere() {
    let mut runs = Vec::new();
    for others in [0, 3] {
        let mock = server(7).await;
        let (http, base) = by_name(&mock);
        let everybody = OracleClient::over(http.clone(), &base, "com", now).unwrap();
        for _ in 0..others {
            login(&everybody).await;
        }
        let made = http.post(format!("{base}/_mock/realms")).json(&json!({"name": "mine"})).send().await.unwrap();
        let made: Value = serde_json::from_str(&made.text().await.unwrap()).unwrap();
        let realm = OracleClient::over(http, made["base_url"].as_str().unwrap(), "com", now).unwrap();
        runs.push(login(&realm).await);
    }
    assert_eq!(runs[0], runs[1]);
}
