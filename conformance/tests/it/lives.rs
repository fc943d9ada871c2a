//! Tokens of a realm's earlier lives: after a reset, and where a deleted realm is made again, they are good no longer.

use crate::support::{Rig, newest, rig, rig_with, told};
use myinfo_conformance::server::client::v3::Token;
use serde_json::{Value, json};

async fn admin(rig: &Rig, method: reqwest::Method, path: &str, body: Value) {
    // the client may speak to a realm of its own; the realms are made at the server's
    let url = format!("{}/_mock/{path}", rig.mock.base_url());
    let answer = rig.client.http.request(method, url).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
}

async fn reset(rig: &Rig) {
    let url = format!("{}/_mock/reset", rig.client.base_url);
    rig.client.http.post(url).json(&json!({})).send().await.unwrap().error_for_status().unwrap();
}

async fn token(rig: &Rig) -> Token {
    rig.client.token(&rig.client.code("name", "S6005048A").await.unwrap()).await.unwrap()
}

fn id(token: &Token) -> String {
    let claims: Value = serde_json::from_str(&token.payload).unwrap();
    claims["jti"].as_str().unwrap().to_owned()
}

/// Status and body of a person request with a token.
async fn person(rig: &Rig, token: &Token) -> (u16, String) {
    told(rig.client.send(&rig.client.person_draft(token, "name")).await.unwrap()).await
}

/// The journal's cause of a person request that must be refused for its token's age, in the realm that the client speaks to.
async fn forgotten(rig: &Rig, token: &Token) -> String {
    let (status, body) = person(rig, token).await;
    assert_eq!((status, body.as_str()), (401, "{\"code\":401,\"message\":\"Invalid access token\"}"));
    let url = format!("{}/_mock/exchanges", rig.client.base_url);
    let all: Value = rig.client.http.get(url).send().await.unwrap().json().await.unwrap();
    let refused = all["exchanges"].as_array().unwrap().last().unwrap()["refused"].clone();
    assert_eq!(refused["rule"], "v3.person.bearer-unexpired");
    refused["cause"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_reset_forgets_the_tokens_given_out_before_it() {
    for context in ["com", "gov"] {
        let rig = rig(context).await;
        let (first, spare) = (token(&rig).await, rig.client.code("name", "S6005048A").await.unwrap());
        assert_eq!(person(&rig, &first).await.0, 200);
        reset(&rig).await;
        let cause = forgotten(&rig, &first).await;
        assert!(cause.contains("was issued before the reset at 2023-11-14T22:13:20.000Z, which forgot it"), "{cause}");
        assert_eq!(rig.client.send(&rig.client.token_draft(&spare)).await.unwrap().status(), 400, "codes, too");
        let second = token(&rig).await;
        assert_eq!(person(&rig, &second).await.0, 200);
        assert!(id(&second).len() == 40 && id(&second).bytes().all(|byte| byte.is_ascii_alphanumeric()));
        rig.clock.advance_seconds(60);
        reset(&rig).await;
        let mut late = rig.client.person_draft(&second, "name");
        late.header.timestamp = (crate::support::NOW + 60_000).to_string();
        assert_eq!(rig.client.send(&late).await.unwrap().status(), 401);
        let cause = newest(&rig).await["refused"]["cause"].as_str().unwrap().to_owned();
        assert!(cause.contains("before the reset at 2023-11-14T22:14:20.000Z"), "{cause}");
    }
}

#[tokio::test]
async fn a_reset_does_not_take_a_revocation_back() {
    let rig = rig_with("com", "[v3]\ncode_reuse_revokes_token = true\n", |builder| builder).await;
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    let revoked = rig.client.token(&code).await.unwrap();
    assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), 400, "the code is used up");
    let cause = forgotten(&rig, &revoked).await;
    assert!(cause.contains("revoked"), "{cause}");
    reset(&rig).await;
    let cause = forgotten(&rig, &revoked).await;
    assert!(cause.contains("before the reset"), "{cause}");
}

#[tokio::test]
async fn a_token_of_a_deleted_realm_is_none_of_the_next_one_of_its_name() {
    let mut rig = rig("com").await;
    let base = rig.mock.base_url();
    let make = || json!({"name": "mine", "seed": 7});
    rig.client.base_url = format!("{base}/_realm/mine");
    let mut ids = Vec::new();
    let mut tokens: Vec<Token> = Vec::new();
    for round in 0..3 {
        admin(&rig, reqwest::Method::POST, "realms", make()).await;
        let own = token(&rig).await;
        assert_eq!(person(&rig, &own).await.0, 200);
        for old in &tokens {
            let cause = forgotten(&rig, old).await;
            assert!(cause.contains("issued by an earlier realm of this name, which was deleted"), "{cause}");
        }
        ids.push(id(&own));
        tokens.push(own);
        if round == 1 {
            reset(&rig).await;
            let cause = forgotten(&rig, &tokens[1]).await;
            assert!(cause.contains("before the reset") && cause.contains("or by an earlier realm"), "{cause}");
            tokens.push(token(&rig).await);
        }
        admin(&rig, reqwest::Method::DELETE, "realms/mine", json!({})).await;
    }
    // the same seed draws the same ids; their ends alone tell the lives apart
    assert!(ids.iter().all(|id| id[..32] == ids[0][..32]) && ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
    // the default realm and others know nothing of it
    rig.client.base_url = base;
    assert_eq!(person(&rig, &token(&rig).await).await.0, 200);
}

#[tokio::test]
async fn the_first_life_draws_ids_as_it_did_before() {
    let one = rig("com").await;
    let two = rig("com").await;
    let (first, again) = (id(&token(&one).await), id(&token(&two).await));
    assert_eq!(first, again, "a seed repeats them");
    reset(&one).await;
    assert_ne!(id(&token(&one).await)[32..], id(&token(&two).await)[32..]);
}

#[tokio::test]
async fn realms_with_an_issuer_of_their_own_take_their_own_tokens_and_no_other() {
    let mut rig = rig("com").await;
    let base = rig.mock.base_url();
    let settings = json!({"v3": {"issuer_origin": "https://test.api.myinfo.gov.sg"}});
    for name in ["one", "two"] {
        admin(&rig, reqwest::Method::POST, "realms", json!({"name": name, "config": settings})).await;
    }
    rig.client.base_url = format!("{base}/_realm/one");
    let own = token(&rig).await;
    assert!(own.payload.contains("\"iss\":\"https://test.api.myinfo.gov.sg/serviceauth/myinfo-com\""));
    assert_eq!(person(&rig, &own).await.0, 200);
    rig.client.base_url = format!("{base}/_realm/two");
    let cause = forgotten(&rig, &own).await;
    assert!(cause.contains("was issued by another realm"), "{cause}");
    assert_eq!(person(&rig, &token(&rig).await).await.0, 200);
}
