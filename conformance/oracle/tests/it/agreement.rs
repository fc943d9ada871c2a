//! What the oracle makes it takes, on every curve and in every way; one changed character and it is refused.

use myinfo_fixtures::keys::ec;
use myinfo_oracle::ec::{Curve, EcPrivateKey};
use myinfo_oracle::jwe::content::Enc;
use myinfo_oracle::jwe::ecdh_es::Agreement;
use myinfo_oracle::{jwe, jwk, jws};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::Config;
use serde_json::json;

fn key(kind: &str, curve: Curve) -> EcPrivateKey {
    let curve = curve.name().to_lowercase().replace('-', "");
    jwk::private(&ec::private(&format!("client-{kind}-{curve}")).unwrap()).unwrap()
}

fn curves() -> impl Strategy<Value = Curve> {
    select(Curve::ALL.to_vec())
}

/// The token with one character exchanged for another one.
fn changed(token: &str, at: Index, other: char) -> String {
    let at = at.index(token.len());
    let exchanged = |found| if found == other { '~' } else { other };
    token.chars().enumerate().map(|(place, found)| if place == at { exchanged(found) } else { found }).collect()
}

proptest! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_is_signed_is_accepted_and_any_changed_character_is_refused(
        curve in curves(), payload in ".{0,60}", at in any::<Index>(), other in "[A-Za-z0-9_.-]",
    ) {
        let key = key("sig", curve);
        let header = json!({"alg": jws::Alg::of(curve).name(), "kid": "ü/+"}).to_string();
        let token = jws::sign(&header, &payload, &key);
        let opened = jws::accept(&token, &key.public()).unwrap();
        prop_assert_eq!((opened.header, opened.payload), (header, payload));
        let wrong = changed(&token, at, other.chars().next().unwrap());
        prop_assert!(jws::open(&wrong, &key.public()).is_err(), "{}", wrong);
    }

    #[test]
    fn what_is_encrypted_opens_and_any_changed_character_is_refused(
        curve in curves(), agreement in select(Agreement::ALL.to_vec()), enc in select(Enc::ALL.to_vec()),
        plaintext in ".{0,60}", at in any::<Index>(), other in "[A-Za-z0-9_.-]",
    ) {
        let key = key("enc", curve);
        let header = json!({"alg": agreement.name(), "enc": enc.name(), "apu": "QQ", "cty": "JWT"}).to_string();
        let sealed = jwe::seal(&header, &plaintext, &key.public()).unwrap();
        prop_assert_eq!(jwe::open(&sealed, &key).unwrap().plaintext, plaintext);
        let wrong = changed(&sealed, at, other.chars().next().unwrap());
        prop_assert!(jwe::open(&wrong, &key).is_err(), "{}", wrong);
    }

    #[test]
    fn no_token_makes_the_oracle_panic(token in "[A-Za-z0-9_.{}\":,-]{0,200}", curve in curves()) {
        prop_assert!(jws::accept(&token, &key("sig", curve).public()).is_err());
        prop_assert!(jwe::open(&token, &key("enc", curve)).is_err());
        prop_assert!(myinfo_oracle::dpop::open(&token).is_err());
    }
}

#[test]
fn every_combination_goes_there_and_back() {
    for curve in Curve::ALL {
        for (agreement, enc) in Agreement::ALL.into_iter().flat_map(|a| Enc::ALL.map(|enc| (a, enc))) {
            let header = json!({"alg": agreement.name(), "enc": enc.name()}).to_string();
            let sealed = jwe::seal(&header, "é", &key("enc", curve).public()).unwrap();
            let opened = jwe::open(&sealed, &key("enc", curve)).unwrap();
            assert_eq!(opened.plaintext, "é", "{curve:?} {agreement:?} {enc:?}");
        }
    }
}

#[test]
fn a_key_on_another_curve_verifies_and_opens_nothing() {
    for own in Curve::ALL {
        let token = jws::sign(&json!({"alg": jws::Alg::of(own).name()}).to_string(), "x", &key("sig", own));
        let header = r#"{"alg":"ECDH-ES+A256KW","enc":"A256GCM"}"#;
        let sealed = jwe::seal(header, "x", &key("enc", own).public()).unwrap();
        for other in Curve::ALL.into_iter().filter(|other| *other != own) {
            let public = key("sig", other).public();
            assert_eq!(jws::accept(&token, &public).unwrap_err().code(), "alg");
            assert_eq!(jws::open(&token, &public).unwrap_err().code(), "signature-length");
            assert_eq!(jwe::open(&sealed, &key("enc", other)).unwrap_err().code(), "epk-curve");
        }
    }
}
