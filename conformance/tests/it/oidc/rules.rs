//! Each hostile request must be refused by its rule, and by nothing else.

use super::hostile::{CASES, Hostile, Other};
use super::party::Before;
use crate::described::assert_described;
use crate::fapi::party::{LOGIN, MYINFO, Told};
use serde_json::Value;
use std::collections::BTreeSet;

/// Sends the request to a server of its own, with these faults armed; gives status and body.
pub(super) async fn sent(hostile: &Hostile, faults: &[&str]) -> (Before, u16, String) {
    let client = if matches!(hostile, Hostile::LoginAuth(_)) { LOGIN } else { MYINFO };
    let party = Before::new(client).await;
    for fault in faults {
        party.arm(fault).await;
    }
    let told = match hostile {
        Hostile::Auth(change) | Hostile::LoginAuth(change) => {
            let mut query = party.query();
            change(&mut query);
            party.visit(&party.auth_url(&query)).await
        }
        Hostile::Token(change) => {
            let mut draft = party.token(&party.code().await);
            change(&mut draft);
            party.send(&draft).await
        }
        Hostile::Userinfo(change) => {
            let mut draft = party.userinfo(&party.access_token().await);
            change(&mut draft);
            party.send(&draft).await
        }
        Hostile::Other(other) => by_another_way(&party, *other).await,
    };
    (party, told.status, told.body)
}

async fn by_another_way(party: &Before, other: Other) -> Told {
    match other {
        Other::AssertionAgain => {
            let first = party.token(&party.code().await);
            assert_eq!(party.send(&first).await.status, 200);
            let mut again = party.token(&party.code().await);
            again.assertion = first.assertion;
            party.send(&again).await
        }
        Other::CodeAgain | Other::CodeExpired => {
            let code = party.code().await;
            if matches!(other, Other::CodeAgain) {
                assert_eq!(party.send(&party.token(&code)).await.status, 200);
            } else {
                party.clock.advance_seconds(121);
            }
            party.send(&party.token(&code)).await
        }
        Other::TokenExpired => {
            let token = party.access_token().await;
            party.clock.advance_seconds(1801);
            party.send(&party.userinfo(&token)).await
        }
        Other::WithoutMyinfo => {
            let tokens = party.tokens_of("S0000013B").await;
            party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await
        }
    }
}

#[tokio::test]
async fn every_rule_has_a_hostile_request_that_breaks_it_alone() {
    for (rule, status, error, says, hostile) in CASES {
        let (party, answered, body) = sent(hostile, &[]).await;
        let exchange = party.newest().await;
        let error_of_page = error.starts_with("PX-");
        let named = if error_of_page { "" } else { *error };
        assert_described(&party.admin("openapi/oidc.json").await, &exchange, (rule, answered, named));
        let rules = exchange["rules"].as_array().unwrap().iter();
        let broken: Vec<&str> = rules
            .filter(|verdict| verdict["verdict"] == "broken")
            .map(|verdict| verdict["id"].as_str().unwrap())
            .collect();
        assert_eq!(broken, [*rule], "{says}: {}", exchange["refused"]);
        assert_eq!(answered, *status, "{rule}, {says}: {body}");
        let problem = &exchange["refused"];
        assert!(problem["cause"].as_str().unwrap().contains(says), "{rule}: {says}: {problem}");
        if error_of_page {
            assert!(body.contains(&format!("{error}: ")), "{rule}: {body}");
        } else {
            let wire: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(wire["error"], *error, "{rule}, {says}: {body}");
        }
    }
    let catalogue = Before::new(MYINFO).await.admin("rules").await;
    let ids = catalogue["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap());
    let known: BTreeSet<&str> = ids.filter(|id| id.starts_with("oidc.")).collect();
    // `settings` breaks the rule of sets at an address
    let tried: BTreeSet<&str> = CASES.iter().map(|(rule, ..)| *rule).chain(["oidc.client.keys"]).collect();
    assert_eq!(tried, known, "a rule that no hostile request breaks");
}

#[tokio::test]
async fn all_that_is_wrong_with_a_request_of_the_browser_is_told_at_once() {
    let party = Before::new(MYINFO).await;
    let mut query = party.query();
    for (name, value) in [("response_type", "token"), ("nonce", ""), ("code_challenge", "short")] {
        super::party::set(&mut query, name, value);
    }
    assert_eq!(party.visit(&party.auth_url(&query)).await.status, 400);
    let transaction = party.admin("transactions").await["transactions"][0].clone();
    let broken = ["oidc.auth.response-type", "oidc.auth.nonce", "oidc.auth.code-challenge"];
    assert_eq!(transaction["broken"], serde_json::json!(broken));
}

#[tokio::test]
async fn a_refused_token_request_uses_the_code_not_up() {
    let party = Before::new(MYINFO).await;
    let code = party.code().await;
    let mut wrong = party.token(&code);
    wrong.set("code_verifier", &"v".repeat(43));
    assert_eq!(party.send(&wrong).await.status, 400);
    assert_eq!(party.send(&party.token(&code)).await.status, 200, "the code is still good");
}
