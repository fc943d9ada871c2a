//! `--seed` over FAPI: request URIs, codes, ECDSA signatures, ephemeral keys and new signing keys are the same in every run.

use super::party::{MYINFO, Party};
use serde_json::json;

/// What came, in the order of the flow; in the end after another key signs.
async fn run(seed: u64) -> Vec<String> {
    let party = Party::seeded(MYINFO, seed).await;
    let pushed = party.pushed().await;
    let callback = party.visit(&party.auth_url(&pushed)).await.headers["location"].clone();
    let code =
        url::Url::parse(&callback).unwrap().query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let tokens = party.send(&party.token(&code)).await.json();
    let userinfo = party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await.body;
    Party::opened(tokens["id_token"].as_str().unwrap());
    Party::opened(&userinfo);
    let base = party.issuer().replace("/fapi", "");
    let changed = party.http.post(format!("{base}/_mock/keys")).json(&json!({"change": "now"})).send().await.unwrap();
    assert_eq!(changed.status(), 200);
    let keys = party.visit(&format!("{base}/.well-known/keys")).await.body;
    vec![pushed, callback, tokens.to_string(), userinfo, keys]
}

#[tokio::test]
async fn with_a_seed_every_answer_is_the_same_in_every_run() {
    let (first, again, other) = (run(7).await, run(7).await, run(8).await);
    assert_eq!(first, again);
    for (place, (one, another)) in first.iter().zip(&other).enumerate() {
        assert_ne!(one, another, "{place}: by another seed");
    }
}
