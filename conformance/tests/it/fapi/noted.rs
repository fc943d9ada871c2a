//! What is taken although the documents want it otherwise, and refusals that need more than one request to be told whole.

use super::party::{Draft, MYINFO, Party, shift, with, without};
use myinfo_mock_server::config::Config;
use myinfo_mock_server::doctor::request::request;
use serde_json::{Value, json};
use std::path::Path;

/// What is said of it, the settings with which it is refused, and the request.
type Row = (&'static str, &'static str, fn(&mut Draft));

const STRICT: &str = "[fapi]\nstrict = true";

const TAKEN: &[Row] = &[
    (
        "`aud` is the endpoint's address: taken, but the document wants the issuer (requests_oauth2client",
        STRICT,
        |draft| {
            let url = draft.url.clone();
            with(&mut draft.assertion().claims, "aud", url);
        },
    ),
    ("`aud` is a list with the issuer in it", STRICT, |draft| {
        let issuer = draft.assertion().claims["aud"].clone();
        with(&mut draft.assertion().claims, "aud", json!([issuer]));
    }),
    ("there is no `typ`: taken, but the document wants `JWT` (openid-client", STRICT, |draft| {
        without(&mut draft.assertion().header, "typ");
    }),
    ("the proof is 121 s old", "[fapi]\nproof_window_seconds = 120", |draft| shift(&mut draft.proof().claims, -121)),
];

/// The status of a changed request to a server with these settings, and its notes.
async fn pushed(toml: &str, change: fn(&mut Draft)) -> (u16, String) {
    let party = Party::with(MYINFO, toml).await;
    let mut draft = party.par();
    change(&mut draft);
    let status = party.send(&draft).await.status;
    (status, party.newest().await["notes"].to_string())
}

#[tokio::test]
async fn what_is_taken_against_the_documents_is_noted_and_strictly_refused() {
    for (says, strict, change) in TAKEN {
        let (status, notes) = pushed("", *change).await;
        assert!(status == 201 && notes.contains("TAKEN") && notes.contains(says), "{says}: {status} {notes}");
        let (status, notes) = pushed(strict, *change).await;
        assert!(status >= 400 && !notes.contains("TAKEN"), "{says}: {status} {notes}");
    }
    let party = Party::new(MYINFO).await;
    assert_eq!(party.send(&party.par()).await.status, 201);
    assert_eq!(party.newest().await["notes"], json!([]), "of what the documents want there is nothing to say");
}

#[tokio::test]
async fn a_jti_that_was_used_is_told_with_when_and_where() {
    let party = Party::new(MYINFO).await;
    let mut token = party.token(&party.code().await);
    let pushed = party.par();
    assert_eq!(party.send(&pushed).await.status, 201);
    party.clock.advance_seconds(5);
    (token.assertion, token.proof) = (pushed.assertion, Some(party.proof("POST", &token.url, None)));
    assert_eq!(party.send(&token).await.status, 401);
    let problem = party.newest().await["refused"].clone();
    assert_eq!(problem["rule"], "fapi.assertion.once");
    let cause = problem["cause"].as_str().unwrap();
    assert!(cause.contains("was used 5 s ago, at ") && cause.contains(", on PAR"), "{cause}");
}

const FEW_SCOPES: &str = r#"
[[client]]
id = "TESTBEDxMYINFOxAPPx0000000000001"
redirect_uris = ["http://localhost:3001/callback"]
[client.fapi]
app = "myinfo"
jwks = '@KEYS@'
scopes = ["uinfin"]
"#;

#[tokio::test]
async fn a_scope_that_the_client_may_not_ask_for_is_named() {
    let toml = FEW_SCOPES.replace("@KEYS@", &myinfo_fixtures::keys::ec::CLIENT_JWKS.replace('\n', " "));
    let party = Party::with(MYINFO, &toml).await;
    let told = party.send(&party.par()).await;
    assert_eq!((told.status, &told.json()["error"]), (400, &json!("invalid_scope")));
    let cause = party.newest().await["refused"]["cause"].to_string();
    assert!(cause.contains("`name` is not among the `scopes` that are registered for this client"), "{cause}");
}

/// A configuration that knows the party's server by its address.
fn config(party: &Party) -> Config {
    let mut config = Config::from_toml("", Path::new(".")).unwrap();
    config.add_public_url(&party.mock.base_url()).unwrap();
    config
}

/// The request of a draft in each form that `doctor request` takes.
fn written(draft: &Draft, party: &Party) -> [String; 3] {
    let built = party.request(draft).build().unwrap();
    let body = String::from_utf8(built.body().unwrap().as_bytes().unwrap().to_vec()).unwrap();
    let headers: Vec<(String, String)> =
        built.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let host = built.url().authority();
    let lines = headers.iter().fold(String::new(), |all, (name, value)| format!("{all}{name}: {value}\r\n"));
    let options = headers.iter().fold(String::new(), |all, (name, value)| format!("{all} -H '{name}: {value}'"));
    let named: Vec<Value> = headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let har = json!({"log": {"entries": [{"request": {
        "method": draft.method, "url": draft.url, "headers": named, "queryString": [],
        "postData": {"mimeType": draft.content_type, "text": body},
    }}]}});
    [
        format!("POST {} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n{body}", built.url().path()),
        format!("curl -X POST '{}'{options} --data '{body}'", draft.url),
        har.to_string(),
    ]
}

#[tokio::test]
async fn a_request_out_of_a_file_is_held_against_the_rules_of_fapi() {
    let party = Party::new(MYINFO).await;
    let mut now = party.par();
    let real = myinfo_conformance::clock::milliseconds() / 1000;
    let made = now.assertion().claims["iat"].as_u64().unwrap();
    let to_now = |draft: &mut Draft| {
        let seconds = i64::try_from(real).unwrap() - i64::try_from(made).unwrap();
        shift(&mut draft.assertion().claims, seconds);
        shift(&mut draft.proof().claims, seconds);
    };
    to_now(&mut now);
    for text in written(&now, &party) {
        let report = request(&config(&party), &text).unwrap();
        assert!(report.healthy, "{}", report.text);
    }
    let mut wrong = party.par();
    to_now(&mut wrong);
    wrong.assertion().kid = "client-enc-p256";
    with(&mut wrong.proof().claims, "htm", "GET");
    wrong.set("scope", "openid,uinfin");
    for text in written(&wrong, &party) {
        let report = request(&config(&party), &text).unwrap();
        let flat = report.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for says in [
            "the client's encryption key `client-enc-p256` made it",
            "`htm` is `GET`, the request was a POST",
            "`scope` has a comma",
        ] {
            assert!(!report.healthy && flat.contains(says), "{says}: {}", report.text);
        }
    }
}

#[tokio::test]
async fn an_access_token_is_known_with_its_signature_alone() {
    let party = Party::new(MYINFO).await;
    let token = party.access_token().await;
    let (text, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let changed = format!("{text}.{first}{}", &signature[1..]);
    let told = party.send(&party.userinfo(&changed)).await;
    assert_eq!((told.status, &told.json()["error"]), (401, &json!("invalid_token")));
    assert_eq!(party.send(&party.userinfo(&token)).await.status, 200);
    // by a key that signed before, it is verified
    let url = format!("{}/_mock/keys", party.mock.base_url());
    let told = party.http.post(url).json(&json!({"change": "now"})).send().await.unwrap();
    assert!(told.status().is_success(), "{}", told.text().await.unwrap());
    assert_eq!(party.send(&party.userinfo(&token)).await.status, 200);
    assert_eq!(party.send(&party.userinfo(&changed)).await.status, 401);
}
