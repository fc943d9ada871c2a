//! Each hostile request must be refused by its rule, and by nothing else.

use super::hostile::{CASES, Hostile, Other};
use super::party::{LOGIN, MYINFO, Party};
use crate::described::assert_described;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Sends the request to a server of its own, with these faults armed; gives status and body.
pub(super) async fn sent(hostile: &Hostile, faults: &[&str]) -> (Party, u16, String) {
    let client =
        if matches!(hostile, Hostile::LoginPar(_) | Hostile::Other(Other::LoginAtUserinfo)) { LOGIN } else { MYINFO };
    let party = Party::new(client).await;
    for fault in faults {
        party.arm(fault).await;
    }
    let told = match hostile {
        Hostile::Par(change) | Hostile::LoginPar(change) => {
            let mut draft = party.par();
            change(&mut draft);
            party.send(&draft).await
        }
        Hostile::Auth(change) => party.visit(&change(party.auth_url(&party.pushed().await))).await,
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

async fn by_another_way(party: &Party, other: Other) -> super::party::Told {
    match other {
        Other::AssertionAgain | Other::ProofAgain => {
            let (first, mut again) = (party.par(), party.par());
            assert_eq!(party.send(&first).await.status, 201);
            if matches!(other, Other::AssertionAgain) {
                again.assertion = first.assertion;
            } else {
                again.proof = first.proof;
            }
            party.send(&again).await
        }
        Other::RequestUriExpired => {
            let url = party.auth_url(&party.pushed().await);
            party.clock.advance_seconds(60);
            party.visit(&url).await
        }
        Other::RequestUriUsed => {
            let url = party.auth_url(&party.pushed().await);
            assert_eq!(party.visit(&url).await.status, 302);
            party.visit(&url).await
        }
        Other::CodeAgain | Other::CodeExpired => {
            let code = party.code().await;
            if matches!(other, Other::CodeAgain) {
                assert_eq!(party.send(&party.token(&code)).await.status, 200);
            } else {
                party.clock.advance_seconds(61);
            }
            party.send(&party.token(&code)).await
        }
        Other::TokenExpired => {
            let token = party.access_token().await;
            party.clock.advance_seconds(1801);
            party.send(&party.userinfo(&token)).await
        }
        Other::LoginAtUserinfo => party.send(&party.userinfo(&party.access_token().await)).await,
        Other::PersonGone => {
            let token = party.access_token().await;
            let url = format!("{}/_mock/personas/{}", party.mock.base_url(), super::party::PERSONA);
            assert_eq!(party.http.delete(url).send().await.unwrap().status(), 200);
            party.send(&party.userinfo(&token)).await
        }
    }
}

#[tokio::test]
async fn every_rule_of_fapi_has_a_hostile_request_that_breaks_it_alone() {
    for (rule, status, error, says, hostile) in CASES {
        let (party, answered, body) = sent(hostile, &[]).await;
        let exchange = party.newest().await;
        assert_described(&party.admin("openapi/fapi.json").await, &exchange, (rule, answered, error));
        let rules = exchange["rules"].as_array().unwrap();
        let broken: Vec<&str> = rules
            .iter()
            .filter(|verdict| verdict["verdict"] == "broken")
            .map(|verdict| verdict["id"].as_str().unwrap())
            .collect();
        assert_eq!(broken, [*rule], "{says}: {}", exchange["refused"]);
        assert_eq!(answered, *status, "{rule}, {says}: {body}");
        let problem = &exchange["refused"];
        assert!(problem["cause"].as_str().unwrap().contains(says), "{rule}: {says}: {problem}");
        if !error.is_empty() {
            let wire: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(wire["error"], *error, "{rule}, {says}: {body}");
            assert!(wire["error_description"].as_str().is_some_and(|text| text.len() > 10), "{body}");
        }
    }
    let party = Party::new(MYINFO).await;
    let catalogue = party.admin("rules").await;
    let ids = catalogue["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap());
    let known: BTreeSet<&str> = ids.filter(|id| id.starts_with("fapi.")).collect();
    // two rules are not examined with the settings at the start: `client_keys` and `settings` break them
    let tried = CASES.iter().map(|(rule, ..)| *rule).chain(["fapi.client.keys", "fapi.dpop.nonce"]);
    let tried: BTreeSet<&str> = tried.collect();
    assert_eq!(tried, known, "a rule that no hostile request breaks");
}

#[tokio::test]
async fn a_refused_request_uses_nothing_up() {
    let party = Party::new(MYINFO).await;
    let code = party.code().await;
    let mut wrong = party.token(&code);
    wrong.set("code_verifier", &"v".repeat(43));
    assert_eq!(party.send(&wrong).await.status, 400);
    let mut right = party.token(&code);
    (right.assertion, right.proof) = (wrong.assertion, wrong.proof);
    // the proof was good, and is used; the assertion was, too
    let told = party.send(&right).await;
    assert_eq!((told.status, &told.json()["error"]), (401, &json!("invalid_client")));
    assert_eq!(party.send(&party.token(&code)).await.status, 200, "the code is still good");
}

#[tokio::test]
async fn userinfo_tells_its_errors_in_the_challenge_too() {
    let party = Party::new(MYINFO).await;
    let mut draft = party.userinfo(&party.access_token().await);
    draft.authorization = None;
    let told = party.send(&draft).await;
    assert_eq!(told.status, 401);
    assert!(told.headers["www-authenticate"].starts_with("DPoP error=\"invalid_token\""), "{:?}", told.headers);
}
