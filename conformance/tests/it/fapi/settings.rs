//! What each setting of `[fapi]` changes.

use super::party::{MYINFO, Party, names};
use myinfo_mock_server::config::Config;
use serde_json::json;
use std::path::Path;
use url::Url;

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

#[tokio::test]
async fn a_demanded_nonce_is_given_checked_and_renewed_at_all_three_endpoints() {
    let party = Party::with(MYINFO, "[fapi]\ndpop_nonce = true").await;
    let first = demanded(&party, &party.par(), 400).await;
    let mut par = party.par();
    par.proof().claims["nonce"] = json!(first);
    let pushed = party.send(&par).await;
    assert_eq!(pushed.status, 201);
    let url = party.auth_url(pushed.json()["request_uri"].as_str().unwrap());
    let callback = Url::parse(&party.visit(&url).await.headers["location"]).unwrap();
    let code = callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    assert_eq!(demanded(&party, &party.token(&code), 400).await, first);
    let mut token = party.token(&code);
    token.proof().claims["nonce"] = json!(first);
    let tokens = party.send(&token).await.json();
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(demanded(&party, &party.userinfo(access), 401).await, first);
    for (seconds, status) in [(0, 200), (300, 200), (300, 401)] {
        party.clock.advance_seconds(seconds);
        let mut userinfo = party.userinfo(access);
        userinfo.proof().claims["nonce"] = json!(first);
        assert_eq!(party.send(&userinfo).await.status, status, "a nonce is taken for five minutes more");
    }
    assert_ne!(demanded(&party, &party.userinfo(access), 401).await, first);
}

/// Sends a request whose proof has no good nonce; gives the one that is demanded.
async fn demanded(party: &Party, draft: &super::party::Draft, status: u16) -> String {
    let told = party.send(draft).await;
    assert_eq!((told.status, &told.json()["error"]), (status, &json!("use_dpop_nonce")));
    let problem = party.newest().await["refused"].clone();
    assert_eq!(problem["rule"], "fapi.dpop.nonce", "{problem}");
    if status == 401 {
        assert!(told.headers["www-authenticate"].contains("error=\"use_dpop_nonce\""), "{:?}", told.headers);
    }
    told.headers["dpop-nonce"].clone()
}

#[tokio::test]
async fn an_agency_that_is_down_takes_the_whole_answer_with_it_where_it_is_asked() {
    let told = |scope: &'static str, toml: &'static str| async move {
        let party = Party::with(MYINFO, toml).await;
        let mut par = party.par();
        par.set("scope", scope);
        let pushed = party.send(&par).await.json();
        let url = party.auth_url(pushed["request_uri"].as_str().unwrap());
        let callback = Url::parse(&party.visit(&url).await.headers["location"]).unwrap();
        let code = callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let tokens = party.send(&party.token(&code)).await.json();
        party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await
    };
    let down = "[fapi]\nagencies_down = ['CPFB']";
    for scope in ["openid name cpfcontributions", "openid cpfbalances.oa"] {
        let told = told(scope, down).await;
        assert_eq!((told.status, &told.json()["error"]), (502, &json!("upstream_dependency_error")), "{scope}");
        assert!(told.body.contains("CPFB"), "{}", told.body);
    }
    assert_eq!(told("openid name noa", down).await.status, 200);
    assert_eq!(told("openid cpfcontributions", "").await.status, 200);
    let problems = Config::from_toml("[fapi]\nagencies_down = ['CPF']", Path::new(".")).unwrap_err();
    assert!(format!("{problems:?}").contains("CPFB, HDB"), "{problems:?}");
}
