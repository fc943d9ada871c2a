//! What each setting of `[oidc]` changes, and what the table of a client does.

use super::party::{Before, claims, remove};
use crate::fapi::party::{MYINFO, PERSONA, Party, REDIRECT, names, with, without};
use myinfo_fixtures::keys::ec;
use myinfo_mock_server::config::Config;
use serde_json::json;
use std::path::Path;

#[tokio::test]
async fn each_setting_changes_what_it_says() {
    let toml =
        "[oidc]\ncode_lifetime_seconds = 30\ntoken_lifetime_seconds = 100\nexpires_in = true\nuserinfo_enc = 'A256GCM'";
    let party = Before::with(MYINFO, toml).await;
    let late = party.code().await;
    party.clock.advance_seconds(31);
    assert_eq!(party.send(&party.token(&late)).await.json()["error"], "invalid_grant");
    let tokens = party.tokens_of(PERSONA).await;
    assert_eq!((names(&tokens).len(), &tokens["expires_in"]), (4, &json!(100)));
    let draft = party.userinfo(tokens["access_token"].as_str().unwrap());
    assert_eq!(Party::opened(&party.send(&draft).await.body)[0]["enc"], "A256GCM");
    party.clock.advance_seconds(101);
    assert_eq!(party.send(&draft).await.json()["error"], "invalid_token");
}

#[tokio::test]
async fn a_challenge_can_be_left_out_where_that_is_set_and_then_binds_nothing() {
    let party = Before::with(MYINFO, "[oidc]\npkce_required = false").await;
    let mut query = party.query();
    remove(&mut query, "code_challenge");
    let code = party.callback_of(PERSONA, &query).await["code"].clone();
    let mut token = party.token(&code);
    assert_eq!(party.send(&token).await.status, 400, "a verifier without a challenge");
    token = party.token(&code);
    token.remove("code_verifier");
    assert_eq!(party.send(&token).await.status, 200);
    // where there is one, it binds
    let mut token = party.token(&party.code().await);
    token.remove("code_verifier");
    assert_eq!(party.send(&token).await.json()["error"], "invalid_request");
}

#[tokio::test]
async fn what_real_clients_send_against_the_documents_is_taken_unless_it_is_strict() {
    let lenient = Before::new(MYINFO).await;
    let strict = Before::with(MYINFO, "[oidc]\nstrict = true").await;
    for (party, status) in [(&lenient, 200), (&strict, 401)] {
        let mut no_id = party.token(&party.code().await);
        without(&mut no_id.assertion().claims, "jti");
        let mut endpoint = party.token(&party.code().await);
        let url = endpoint.url.clone();
        with(&mut endpoint.assertion().claims, "aud", url);
        let mut no_typ = party.token(&party.code().await);
        without(&mut no_typ.assertion().header, "typ");
        for draft in [no_id, endpoint, no_typ] {
            let told = party.send(&draft).await;
            assert_eq!(told.status, status, "{}", told.body);
        }
        assert_eq!(party.send(&party.token(&party.code().await)).await.status, 200);
    }
}

#[tokio::test]
async fn an_agency_that_is_down_takes_the_whole_answer_with_it() {
    let party = Before::with(MYINFO, "[fapi]\nagencies_down = ['CPFB']").await;
    let mut query = party.query();
    super::party::set(&mut query, "scope", "openid name cpfcontributions");
    let code = party.callback_of(PERSONA, &query).await["code"].clone();
    let tokens = party.send(&party.token(&code)).await.json();
    let told = party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await;
    assert_eq!((told.status, &told.json()["error"]), (502, &json!("SERVER_SIDE_ERROR")));
    assert_eq!(party.person().await.status, 200, "nothing of that agency is asked for");
}

/// A client whose set is at this address or in the text.
fn client(keys: &str, profile: &str) -> String {
    format!(
        "[fapi]\njwks_tries = 1\n[[client]]\nid = '{MYINFO}'\nredirect_uris = ['{REDIRECT}']\n[client.fapi]\napp = 'myinfo'\n{keys}\n{profile}"
    )
}

#[tokio::test]
async fn a_client_has_a_profile_of_its_own() {
    let keys = format!("jwks = '''{}'''", ec::CLIENT_JWKS);
    let party = Before::with(MYINFO, &client(&keys, "[client.oidc]\nprofile = 'direct'")).await;
    assert!(claims(&party.tokens_of(PERSONA).await)["sub"].as_str().unwrap().starts_with("u="));
    let shown = party.admin(&format!("clients/{MYINFO}")).await;
    assert_eq!(shown["oidc"], json!({"profile": "direct"}), "{shown}");
    for (profile, says) in [
        ("[client.oidc]", "`direct`, `direct_pii_allowed` or `bridge`"),
        ("[client.oidc]\nprofile = 'dirct'", "direct"),
        ("[client.oidc]\nprofile = 'direct'\nscopes = []", "scopes"),
    ] {
        let problems = Config::from_toml(&client(&keys, profile), Path::new(".")).unwrap_err();
        assert!(format!("{problems:?}").contains(says), "{profile}: {problems:?}");
    }
    let alone = format!("[[client]]\nid = 'A'\nredirect_uris = ['{REDIRECT}']\n[client.oidc]\nprofile = 'direct'");
    let problems = Config::from_toml(&alone, Path::new(".")).unwrap_err();
    assert!(format!("{problems:?}").contains("stands without [client.fapi]"), "{problems:?}");
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_are_a_page_for_the_browser_and_invalid_client_at_token() {
    // nobody listens at this port, and there is no TLS to try
    let party = Before::with(MYINFO, &client("jwks_url = 'http://127.0.0.1:1/keys'", "")).await;
    let told = party.visit(&party.auth_url(&party.query())).await;
    assert_eq!(told.status, 400);
    assert!(told.body.contains("PX-E0101: "), "{}", told.body);
    assert_eq!(party.newest().await["refused"]["rule"], "oidc.client.keys");
    let told = party.send(&party.token("code")).await;
    assert_eq!((told.status, &told.json()["error"]), (401, &json!("invalid_client")));
    assert_eq!(party.newest().await["refused"]["rule"], "oidc.client.keys");
}
