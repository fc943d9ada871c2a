//! Each open question of the specification is a setting, and each setting changes what it says.

use crate::support::{NOW, Rig, changed, rig_with, told};
use serde_json::Value;
use std::collections::BTreeMap;

async fn with(setting: &str) -> Rig {
    rig_with("com", &format!("[v3]\n{setting}"), |builder| builder).await
}

async fn callback(rig: &Rig, attributes: &str, persona: &str) -> BTreeMap<String, String> {
    let url = rig.client.authorise_url(attributes, "s").unwrap();
    rig.client.callback(url, persona).await.unwrap().query_pairs().into_owned().collect()
}

#[tokio::test]
async fn the_spelling_of_the_description() {
    for (setting, hyphen, underscore) in [("hyphen", true, false), ("underscore", false, true), ("both", true, true)] {
        let pairs = callback(&with(&format!("error_description = '{setting}'")).await, "name", "error:500").await;
        assert_eq!(
            (pairs.contains_key("error-description"), pairs.contains_key("error_description")),
            (hyphen, underscore)
        );
    }
}

#[tokio::test]
async fn the_status_and_body_of_a_bad_signature() {
    for (setting, status, body) in [
        ("", 500, r#"{"code":"500","message":"Invalid PKI Signature"}"#),
        (
            "bad_signature_status = 401\ntoken_error_code = 'number'",
            401,
            r#"{"code":401,"message":"Invalid PKI Signature"}"#,
        ),
        ("error_fields = true", 500, r#"{"code":"500","message":"Invalid PKI Signature","fields":""}"#),
    ] {
        let rig = with(setting).await;
        let told =
            changed(&rig.client, &rig.client.token_draft("c"), |draft| draft.signed_url.push('x')).await.unwrap();
        assert_eq!(told, (status, body.to_owned()));
    }
}

#[tokio::test]
async fn the_skew_the_nonce_window_and_the_life_of_a_code() {
    let rig = with("skew_seconds = 10\nnonce_window_seconds = 20\ncode_lifetime_seconds = 30").await;
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    let draft = rig.client.token_draft(&code);
    let (status, _) =
        changed(&rig.client, &draft, |draft| draft.header.timestamp = (NOW - 10_001).to_string()).await.unwrap();
    assert_eq!(status, 401);
    let (status, _) =
        changed(&rig.client, &draft, |draft| draft.header.timestamp = (NOW - 10_000).to_string()).await.unwrap();
    assert_eq!(status, 200);
    // after the window the same nonce is free again; the code is not
    rig.clock.advance_seconds(20);
    let later =
        |draft: &mut myinfo_conformance::server::client::v3::Draft| draft.header.timestamp = (NOW + 20_000).to_string();
    let (status, body) = changed(&rig.client, &draft, later).await.unwrap();
    assert_eq!((status, body.contains("authorization code")), (400, true), "{body}");
    let (status, body) = changed(&rig.client, &draft, later).await.unwrap();
    assert_eq!((status, body.contains("nonce")), (401, true), "{body}");
    let young = rig.client.code("name", "S6005048A").await.unwrap();
    rig.clock.advance_seconds(30);
    let (status, _) = changed(&rig.client, &rig.client.token_draft(&young), |draft| {
        draft.header.timestamp = (NOW + 50_000).to_string()
    })
    .await
    .unwrap();
    assert_eq!(status, 400);
}

#[tokio::test]
async fn the_type_of_the_code_in_errors_of_person() {
    for (setting, code) in
        [("", "401"), ("person_error_code = 'number'", "401"), ("person_error_code = 'text'", "\"401\"")]
    {
        let rig = with(setting).await;
        let token = rig.client.token(&rig.client.code("name", "S6005048A").await.unwrap()).await.unwrap();
        let mut draft = rig.client.person_draft(&token, "name");
        draft.bearer = Some("no token at all".to_owned());
        let (status, body) = told(rig.client.send(&draft).await.unwrap()).await;
        assert_eq!((status, body.contains(&format!("{{\"code\":{code},"))), (401, true), "{setting}: {body}");
    }
}

#[tokio::test]
async fn how_long_an_access_token_lives() {
    let rig = with("token_lifetime_seconds = 60").await;
    let token = rig.client.token(&rig.client.code("name", "S6005048A").await.unwrap()).await.unwrap();
    let claims: Value = serde_json::from_str(&token.payload).unwrap();
    assert_eq!((claims["exp"].as_u64(), claims["expires_in"].as_u64()), (Some(NOW / 1000 + 60), Some(60)));
    assert_eq!(token.answer["expires_in"].to_string().trim_matches('"'), "59", "a second is gone on its way");
    for (seconds, expected) in [(59, 200), (60, 401)] {
        rig.clock.advance_seconds(if seconds == 59 { 59 } else { 1 });
        let mut draft = rig.client.person_draft(&token, "name");
        draft.header.timestamp = (NOW + seconds * 1000).to_string();
        let (status, body) = told(rig.client.send(&draft).await.unwrap()).await;
        assert_eq!(status, expected, "after {seconds} seconds: {body}");
    }
}

#[tokio::test]
async fn an_expired_token_is_expired_however_long_tokens_live() {
    for lifetime in [60, 3600] {
        let rig = with(&format!("token_lifetime_seconds = {lifetime}")).await;
        for (fault, ago) in [("access-token-expired", 3600), ("access-token-expired-30-seconds", 30)] {
            let url = format!("{}/_mock/faults", rig.mock.base_url());
            let armed =
                rig.client.http.post(url).json(&serde_json::json!({"id": fault, "times": 1})).send().await.unwrap();
            assert_eq!(armed.status(), 200);
            let token = rig.client.token(&rig.client.code("name", "S6005048A").await.unwrap()).await.unwrap();
            let claims: Value = serde_json::from_str(&token.payload).unwrap();
            assert_eq!(claims["exp"].as_u64(), Some(NOW / 1000 - ago), "{fault} with tokens of {lifetime} s");
        }
    }
}

/// A persona's document for some attributes, as the sandbox tells it.
async fn sample(rig: &Rig, persona: &str, attributes: &str) -> Value {
    let url = format!("{}/com/v3/person-sample/{persona}?attributes={attributes}", rig.client.base_url);
    rig.client.http.get(url).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn what_is_sent_of_an_item_that_the_record_has_not() {
    for (setting, there) in [("", true), ("missing_items = 'unavailable'", true), ("missing_items = 'omitted'", false)]
    {
        let person = sample(&with(setting).await, "S6005048A", "gstvoucher").await;
        assert_eq!(person.get("gstvoucher").is_some(), there, "{setting}: {person}");
        assert!(!there || person["gstvoucher"]["unavailable"] == true, "{setting}: {person}");
    }
}

#[tokio::test]
async fn the_spelling_of_the_type_of_an_address_abroad() {
    for (setting, expected) in [("", "UNFORMATTED"), ("unformatted_mixed_case = true", "Unformatted")] {
        let person = sample(&with(setting).await, "S6005055D", "regadd").await;
        assert_eq!(person["regadd"]["type"], expected, "{setting}: {person}");
    }
}

#[tokio::test]
async fn the_status_of_the_pages() {
    let rig = with("unknown_client_status = 404\nredirect_mismatch_status = 403").await;
    let get = |query: &str| rig.client.http.get(format!("{}/com/v3/authorise?{query}", rig.client.base_url)).send();
    assert_eq!(get("client_id=X").await.unwrap().status(), 404);
    assert_eq!(get("client_id=TESTBED-CLIENT&redirect_uri=x").await.unwrap().status(), 403);
}

#[tokio::test]
async fn the_realm_and_issuer_of_gov_tokens() {
    let rig =
        rig_with("gov", "[v3]\ngov_realm = 'realm-x'\nissuer_origin = 'https://i.example'", |builder| builder).await;
    let token = rig.client.token(&rig.client.code("name", "S6005048A").await.unwrap()).await.unwrap();
    assert!(
        token.payload.contains(r#""realm":"realm-x","iss":"https://i.example/serviceauth/realm-x""#),
        "{}",
        token.payload
    );
}

#[tokio::test]
async fn whether_a_reused_code_revokes_the_token() {
    for (setting, status) in [("code_reuse_revokes_token = false", 200), ("code_reuse_revokes_token = true", 401)] {
        let rig = with(setting).await;
        let code = rig.client.code("name", "S6005048A").await.unwrap();
        let token = rig.client.token(&code).await.unwrap();
        assert_eq!(told(rig.client.send(&rig.client.token_draft(&code)).await.unwrap()).await.0, 400);
        let (found, body) = told(rig.client.send(&rig.client.person_draft(&token, "name")).await.unwrap()).await;
        assert_eq!(found, status, "{body}");
    }
}

#[tokio::test]
async fn which_text_goes_with_which_bad_attribute() {
    let pairs = callback(&with("unknown_attribute_text = 'client'").await, "nmae", "S6005048A").await;
    assert_eq!(pairs["error-description"], "Invalid client scope");
}

#[tokio::test]
async fn gzip_for_those_who_ask() {
    for (setting, expected) in [("gzip = false", None), ("gzip = true", Some("gzip"))] {
        let rig = with(setting).await;
        let answer = rig.client.http.get(format!("{}/com/v3/person-sample/S6005048A", rig.client.base_url));
        let answer = answer.header("Accept-Encoding", "gzip;q=1.0,deflate;q=0.6").send().await.unwrap();
        assert_eq!(answer.headers().get("content-encoding").map(|value| value.to_str().unwrap()), expected);
    }
}

#[tokio::test]
async fn how_long_a_state_and_a_purpose_may_be() {
    let rig = with("text_limit = 20").await;
    let plain = rig.client.authorise_url("name", "s").unwrap();
    let with_text = |name: &str, text: &str| {
        let mut url = plain.clone();
        let others: Vec<(String, String)> = plain
            .query_pairs()
            .filter(|(known, _)| known != name)
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(&others).append_pair(name, text);
        url
    };
    for name in ["state", "purpose"] {
        for (text, status) in [("s".repeat(20), 302), ("s".repeat(21), 400), ("ü".repeat(11), 400)] {
            let (found, body) = told(rig.client.http.get(with_text(name, &text)).send().await.unwrap()).await;
            assert_eq!(found, status, "{name}={text}: {body}");
            let says = format!("{name} has {} bytes; at most 20 are taken", text.len());
            assert_eq!(body.contains(&says), status == 400, "{body}");
        }
    }
    let usual = rig_with("com", "", |builder| builder).await;
    let url = usual.client.authorise_url("name", &"s".repeat(4097)).unwrap();
    assert_eq!(usual.client.http.get(url).send().await.unwrap().status(), 400, "there is a limit without the setting");
}

#[tokio::test]
async fn what_a_repeated_parameter_does() {
    let rig = with("repeated_parameters = 'last'").await;
    let url = format!("{}/com/v3/person-sample/S6005048A?attributes=sex&attributes=name", rig.client.base_url);
    let body = rig.client.http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(body.contains("ANDY LAU") && !body.contains("\"sex\""), "{body}");
    let rig = with("repeated_parameters = 'refuse'").await;
    let url = format!("{}/com/v3/person-sample/S6005048A?attributes=sex&attributes=name", rig.client.base_url);
    assert_eq!(rig.client.http.get(url).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn the_status_of_an_attribute_outside_the_consent() {
    let rig = with("unconsented_attribute_status = 401").await;
    let token = rig.client.token(&rig.client.code("name", "S6005048A").await.unwrap()).await.unwrap();
    assert_eq!(told(rig.client.send(&rig.client.person_draft(&token, "sex")).await.unwrap()).await.0, 401);
}

#[tokio::test]
async fn the_older_callback_and_the_token_answer_without_refresh_token() {
    let rig = with("legacy_callback = true\nrefresh_token = false").await;
    let pairs = callback(&rig, "name,sex", "S6005048A").await;
    assert_eq!((pairs["scope"].as_str(), pairs["client_id"].as_str()), ("name sex", "TESTBED-CLIENT"));
    assert!(pairs["iss"].ends_with("/serviceauth/myinfo-com"));
    let token = rig.client.token(&pairs["code"]).await.unwrap();
    assert!(token.answer.get("refresh_token").is_none());
}

#[tokio::test]
async fn the_sandbox_without_any_authorization_as_rails_calls_it() {
    let rig = rig_with("com", "[server]\nflavour = 'sandbox'\n[v3]\nsandbox_bearer = false", |builder| builder).await;
    let url = rig.client.endpoint("person/S6005048A/") + "?client_id=TESTBED-CLIENT&attributes=name";
    let (status, body) = told(rig.client.http.get(url).send().await.unwrap()).await;
    assert_eq!((status, body.contains("ANDY LAU")), (200, true), "{body}");
}

#[tokio::test]
async fn public_urls_are_tried_with_and_without_their_port() {
    let rig = rig_with(
        "com",
        "[server]\npublic_urls = ['https://test.api.myinfo.gov.sg', 'https://localhost:18443']",
        |builder| builder,
    )
    .await;
    for signed in [
        format!("{}/com/v3/token", rig.client.base_url),
        "http://127.0.0.1/com/v3/token".to_owned(),
        "https://test.api.myinfo.gov.sg/com/v3/token".to_owned(),
        "https://test.api.myinfo.gov.sg:443/com/v3/token".to_owned(),
        "https://localhost:18443/com/v3/token".to_owned(),
        "https://localhost/com/v3/token".to_owned(),
    ] {
        let code = rig.client.code("name", "S6005048A").await.unwrap();
        let mut draft = rig.client.token_draft(&code);
        draft.signed_url.clone_from(&signed);
        let (status, body) = told(rig.client.send(&draft).await.unwrap()).await;
        assert_eq!(status, 200, "{signed}: {body}");
    }
    let mut draft = rig.client.token_draft("c");
    draft.signed_url = "https://api.myinfo.gov.sg/com/v3/token".to_owned();
    assert_eq!(told(rig.client.send(&draft).await.unwrap()).await.0, 500);
}
