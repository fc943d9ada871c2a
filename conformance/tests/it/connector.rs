//! The reference connector against the mock, and against answers that it must refuse.

use crate::support::{NOW, now, rig_with, told};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use myinfo_conformance::http::client as http;
use myinfo_connector::ambient::{Stamp, System};
use myinfo_connector::error::{AuthorisationError, Endpoint, Error};
use myinfo_connector::person::{Address, Field};
use myinfo_connector::transport::{Network, Response, Transport, TransportOptions};
use myinfo_connector::v3::authorise::{self, Code};
use myinfo_connector::v3::{Config, Context, Environment, Flavour, person, token};
use myinfo_connector::{Connector, State};
use myinfo_fixtures::keys;
use myinfo_mock_server::MockServer;
use serde_json::{Value, json};

const ATTRIBUTES: [&str; 7] = ["uinfin", "name", "sex", "dob", "nationality", "regadd", "vehicles.make"];

fn config(base_url: &str, context: Context, flavour: Flavour) -> Config {
    Config::builder(Environment::Custom { base_url: base_url.to_owned(), flavour })
        .context(context)
        .client(keys::CLIENT_ID, keys::CLIENT_SECRET)
        .redirect_uri(keys::CLIENT_REDIRECT_URI)
        .attributes(ATTRIBUTES)
        .purpose("a purpose with spaces, & and ü")
        .esvc_id("MYINFO-CONSENTPLATFORM")
        .txn_no("a number+1%")
        .private_key(keys::CLIENT_KEY_PEM.as_bytes(), None)
        .unwrap()
        .myinfo_key(keys::MYINFO_CERT_PEM.as_bytes())
        .unwrap()
        .build()
        .unwrap()
}

/// Follows the authorise address as a persona and returns the callback address.
async fn visit(url: &str, persona: &str) -> String {
    let answer = http().unwrap().get(url).header("X-Myinfo-Mock-Persona", persona).send().await.unwrap();
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_connector_gets_the_person_in_both_contexts_and_flavours() {
    for flavour in [Flavour::Protected, Flavour::Sandbox] {
        for context in [Context::Com, Context::Gov] {
            let mock = MockServer::builder();
            let mock = if flavour == Flavour::Sandbox {
                mock.flavour(myinfo_mock_server::config::Flavour::Sandbox)
            } else {
                mock
            };
            let mock = mock.start().await.unwrap();
            let connector = Connector::new(config(&mock.base_url(), context, flavour)).unwrap();
            let login = connector.begin().await.unwrap();
            let callback = visit(&login.url, "S6005048A").await;
            let person = connector.finish(&callback, login.kept).await.unwrap();
            assert_eq!(person.name().value(), Some("ANDY LAU"));
            assert_eq!(person.uinfin().value(), Some("S6005048A"));
            assert!(matches!(person.regadd().value(), Some(Address::Singapore { block: "319", postal: "542319", .. })));
            assert_eq!(person.records("vehicles"), Field::NoRecords);
            let expected = json!({"no_rule_broken": true, "called": {"authorise": 1, "token": 1, "person": 1}});
            let url = format!("{}/_mock/assertions", mock.base_url());
            let (status, found) = told(http().unwrap().post(url).json(&expected).send().await.unwrap()).await;
            assert_eq!(status, 200, "{found}");
        }
    }
}

#[tokio::test]
async fn every_key_format_works_end_to_end() {
    use openssl::pkcs12::Pkcs12;
    use openssl::pkey::PKey;
    use openssl::x509::X509;
    let mock = MockServer::builder().auto_login("S6005048A").start().await.unwrap();
    let key = PKey::private_key_from_pem(keys::CLIENT_KEY_PEM.as_bytes()).unwrap();
    let certificate = X509::from_pem(keys::CLIENT_CERT_PEM.as_bytes()).unwrap();
    let mut bundle = Pkcs12::builder();
    bundle.pkey(&key).cert(&certificate);
    let p12 = bundle.build2("open sesame").unwrap().to_der().unwrap();
    let encrypted =
        key.private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_256_cbc(), b"open sesame").unwrap();
    for private in [p12, encrypted, key.private_key_to_der().unwrap()] {
        let config = Config::builder(Environment::Custom { base_url: mock.base_url(), flavour: Flavour::Protected })
            .client(keys::CLIENT_ID, keys::CLIENT_SECRET)
            .redirect_uri(keys::CLIENT_REDIRECT_URI)
            .attributes(["name"])
            .private_key(&private, Some("open sesame"))
            .unwrap()
            .myinfo_key(keys::MYINFO_PUBLIC_KEY_PEM.as_bytes())
            .unwrap();
        let connector = Connector::new(config.build().unwrap()).unwrap();
        let login = connector.begin().await.unwrap();
        let callback = visit(&login.url, "S6005048A").await;
        assert_eq!(connector.finish(&callback, login.kept).await.unwrap().name().value(), Some("ANDY LAU"));
    }
}

#[tokio::test]
async fn refusals_of_the_server_are_told_apart() {
    let mock = MockServer::builder().start().await.unwrap();
    let connector = Connector::new(config(&mock.base_url(), Context::Com, Flavour::Protected)).unwrap();
    let login = connector.begin().await.unwrap();
    let cancelled = visit(&login.url, "error:access_denied").await;
    assert_eq!(
        connector.finish(&cancelled, login.kept).await.unwrap_err(),
        Error::Authorisation(AuthorisationError::AccessDenied)
    );
    let refused = connector.redeem(Code::new("0".repeat(40)).into()).await.unwrap_err();
    assert_eq!(
        refused,
        Error::Refused { endpoint: Endpoint::Token, status: 400, reason: None, clock_difference: None }
    );
    mock.stop().await;
    assert_eq!(connector.redeem(Code::new("x").into()).await.unwrap_err().code(), "transport");
}

#[tokio::test]
async fn a_wrong_clock_is_named_as_the_cause() {
    let rig = rig_with("com", "", |builder| builder).await;
    // the mock's clock stands in 2023, and its answers carry the real date: the other way round than in life
    let config = config(&rig.mock.base_url(), Context::Com, Flavour::Protected);
    let stamp = Stamp { timestamp: NOW - 400_000, nonce: "n".into() };
    let request = token::prepare(&config, &Code::new("c"), &stamp).unwrap();
    let transport = Transport::new(&TransportOptions::default()).unwrap();
    let response = transport.send(request).await.unwrap();
    let error = token::accept(&config, &response, (NOW - 400_000) / 1000).unwrap_err();
    assert!(
        matches!(error, Error::Refused { endpoint: Endpoint::Token, status: 401, clock_difference: Some(seconds), .. } if seconds > 60),
        "{error:?}"
    );
}

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Response {
    Response { status, body: body.into(), ..Response::default() }
}

/// The golden tokens are by this issuer and for this moment.
fn golden() -> Config {
    Config::builder(Environment::Test)
        .client(keys::CLIENT_ID, keys::CLIENT_SECRET)
        .redirect_uri(keys::CLIENT_REDIRECT_URI)
        .attributes(["uinfin", "name"])
        .private_key(keys::CLIENT_KEY_PEM.as_bytes(), None)
        .unwrap()
        .myinfo_key(keys::MYINFO_CERT_PEM.as_bytes())
        .unwrap()
        .build()
        .unwrap()
}

fn with_token(access_token: &str) -> Response {
    answer(
        200,
        json!({"access_token": access_token, "token_type": "Bearer", "expires_in": 1799, "novelty": 1}).to_string(),
    )
}

#[test]
fn the_golden_token_is_accepted_and_every_bad_one_refused_for_its_own_reason() {
    let config = golden();
    let vector: Value = serde_json::from_str(myinfo_fixtures::vectors::ACCESS_TOKEN_JSON).unwrap();
    let good = token::accept(&config, &with_token(vector["token"].as_str().unwrap()), now() / 1000).unwrap();
    assert_eq!(good.subject(), vector["claims"]["sub"].as_str().unwrap());
    let bad: Vec<Value> = serde_json::from_str(myinfo_fixtures::vectors::BAD_ACCESS_TOKENS_JSON).unwrap();
    let mut told = Vec::new();
    for vector in &bad {
        let error = token::accept(&config, &with_token(vector["token"].as_str().unwrap()), now() / 1000).unwrap_err();
        told.push(format!("{}: {}", vector["name"].as_str().unwrap(), error.code()));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn the_golden_document_is_accepted_and_every_bad_one_refused_for_its_own_reason() {
    let config = golden();
    let vector: Value = serde_json::from_str(myinfo_fixtures::vectors::ACCESS_TOKEN_JSON).unwrap();
    let access = token::accept(&config, &with_token(vector["token"].as_str().unwrap()), now() / 1000).unwrap();
    let vector: Value = serde_json::from_str(myinfo_fixtures::vectors::PERSON_JWE_JSON).unwrap();
    let good = vector["jwe"].as_str().unwrap();
    for form in [good.to_owned(), format!("{good}\n")] {
        let person = person::accept(&config, &access, &answer(200, form), now() / 1000).unwrap();
        assert_eq!(person.json(), vector["payload"].as_str().unwrap());
    }
    let bad: Vec<Value> = serde_json::from_str(myinfo_fixtures::vectors::BAD_JWES_JSON).unwrap();
    let mut told = Vec::new();
    for vector in &bad {
        let outcome = person::accept(&config, &access, &answer(200, vector["jwe"].as_str().unwrap()), now() / 1000);
        let word = outcome.as_ref().map_or_else(Error::code, |_| "accepted");
        assert_eq!(outcome.is_ok(), vector["tolerated"] == true, "{}", vector["name"]);
        told.push(format!("{}: {word}", vector["name"].as_str().unwrap()));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_protected_connector_refuses_what_the_sandbox_sends() {
    let config = golden();
    let vector: Value = serde_json::from_str(myinfo_fixtures::vectors::ACCESS_TOKEN_JSON).unwrap();
    let access = token::accept(&config, &with_token(vector["token"].as_str().unwrap()), now() / 1000).unwrap();
    let jws = serde_json::from_str::<Value>(myinfo_fixtures::vectors::PERSON_JWE_JSON).unwrap()["jws"]
        .as_str()
        .unwrap()
        .to_owned();
    for body in [r#"{"name":{"value":"X"}}"#.to_owned(), jws, String::new(), "<html>".to_owned()] {
        assert_eq!(person::accept(&config, &access, &answer(200, body), now() / 1000).unwrap_err().code(), "malformed");
    }
    for (status, code) in [
        (401, "person_refused"),
        (403, "person_refused"),
        (404, "no_profile"),
        (429, "upstream"),
        (500, "upstream"),
        (503, "upstream"),
    ] {
        assert_eq!(person::accept(&config, &access, &answer(status, "x"), now() / 1000).unwrap_err().code(), code);
    }
}

#[test]
fn token_answers_are_judged_with_their_oddities() {
    let config = golden();
    let judge = |body: String| {
        token::accept(&config, &answer(200, body), now() / 1000).map(|_| ()).map_err(|error| error.code())
    };
    let vector: Value = serde_json::from_str(myinfo_fixtures::vectors::ACCESS_TOKEN_JSON).unwrap();
    let good = vector["token"].as_str().unwrap();
    assert_eq!(judge(json!({"access_token": good}).to_string()), Ok(()));
    assert_eq!(judge(json!({"access_token": good, "token_type": "bearer"}).to_string()), Ok(()));
    assert_eq!(judge(json!({"access_token": good, "token_type": "DPoP"}).to_string()), Err("malformed"));
    assert_eq!(judge(json!({"token_type": "Bearer"}).to_string()), Err("malformed"));
    assert_eq!(judge("<html></html>".to_owned()), Err("malformed"));
    assert_eq!(judge(String::new()), Err("malformed"));
    for (status, code) in
        [(400, "token_refused"), (401, "token_refused"), (404, "token_refused"), (500, "upstream"), (503, "upstream")]
    {
        assert_eq!(token::accept(&config, &answer(status, "x"), now() / 1000).unwrap_err().code(), code);
    }
}

#[test]
fn gov_refuses_somebody_elses_document() {
    let mock = "https://test.api.myinfo.gov.sg";
    let config = Config::builder(Environment::Custom { base_url: mock.to_owned(), flavour: Flavour::Sandbox })
        .context(Context::Gov)
        .client(keys::CLIENT_ID, keys::CLIENT_SECRET)
        .redirect_uri(keys::CLIENT_REDIRECT_URI)
        .attributes(["uinfin"])
        .esvc_id("X")
        .myinfo_key(keys::MYINFO_CERT_PEM.as_bytes())
        .unwrap()
        .build()
        .unwrap();
    let claims = json!({"sub": "S6005048A", "aud": keys::CLIENT_ID, "iss": format!("{mock}/serviceauth/myinfo-gov"), "exp": now() / 1000 + 1});
    let signed = myinfo_oracle::jws::sign(
        r#"{"alg":"RS256"}"#,
        &claims.to_string(),
        &myinfo_oracle::key::private(keys::MYINFO_KEY_PEM).unwrap(),
    );
    let access = token::accept(&config, &with_token(&signed), now() / 1000).unwrap();
    let judge = |body: &str| {
        person::accept(&config, &access, &answer(200, body), now() / 1000).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(judge(r#"{"uinfin":{"source":"1","value":"S6005048A"}}"#), Ok(()));
    assert_eq!(judge(r#"{"uinfin":{"source":"1","value":"S9812381D"}}"#), Err("subject"));
    assert_eq!(judge(r#"{"uinfin":{"source":"1","unavailable":true}}"#), Err("subject"));
}

#[test]
fn no_error_holds_a_secret_or_personal_data() {
    let config = golden();
    let code = Code::new("c0dec0de");
    let stamp = Stamp { timestamp: NOW, nonce: "n".into() };
    let request = token::prepare(&config, &code, &stamp).unwrap();
    let sent = format!("{:?} {:?}", request.headers, request.body);
    assert!(sent.contains("c0dec0de"), "the control: the request itself has the code");
    let person = r#"{"code":401,"message":"S6005048A ANDY LAU client_secret=testbed-client-secret c0dec0de"}"#;
    for status in [200, 400, 401, 403, 404, 500] {
        let error = token::accept(&config, &answer(status, person), now() / 1000).unwrap_err();
        for text in [error.to_string(), format!("{error:?}"), format!("{request:?} {code:?} {config:?}")] {
            for secret in ["S6005048A", "ANDY", keys::CLIENT_SECRET, "c0dec0de", "PRIVATE"] {
                assert!(!text.contains(secret), "{text}");
            }
        }
    }
}

#[test]
fn the_authorise_address_encodes_its_values_once_and_state_has_128_bits() {
    let config = config("http://127.0.0.1:1", Context::Gov, Flavour::Protected);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let state = State::fresh(&System).unwrap();
        assert_eq!(state.as_str().len(), 32);
        assert!(seen.insert(state.as_str().to_owned()));
        let url = url::Url::parse(&authorise::prepare(&config, &state)).unwrap();
        let pairs: std::collections::BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(pairs["purpose"], "a purpose with spaces, & and ü");
        assert_eq!(pairs["attributes"], ATTRIBUTES.join(","));
        assert_eq!(pairs["redirect_uri"], keys::CLIENT_REDIRECT_URI);
        assert_eq!(pairs["state"], state.as_str());
        assert_eq!(pairs["sp_esvcId"], "MYINFO-CONSENTPLATFORM");
        assert_eq!(pairs.len(), 7, "{pairs:?}");
    }
}

#[test]
fn a_hostile_subject_stays_one_segment_of_the_path() {
    let config = golden();
    let sign = |sub: &str| {
        let claims = json!({"sub": sub, "aud": keys::CLIENT_ID, "iss": "https://test.api.myinfo.gov.sg/serviceauth/myinfo-com", "exp": now() / 1000 + 1});
        myinfo_oracle::jws::sign(
            r#"{"alg":"RS256"}"#,
            &claims.to_string(),
            &myinfo_oracle::key::private(keys::MYINFO_KEY_PEM).unwrap(),
        )
    };
    for subject in ["../token?x=", "a/b", "a#b", "%2f", "a b", "ü"] {
        let access = token::accept(&config, &with_token(&sign(subject)), now() / 1000).unwrap();
        let request = person::prepare(&config, &access, &Stamp { timestamp: NOW, nonce: "n".into() }).unwrap();
        let url = url::Url::parse(&request.url).unwrap();
        let segments: Vec<&str> = url.path_segments().unwrap().collect();
        assert_eq!(segments[..3], ["com", "v3", "person"], "{subject}");
        assert_eq!(segments.len(), 5, "{subject}: {url}");
    }
    for subject in ["", ".", "..", "a\nb", &"x".repeat(300)] {
        assert_eq!(token::accept(&config, &with_token(&sign(subject)), now() / 1000).unwrap_err().code(), "subject");
    }
}

#[test]
fn each_attempt_is_signed_with_its_own_nonce_and_moment() {
    let config = golden();
    let header = |stamp: &Stamp| token::prepare(&config, &Code::new("c"), stamp).unwrap().headers[2].1.clone();
    let first = Stamp { timestamp: NOW, nonce: "first".to_owned() };
    let second = Stamp { timestamp: NOW + 1, nonce: "second".to_owned() };
    assert!(header(&first).contains(&first.nonce) && !header(&second).contains(&first.nonce));
    assert!(header(&first).contains(&NOW.to_string()) && !header(&second).contains(&NOW.to_string()));
    let signature = header(&first).split("signature=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(BASE64_STANDARD.decode(signature).unwrap().len(), 256);
}
