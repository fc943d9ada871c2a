//! Property tests: three readings of the specification must agree, and no change goes unnoticed.

use crate::support::{NOW, rig, told};
use myinfo_connector::ambient::Stamp;
use myinfo_connector::v3::authorise::Code;
use myinfo_connector::v3::{Config, Environment, Flavour, token};
use myinfo_fixtures::keys;
use myinfo_oracle::v3::{HeaderFields, base_string, verify};
use myinfo_oracle::{jwe, jws, key};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tokio::runtime::Runtime;

fn config(redirect_uri: &str) -> Config {
    Config::builder(Environment::Custom { base_url: "http://127.0.0.1:5156".to_owned(), flavour: Flavour::Protected })
        .client("client!+ID", "SECRET?%G&client=")
        .redirect_uri(redirect_uri)
        .attributes(["name"])
        .private_key(keys::CLIENT_KEY_PEM.as_bytes(), None)
        .unwrap()
        .myinfo_key(keys::MYINFO_CERT_PEM.as_bytes())
        .unwrap()
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_the_connector_signs_the_oracle_verifies(code in "[ -~ü中]{1,60}", path in "[a-z0-9/?&=%+ü ]{0,30}", timestamp in any::<u64>(), nonce in "[0-9a-f]{32}") {
        let redirect_uri = format!("http://localhost:3001/{path}");
        let stamp = Stamp { timestamp, nonce };
        let request = token::prepare(&config(&redirect_uri), &Code::new(code), &stamp).unwrap();
        // the oracle reads what goes over the wire, with another decoder than anybody who wrote it
        let body = request.body.unwrap();
        let form: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let header = &request.headers.iter().find(|(name, _)| *name == "Authorization").unwrap().1;
        let field = |name: &str| header.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let fields = HeaderFields {
            app_id: field("app_id"),
            nonce: field("nonce"),
            signature_method: field("signature_method"),
            timestamp: field("timestamp"),
        };
        let text = base_string("POST", &request.url, &fields, &form);
        let public = key::public(keys::CLIENT_PUBLIC_KEY_PEM).unwrap();
        prop_assert!(verify(&text, &field("signature"), &public).is_ok(), "{}", text);
    }

    #[test]
    fn signing_and_sealing_round_trip(payload in "\\PC{0,200}") {
        let token = jws::sign(r#"{"alg":"RS256"}"#, &payload, &key::private(keys::MYINFO_KEY_PEM).unwrap());
        let opened = jws::open(&token, &key::public(keys::MYINFO_PUBLIC_KEY_PEM).unwrap()).unwrap();
        prop_assert_eq!(&opened.payload, &payload);
        let sealed = jwe::seal(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, &payload, &key::public(keys::CLIENT_PUBLIC_KEY_PEM).unwrap()).unwrap();
        prop_assert_eq!(jwe::open(&sealed, &key::private(keys::CLIENT_KEY_PEM).unwrap()).unwrap().plaintext, payload);
    }
}

#[test]
fn the_server_accepts_what_the_oracle_signs_and_refuses_any_changed_byte() {
    let runtime = Runtime::new().unwrap();
    let rig = runtime.block_on(rig("com"));
    let number = std::sync::atomic::AtomicU64::new(0);
    let cases = ProptestConfig::with_cases(48);
    proptest!(cases, |(state in "[ -~ü中]{0,40}", extra in "[A-Za-z_]{1,10}", position in any::<prop::sample::Index>(), bit in 0..7_u8)| {
        let outcome: Result<(), TestCaseError> = runtime.block_on(async {
            let code = rig.client.code("name", "S6005048A").await.unwrap();
            let mut draft = rig.client.token_draft(&code);
            draft.header.nonce = format!("property-{}", number.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            draft.set("state", &state);
            if !["code", "state"].contains(&extra.as_str()) {
                draft.set(&format!("x{extra}"), "1");
            }
            let signed = rig.client.authorization(&draft);
            // one byte of what is signed, changed after signing
            let mut bent = draft.clone();
            let text = bent.base_string();
            let parameter = bent.parameters.len() - 1;
            let value = &mut bent.parameters[parameter].1;
            let at = position.index(value.len() + 1);
            let character = char::from(b'A' + bit);
            if value.is_char_boundary(at) { value.insert(at, character) } else { value.push(character) }
            prop_assert_ne!(&text, &bent.base_string());
            let (status, body) = told(rig.client.request(&bent, Some(&signed)).send().await.unwrap()).await;
            prop_assert_eq!(status, 500, "{}", body);
            let (status, body) = told(rig.client.request(&draft, Some(&signed)).send().await.unwrap()).await;
            prop_assert_eq!(status, 200, "{}: {}", text, body);
            Ok(())
        });
        outcome?;
    });
    assert_eq!(NOW, 1_700_000_000_000);
}
