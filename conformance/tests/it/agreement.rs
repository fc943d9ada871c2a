//! Property tests: three readings of the specification must agree, and no change goes unnoticed.

use crate::support::{rig, told};
use myinfo_conformance::server::client::v3::Draft;
use myinfo_connector::ambient::Stamp;
use myinfo_connector::v3::authorise::Code;
use myinfo_connector::v3::{Config, Environment, Flavour, token};
use myinfo_fixtures::keys;
use myinfo_oracle::v3::{HeaderFields, authorization, base_string, sign, verify};
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

/// A place in what is signed.
#[derive(Debug, Clone, Copy)]
enum Place {
    Url,
    AppId,
    Nonce,
    SignatureMethod,
    Timestamp,
    Name(usize),
    Value(usize),
}

impl Place {
    /// Every place of a request.
    fn all(draft: &Draft) -> Vec<Self> {
        let fixed = [Self::Url, Self::AppId, Self::Nonce, Self::SignatureMethod, Self::Timestamp];
        let parameters = (0..draft.parameters.len()).flat_map(|number| [Self::Name(number), Self::Value(number)]);
        fixed.into_iter().chain(parameters).collect()
    }

    fn text(self, draft: &mut Draft) -> &mut String {
        match self {
            Self::Url => &mut draft.signed_url,
            Self::AppId => &mut draft.header.app_id,
            Self::Nonce => &mut draft.header.nonce,
            Self::SignatureMethod => &mut draft.header.signature_method,
            Self::Timestamp => &mut draft.header.timestamp,
            Self::Name(number) => &mut draft.parameters[number].0,
            Self::Value(number) => &mut draft.parameters[number].1,
        }
    }

    /// Whether nothing but the signature protects it: no other rule reads it.
    fn is_signed_only(self, draft: &Draft) -> bool {
        match self {
            Self::Url | Self::Nonce => true,
            Self::AppId | Self::SignatureMethod | Self::Timestamp => false,
            Self::Name(number) | Self::Value(number) => {
                let name = &draft.parameters[number].0;
                name == "state" || name.starts_with('x')
            }
        }
    }
}

/// Puts a letter in the place of one character, or behind the last one.
fn bend(text: &mut String, position: prop::sample::Index, letter: char) {
    let places: Vec<(usize, char)> = text.char_indices().collect();
    match places.get(position.index(places.len() + 1)) {
        Some((at, old)) if *old != letter => {
            text.replace_range(*at..at + old.len_utf8(), letter.encode_utf8(&mut [0; 4]))
        }
        Some((at, _)) => text.insert(*at, letter),
        None => text.push(letter),
    }
}

#[test]
fn the_server_accepts_what_the_oracle_signs_and_refuses_any_changed_byte() {
    let runtime = Runtime::new().unwrap();
    let rig = runtime.block_on(rig("com"));
    let number = std::sync::atomic::AtomicU64::new(0);
    let cases = ProptestConfig::with_cases(5);
    proptest!(cases, |(state in "[ -~ü中]{0,40}", extra in "[A-Za-z_]{1,10}", positions in prop::collection::vec(any::<prop::sample::Index>(), 32), letter in prop::char::range('A', 'G'))| {
        let outcome: Result<(), TestCaseError> = runtime.block_on(async {
            let code = rig.client.code("name", "S6005048A").await.unwrap();
            let mut draft = rig.client.token_draft(&code);
            draft.header.nonce = format!("property-{}", number.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            draft.set("state", &state).set(&format!("x{extra}"), "1");
            for (place, position) in Place::all(&draft).into_iter().zip(positions) {
                let mut bent = draft.clone();
                bend(place.text(&mut bent), position, letter);
                prop_assert_ne!(draft.base_string(), bent.base_string());
                // what is sent is bent and what was signed is not, or, for the address, the other way round: one that is
                // bent leads nowhere
                let signed = if matches!(place, Place::Url) { &bent } else { &draft };
                let header = authorization(&bent.header, &sign(&signed.base_string(), &rig.client.key));
                let (status, body) = told(rig.client.request(&bent, Some(&header)).send().await.unwrap()).await;
                if place.is_signed_only(&draft) {
                    prop_assert_eq!(status, 500, "{:?} {:?}: {}", place, bent, body);
                } else {
                    prop_assert!((400..=500).contains(&status), "{:?} {:?}: {} {}", place, bent, status, body);
                }
            }
            // and nothing of it used up the code or the nonce
            let (status, body) = told(rig.client.send(&draft).await.unwrap()).await;
            prop_assert_eq!(status, 200, "{:?}: {}", draft, body);
            Ok(())
        });
        outcome?;
    });
}
