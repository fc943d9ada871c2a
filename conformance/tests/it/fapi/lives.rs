//! Access tokens of FAPI after a reset, and in a realm that was made again.

use super::party::{MYINFO, Party};
use serde_json::json;

async fn admin(party: &Party, method: reqwest::Method, path: &str, body: serde_json::Value) {
    let url = format!("{}/_mock/{path}", party.mock.base_url());
    party.http.request(method, url).json(&body).send().await.unwrap().error_for_status().unwrap();
}

/// The journal's rule and cause of a userinfo request with a token that must be refused.
async fn forgotten(party: &Party, token: &str) -> (String, String) {
    let told = party.send(&party.userinfo(token)).await;
    assert_eq!((told.status, &told.json()["error"]), (401, &json!("invalid_token")), "{}", told.body);
    let refused = party.newest().await["refused"].clone();
    let text = |name: &str| refused[name].as_str().unwrap().to_owned();
    (text("rule"), text("cause"))
}

#[tokio::test]
async fn a_reset_forgets_the_tokens_given_out_before_it() {
    let party = Party::new(MYINFO).await;
    let first = party.access_token().await;
    assert_eq!(party.send(&party.userinfo(&first)).await.status, 200);
    admin(&party, reqwest::Method::POST, "reset", json!({})).await;
    let (rule, cause) = forgotten(&party, &first).await;
    assert_eq!(rule, "fapi.userinfo.token-alive");
    assert!(cause.contains("was issued before the reset at 2023-11-14T22:13:20.000Z, which forgot it"), "{cause}");
    let second = party.access_token().await;
    assert_eq!(party.send(&party.userinfo(&second)).await.status, 200);
    admin(&party, reqwest::Method::POST, "reset", json!({})).await;
    assert_eq!(forgotten(&party, &second).await.0, "fapi.userinfo.token-alive");
}

#[tokio::test]
async fn a_token_of_a_key_that_the_reset_took_back_is_said_to_be_one() {
    let party = Party::new(MYINFO).await;
    admin(&party, reqwest::Method::POST, "keys", json!({"change": "overlap"})).await;
    let token = party.access_token().await;
    assert_eq!(party.send(&party.userinfo(&token)).await.status, 200);
    admin(&party, reqwest::Method::POST, "reset", json!({})).await;
    let (rule, cause) = forgotten(&party, &token).await;
    assert_eq!(rule, "fapi.userinfo.token");
    assert!(
        cause.contains("before the reset at 2023-11-14T22:13:20.000Z may have a key that the reset took"),
        "{cause}"
    );
}

#[tokio::test]
async fn a_token_of_a_deleted_realm_is_none_of_the_next_one_of_its_name() {
    let party = Party::new(MYINFO).await.in_realm("mine");
    let mut earlier: Option<String> = None;
    for _ in 0..2 {
        admin(&party, reqwest::Method::POST, "realms", json!({"name": "mine", "seed": 7})).await;
        let own = party.access_token().await;
        assert_eq!(party.send(&party.userinfo(&own)).await.status, 200);
        if let Some(old) = earlier.replace(own) {
            let (rule, cause) = forgotten(&party, &old).await;
            assert_eq!(rule, "fapi.userinfo.token-alive");
            assert!(cause.contains("issued by an earlier realm of this name, which was deleted"), "{cause}");
        }
        admin(&party, reqwest::Method::DELETE, "realms/mine", json!({})).await;
    }
}
