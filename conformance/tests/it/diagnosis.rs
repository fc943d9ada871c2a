//! The signature doctor against every known mistake: each is made by hand, and must be named, proved and shown.

mod mistakes;

use self::mistakes::{AT_PERSON, AT_TOKEN, PAIRS};
pub(crate) use self::mistakes::{Made, Parts, encode, hex, text, with};
use crate::support::{Rig, admin, newest, rig, rig_with, told};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use myinfo_conformance::server::client::v3::Draft;
use myinfo_fixtures::keys::{CLIENT_KEY_PEM, MYINFO_KEY_PEM, STRANGER_CERT_PEM, STRANGER_KEY_PEM};
use rsa::pkcs1v15::{Pkcs1v15Sign, SigningKey};
use rsa::sha2::{Digest, Sha256, Sha512};
use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer};
use rsa::{RsaPrivateKey, pss};
use serde_json::Value;
use std::collections::BTreeSet;

pub(crate) fn key(pem: &str) -> RsaPrivateKey {
    myinfo_oracle::key::private(pem).unwrap()
}

pub(crate) fn signed(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(SigningKey::<Sha256>::new(key(CLIENT_KEY_PEM)).sign(bytes).to_bytes())
}

pub(crate) fn authorization(draft: &Draft, signature: &str) -> String {
    let header = myinfo_oracle::v3::authorization(&draft.header, signature);
    draft.bearer.as_ref().map_or_else(|| header.clone(), |token| format!("{header},Bearer {token}"))
}

/// A token request with a nasty state, and its exchange's problem once it was sent with this signature.
async fn at_token(rig: &Rig, signature: impl Fn(&Draft) -> String) -> Value {
    let code = rig.client.code("name,sex,dob", "S6005048A").await.unwrap();
    let mut draft = rig.client.token_draft(&code);
    draft.set("state", "a b/c,é~");
    let request = rig.client.request(&draft, Some(&authorization(&draft, &signature(&draft))));
    let (status, body) = told(request.send().await.unwrap()).await;
    assert_eq!(status, 500, "{body}");
    newest(rig).await["refused"].clone()
}

async fn at_person(rig: &Rig, signature: impl Fn(&Draft) -> String) -> Value {
    let token = rig.client.token(&rig.client.code("name,sex,dob", "S6005048A").await.unwrap()).await.unwrap();
    let mut draft = rig.client.person_draft(&token, "name,sex,dob");
    draft.set("txnNo", "a/b c");
    let request = rig.client.request(&draft, Some(&authorization(&draft, &signature(&draft))));
    let (status, body) = told(request.send().await.unwrap()).await;
    assert_eq!(status, 500, "{body}");
    newest(rig).await["refused"].clone()
}

fn assert_proved(problem: &Value, ids: &[&str], detail: &str) {
    let said = problem["cause"].as_str().unwrap();
    assert_eq!(problem["diagnosis"], "SIG-BASE", "{ids:?} {detail}: {said}");
    let found: Vec<&str> = problem["mistakes"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(found.iter().collect::<BTreeSet<_>>(), ids.iter().collect::<BTreeSet<_>>(), "{detail}: {said}");
    assert!(said.contains(detail), "{ids:?} {detail}: {said}");
    let (expected, received) = (problem["expected"].as_str().unwrap(), problem["received"].as_str().unwrap());
    assert!(
        expected.starts_with("POST&http://127.0.0.1") || expected.starts_with("GET&http://127.0.0.1"),
        "{expected}"
    );
    let masked_alike = ids == ["latin-1"] || problem["cause"].as_str().unwrap().contains("(client_secret");
    if !masked_alike {
        let same = usize::try_from(problem["first_difference"].as_u64().unwrap()).unwrap();
        assert_ne!(expected.chars().nth(same), received.chars().nth(same), "{ids:?} {detail}");
    }
    for secret in ["testbed-client-secret", "eyJ"] {
        assert!(!problem.to_string().contains(secret), "{ids:?} {detail}: {problem}");
    }
}

#[tokio::test]
async fn every_known_mistake_is_proved_and_named() {
    let rig = rig("com").await;
    for (id, detail, made) in AT_TOKEN {
        let problem = at_token(&rig, |draft| signed(&made(Parts::of(draft), draft))).await;
        assert_proved(&problem, &[id], detail);
    }
    for (id, detail, made) in AT_PERSON {
        let problem = at_person(&rig, |draft| signed(&made(Parts::of(draft), draft))).await;
        assert_proved(&problem, &[id], detail);
    }
    let rules: Value = admin(&rig, "rules").await;
    let known: BTreeSet<&str> =
        rules["mistakes"].as_array().unwrap().iter().map(|kind| kind["id"].as_str().unwrap()).collect();
    let here = AT_TOKEN.iter().chain(AT_PERSON).map(|(id, ..)| *id);
    let made: BTreeSet<&str> = here.chain(crate::mistakes::ids()).collect();
    assert_eq!(made, known, "a kind of mistake that no test makes");
}

#[tokio::test]
async fn two_mistakes_at_once_are_both_named() {
    let rig = rig("com").await;
    for (one, other, made) in PAIRS {
        let problem = at_token(&rig, |draft| signed(&made(Parts::of(draft), draft))).await;
        assert_proved(&problem, &[one, other], "");
    }
}

#[tokio::test]
async fn another_key_is_named_and_so_is_what_it_signed() {
    let stranger = format!(
        "[[client]]\nid = 'STRANGER'\nv3.secret = 'its-own-secret'\nredirect_uris = ['http://localhost/cb']\nv3.certificate = '''{STRANGER_CERT_PEM}'''"
    );
    let rig = rig_with("com", &stranger, |builder| builder).await;
    let by = |pem: &'static str, change: fn(Parts) -> Vec<u8>| {
        move |draft: &Draft| {
            let bytes = change(Parts::of(draft));
            BASE64_STANDARD.encode(SigningKey::<Sha256>::new(key(pem)).sign(&bytes).to_bytes())
        }
    };
    for (pem, change, says) in [
        (
            STRANGER_KEY_PEM,
            text as fn(Parts) -> Vec<u8>,
            "the key of `STRANGER` signed, not the key that is registered for `TESTBED-CLIENT`; the text is right",
        ),
        (MYINFO_KEY_PEM, text, "the mock's own key, Myinfo's side, signed"),
        (
            STRANGER_KEY_PEM,
            |parts| parts.unsorted().into_bytes(),
            "the key of `STRANGER` signed, not the key that is registered for `TESTBED-CLIENT`; besides, the parameters were signed in the order",
        ),
    ] {
        let problem = at_token(&rig, by(pem, change)).await;
        assert_eq!(problem["diagnosis"], "SIG-KEY");
        assert!(problem["cause"].as_str().unwrap().contains(says), "{problem}");
    }
    let alone = crate::support::rig("com").await;
    let problem = at_token(&alone, by(STRANGER_KEY_PEM, text)).await;
    assert_eq!(problem["diagnosis"], "SIG-KEY");
    assert!(
        problem["cause"]
            .as_str()
            .unwrap()
            .starts_with("this is no signature by the registered key of `TESTBED-CLIENT`"),
        "{problem}"
    );
}

#[tokio::test]
async fn another_hash_and_another_padding_are_named() {
    let rig = rig("com").await;
    let right = |draft: &Draft| text(Parts::of(draft));
    let problem = at_token(&rig, |draft| {
        BASE64_STANDARD.encode(SigningKey::<Sha512>::new(key(CLIENT_KEY_PEM)).sign(&right(draft)).to_bytes())
    })
    .await;
    assert_eq!(problem["diagnosis"], "SIG-HASH");
    assert!(
        problem["cause"].as_str().unwrap().contains("with SHA-512")
            && problem["cause"].as_str().unwrap().ends_with("the text is right"),
        "{problem}"
    );
    let problem = at_token(&rig, |draft| {
        let signer = pss::SigningKey::<Sha256>::new(key(CLIENT_KEY_PEM));
        BASE64_STANDARD.encode(signer.sign_with_rng(&mut rsa::rand_core::OsRng, &right(draft)).to_bytes())
    })
    .await;
    assert_eq!(problem["diagnosis"], "SIG-PADDING");
    assert!(problem["cause"].as_str().unwrap().contains("PSS"), "{problem}");
    let problem = at_token(&rig, |draft| {
        let bare = key(CLIENT_KEY_PEM).sign(Pkcs1v15Sign::new_unprefixed(), &Sha256::digest(right(draft))).unwrap();
        BASE64_STANDARD.encode(bare)
    })
    .await;
    assert_eq!(problem["diagnosis"], "SIG-PADDING");
    assert!(problem["cause"].as_str().unwrap().contains("without naming the hash"), "{problem}");
}

#[tokio::test]
async fn pss_is_seen_without_the_text_and_by_whichever_known_key() {
    let rig = rig("com").await;
    let pss = |pem: &str, bytes: &[u8]| {
        let signer = pss::SigningKey::<Sha512>::new(key(pem));
        BASE64_STANDARD.encode(signer.sign_with_rng(&mut rsa::rand_core::OsRng, bytes).to_bytes())
    };
    let problem = at_token(&rig, |_| pss(CLIENT_KEY_PEM, b"another text")).await;
    assert_eq!(problem["diagnosis"], "SIG-PADDING");
    assert!(problem["cause"].as_str().unwrap().contains("PS512"), "{problem}");
    let problem = at_token(&rig, |_| pss(MYINFO_KEY_PEM, b"another text")).await;
    assert_eq!(problem["diagnosis"], "SIG-KEY");
    assert!(problem["cause"].as_str().unwrap().contains("the mock's own key"), "{problem}");
}

#[tokio::test]
async fn a_request_of_any_size_is_refused_and_diagnosed_within_the_budget() {
    let rig = rig("com").await;
    for (parameters, size) in [(60, 10), (1_000, 3), (1, 50_000)] {
        let mut draft = rig.client.token_draft("0");
        for number in 0..parameters {
            draft.set(&format!("p{number}"), &"v ".repeat(size / 2));
        }
        let request = rig.client.request(&draft, Some(&authorization(&draft, &signed(b"something else"))));
        assert_eq!(request.send().await.unwrap().status(), 500);
        assert_eq!(newest(&rig).await["refused"]["diagnosis"], "SIG-TEXT", "{parameters} of {size}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_shows_no_secret() {
    let rig = rig("com").await;
    let draft = rig.client.token_draft("0");
    let body = r#"{"client_id":"TESTBED-CLIENT","client_secret":"testbed-client-secret","code":"c0de-c0de-c0de"}"#;
    for kind in ["application/json", "application/x-www-form-urlencoded"] {
        let request = rig.client.http.post(&draft.url).header("Content-Type", kind).body(body);
        let request =
            request.header("Authorization", rig.client.authorization(&draft)).header("X-Copy", "eyJh.eyJi.c2ln");
        assert!(request.send().await.unwrap().status().as_u16() >= 400);
    }
    let journal = admin(&rig, "exchanges").await.to_string();
    let archive = admin(&rig, "exchanges.har").await.to_string();
    let page = rig.client.http.get(format!("{}/_mock/transactions/2.html", rig.mock.base_url())).send().await.unwrap();
    for place in [journal, archive, page.text().await.unwrap()] {
        for secret in ["testbed-client-secret", "c0de-c0de", "eyJh.eyJi"] {
            assert!(!place.contains(secret), "{secret}: {place}");
        }
    }
}

#[tokio::test]
async fn what_no_mistake_explains_is_shown_with_the_source_of_every_field() {
    let rig = rig("com").await;
    let problem = at_token(&rig, |_| signed(b"something else")).await;
    assert_eq!(problem["diagnosis"], "SIG-TEXT");
    assert!(problem.get("received").is_none(), "{problem}");
    let fields: Vec<(&str, &str)> = problem["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| (field["name"].as_str().unwrap(), field["from"].as_str().unwrap()))
        .collect();
    assert!(
        fields.contains(&("nonce", "Authorization header")) && fields.contains(&("redirect_uri", "form body")),
        "{fields:?}"
    );
    assert_eq!(fields.len(), 12);
    assert!(problem["expected"].as_str().unwrap().contains("client_secret=[redacted]"), "{problem}");
    assert!(!problem.to_string().contains("testbed-client-secret"));
}

#[tokio::test]
async fn a_signature_that_is_no_base64_is_told_what_it_is() {
    let rig = rig("com").await;
    for (signature, says) in [
        ("a-b_", "Base64url"),
        ("YWJj\tZA==", "lines"),
        ("YWJj ZA==", "spaces"),
        ("YWJjZA%3D%3D", "percent-encoded"),
        ("YWJjZ", "without its `=`"),
        ("", "empty"),
    ] {
        let problem = at_token(&rig, |_| signature.to_owned()).await;
        assert_eq!(
            (&problem["diagnosis"], &problem["rule"]),
            (&"SIG-ENCODING".into(), &"v3.signature.encoding".into())
        );
        assert!(problem["cause"].as_str().unwrap().contains(says), "{signature}: {problem}");
    }
}

#[tokio::test]
async fn the_origin_that_a_proxy_tells_is_tried_too() {
    let rig = rig("com").await;
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    let mut draft = rig.client.token_draft(&code);
    draft.signed_url = "https://mock.example:8443/com/v3/token".to_owned();
    let request = rig.client.request(&draft, Some(&rig.client.authorization(&draft)));
    let request = request.header("X-Forwarded-Host", "mock.example:8443").header("X-Forwarded-Proto", "https");
    assert_eq!(request.send().await.unwrap().status(), 500);
    let exchange = newest(&rig).await;
    assert_proved(&exchange["refused"], &["host"], "https://mock.example:8443");
    assert_eq!(exchange["notes"][0]["diagnosis"], "FORWARDED");
    assert!(exchange["notes"][0]["text"].as_str().unwrap().contains("--public-url https://mock.example:8443"));
}

/// A client whose secret falls into names when it is sent raw.
const WITH_AMPERSAND: &str = "[[client]]\nid = 'AMPERSAND'\nredirect_uris = ['http://localhost/cb']\n[client.v3]\nsecret = 'S3cr&tValue%41nd+More=9'\nflavour = 'sandbox'\n[v3]\nrepeated_parameters = 'first'\n";

#[tokio::test]
async fn no_part_of_a_secret_stands_where_a_name_does() {
    let rig = rig_with("com", WITH_AMPERSAND, |builder| builder).await;
    let draft = rig.client.token_draft("0");
    let signed = rig.client.authorization(&draft);
    for (body, parts) in [
        ("testbed-client-secret", vec!["testbed-client", "ed-client-sec"]),
        ("testbed-client-secret&testbed-client-secret", vec!["ed-client-sec"]),
        ("grant_type=authorization_code&testbed-client-sec", vec!["testbed-client-sec"]),
        ("client_id=AMPERSAND&client_secret=S3cr&tValue%41nd+More=9", vec!["tValue", "And More", "%41nd"]),
        ("client_id=TESTBED-CLIENT&client_secret&ret=x&t-client-s=", vec!["t-client-s"]),
    ] {
        let query = format!("{}?{body}", draft.url);
        for (url, sent) in [(draft.url.as_str(), body), (&query, "")] {
            let request = rig.client.http.post(url).header("Content-Type", "application/x-www-form-urlencoded");
            let answer =
                told(request.header("Authorization", &signed).body(sent.to_owned()).send().await.unwrap()).await;
            let exchange = newest(&rig).await;
            let page = format!("{}/_mock/transactions/{}.html", rig.mock.base_url(), exchange["transaction"]);
            let page = rig.client.http.get(page).send().await.unwrap().text().await.unwrap();
            let archive = admin(&rig, "exchanges.har").await.to_string();
            for place in [answer.1, exchange.to_string(), page, archive] {
                for part in &parts {
                    assert!(!place.contains(part), "{part} of {body}: {place}");
                }
            }
        }
    }
    let shown = admin(&rig, "exchanges").await.to_string();
    assert!(shown.contains("\"client_secret\"") && shown.contains("\"grant_type\""), "what is a name stays one");
}
