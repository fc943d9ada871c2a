//! What each setting of `[fapi]` changes.

use super::party::{MYINFO, Party, names};
use serde_json::json;

#[tokio::test]
async fn each_setting_changes_what_it_says() {
    let party = Party::with(
        MYINFO,
        "[fapi]\nredirect_iss = false\nexpires_in = true\nuserinfo_enc = 'A256CBC-HS512'\nrequest_uri_seconds = 90\ntoken_lifetime_seconds = 100",
    )
    .await;
    assert_eq!(party.send(&party.par()).await.json()["expires_in"], 90);
    let callback = party.callback().await;
    assert!(!callback.contains_key("iss"));
    let tokens = party.send(&party.token(&callback["code"])).await.json();
    assert_eq!((names(&tokens).len(), &tokens["expires_in"]), (4, &json!(100)));
    let told = party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await;
    let [outer, ..] = Party::opened(&told.body);
    assert_eq!(outer["enc"], "A256CBC-HS512");
    let url = format!("{}/.well-known/openid-configuration", party.issuer());
    let metadata = party.visit(&url).await.json();
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], false);
    assert_eq!(metadata["userinfo_encryption_enc_values_supported"], json!(["A256CBC-HS512"]));
    party.clock.advance_seconds(101);
    let told = party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await;
    assert_eq!((told.status, &told.json()["error"]), (401, &json!("invalid_token")));
}

#[tokio::test]
async fn the_issuer_in_the_redirect_is_as_it_is_or_encoded() {
    for (toml, sent) in [("", "&iss=http://127.0.0.1"), ("[fapi]\nencoded_iss = true", "&iss=http%3A%2F%2F127.0.0.1")] {
        let party = Party::with(MYINFO, toml).await;
        let told = party.visit(&party.auth_url(&party.pushed().await)).await;
        assert!(told.headers["location"].contains(sent), "{}", told.headers["location"]);
    }
}

#[tokio::test]
async fn codes_proofs_and_clocks_have_the_time_that_is_set() {
    let party =
        Party::with(MYINFO, "[fapi]\ncode_lifetime_seconds = 30\nproof_window_seconds = 20\nskew_seconds = 5").await;
    let (late, old) = (party.code().await, party.par());
    party.clock.advance_seconds(31);
    assert_eq!(party.send(&party.token(&late)).await.json()["error"], "invalid_grant");
    let told = party.send(&old).await;
    assert_eq!((told.status, &told.json()["error"]), (400, &json!("invalid_dpop_proof")));
    let mut ahead = party.par();
    super::party::shift(&mut ahead.assertion().claims, 6);
    assert_eq!(party.send(&ahead).await.json()["error"], "invalid_client");
}
