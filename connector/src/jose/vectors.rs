//! What other stacks made on elliptic curves: the RFCs' authors, Node's `jose`, OpenSSL, and Singpass itself.

#[cfg(test)]
mod tests {
    use super::super::{jwe, jws};
    use crate::error::What;
    use crate::key::{PrivateKey, PublicKey};
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use myinfo_fixtures::keys::ec;
    use myinfo_fixtures::vectors;
    use serde_json::{Value, json};

    const WHAT: What = What::IdToken;
    const SEALED: jwe::Expect =
        jwe::Expect { what: WHAT, algs: &jwe::Alg::ON_CURVES, encs: &[jwe::Enc::A256Gcm, jwe::Enc::A256CbcHs512] };

    fn read(vectors: &str) -> Vec<Value> {
        serde_json::from_str(vectors).unwrap()
    }

    fn text<'v>(entry: &'v Value, name: &str) -> &'v str {
        entry[name].as_str().unwrap()
    }

    fn private(jwk: &Value) -> PrivateKey {
        PrivateKey::read_ec(jwk.to_string().as_bytes(), None).unwrap()
    }

    fn public(jwk: &Value) -> PublicKey {
        PublicKey::from_ec_jwk(jwk.as_object().unwrap()).unwrap()
    }

    fn only(alg: &str) -> jws::Expect {
        let algs: &'static [jws::Alg] = match alg {
            "ES256" => &[jws::Alg::Es256],
            "ES384" => &[jws::Alg::Es384],
            "ES512" => &[jws::Alg::Es512],
            other => panic!("{other}"),
        };
        jws::Expect { what: WHAT, algs }
    }

    /// Opens a JWE with a key that says nothing of algorithms.
    fn opened(jwe: &str, key: &PrivateKey) -> Result<Vec<u8>, &'static str> {
        let recipient = jwe::Recipient { key, kid: None, alg: None };
        jwe::decrypt(jwe, &[recipient], &SEALED).map_err(|error| error.code())
    }

    fn header_of(token: &str) -> Value {
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn every_signature_of_the_vectors_verifies_with_its_key_and_no_other() {
        let entries = read(vectors::SIGNATURES_JSON);
        assert!(entries.len() >= 20);
        for entry in &entries {
            let key = public(&ec::public(text(entry, "kid")).unwrap());
            let (token, expect) = (text(entry, "jws"), only(text(entry, "alg")));
            let payload = jws::verify(token, |_| vec![&key], &expect).unwrap();
            assert_eq!(String::from_utf8(payload).unwrap(), text(entry, "payload"), "{}", entry["name"]);
            let strangers: Vec<PublicKey> = ["p256", "p384", "p521"]
                .map(|curve| public(&ec::public(&format!("stranger-sig-{curve}")).unwrap()))
                .into();
            let error = jws::verify(token, |_| strangers.iter().collect(), &expect).unwrap_err();
            assert_eq!(error.code(), "signature", "{}", entry["name"]);
        }
    }

    #[test]
    fn every_bad_signature_of_the_vectors_is_refused() {
        let entries = read(vectors::BAD_SIGNATURES_JSON);
        assert!(entries.len() >= 70);
        for entry in &entries {
            let key = public(&ec::public(text(entry, "kid")).unwrap());
            let refused = jws::verify(text(entry, "jws"), |_| vec![&key], &only(text(entry, "alg")));
            let expected = match text(entry, "flaw") {
                "crit" | "alg" | "member" => "algorithm",
                "parts" | "base64url" => "malformed",
                _ => "signature",
            };
            assert_eq!(refused.unwrap_err().code(), expected, "{}: {}", entry["name"], entry["why"]);
        }
    }

    #[test]
    fn every_document_of_the_vectors_opens_where_its_algorithms_are_singpass_s() {
        let entries = read(vectors::ENCRYPTED_JSON);
        let mut opened_ones = 0;
        for entry in &entries {
            let (key, token) = (private(&ec::private(text(entry, "kid")).unwrap()), text(entry, "jwe"));
            let header = header_of(token);
            let known = header["alg"] != "ECDH-ES" && ["A256GCM", "A256CBC-HS512"].contains(&text(&header, "enc"));
            let expected = if known { Ok(text(entry, "plaintext").as_bytes().to_vec()) } else { Err("algorithm") };
            assert_eq!(opened(token, &key), expected, "{}", entry["name"]);
            opened_ones += usize::from(known);
        }
        assert!(opened_ones >= 40, "{opened_ones} of {}", entries.len());
    }

    #[test]
    fn every_bad_document_of_the_vectors_is_refused() {
        let entries = read(vectors::BAD_ENCRYPTED_JSON);
        assert!(entries.len() >= 80);
        for entry in &entries {
            let key = private(&ec::private(text(entry, "kid")).unwrap());
            let expected: &[&str] = match text(entry, "flaw") {
                "wrapped-key" | "tag" | "padding" | "off-curve" | "coordinate-out-of-range" => &["decryption"],
                "zip" | "crit" | "alg" | "enc" => &["algorithm"],
                // with ECDH-ES alone nothing is wrapped, and it is none of the three
                "wrapped-key-length" | "member" => &["malformed", "algorithm", "decryption"],
                _ => &["malformed"],
            };
            let code = opened(text(entry, "jwe"), &key).unwrap_err();
            assert!(expected.contains(&code), "{}: {}: {code}", entry["name"], entry["why"]);
        }
    }

    #[test]
    fn the_examples_of_the_rfcs_come_out() {
        let rfc: Value = serde_json::from_str(vectors::RFC_JSON).unwrap();
        for entry in rfc["signatures"].as_array().unwrap() {
            let payload = jws::verify(text(entry, "jws"), |_| vec![], &only(text(entry, "alg")));
            assert_eq!(payload.unwrap_err().code(), "signature");
            let key = public(&entry["jwk"]);
            let payload = jws::verify(text(entry, "jws"), |_| vec![&key], &only(text(entry, "alg"))).unwrap();
            assert_eq!(String::from_utf8(payload).unwrap(), text(entry, "payload"), "{}", entry["name"]);
        }
        // their content encryptions, of 128 bits, are none of Singpass's
        for entry in rfc["encrypted"].as_array().unwrap() {
            assert_eq!(opened(text(entry, "jwe"), &private(&entry["jwk"])), Err("algorithm"), "{}", entry["name"]);
        }
    }

    #[test]
    fn a_token_of_singpass_s_staging_service_opens_and_verifies() {
        let vector: Value = serde_json::from_str(vectors::SINGPASS_JSON).unwrap();
        let (own, theirs) = (private(&vector["encryption_key"]), public(&vector["signing_key"]));
        let inner = String::from_utf8(opened(text(&vector, "encrypted"), &own).unwrap()).unwrap();
        for token in [inner.as_str(), text(&vector, "signed")] {
            let payload = jws::verify(
                token,
                |kid| if kid == vector["signing_key"]["kid"].as_str() { vec![&theirs] } else { vec![] },
                &only("ES256"),
            );
            let claims: Value = serde_json::from_slice(&payload.unwrap()).unwrap();
            assert_eq!(claims["iss"], vector["issuer"]);
        }
    }

    #[test]
    fn what_is_signed_here_verifies_here_on_every_curve_and_nowhere_else() {
        for (curve, alg) in [("p256", "ES256"), ("p384", "ES384"), ("p521", "ES512")] {
            let kid = format!("client-sig-{curve}");
            let token =
                jws::compact(json!({"typ": "JWT"}), &json!({"a": 1}), &private(&ec::private(&kid).unwrap())).unwrap();
            assert_eq!(header_of(&token), json!({"typ": "JWT", "alg": alg}));
            let key = public(&ec::public(&kid).unwrap());
            assert_eq!(jws::verify(&token, |_| vec![&key], &only(alg)).unwrap(), b"{\"a\":1}");
            let stranger = public(&ec::public(&format!("stranger-sig-{curve}")).unwrap());
            assert_eq!(jws::verify(&token, |_| vec![&stranger], &only(alg)).unwrap_err().code(), "signature");
        }
    }

    #[test]
    fn a_key_is_found_by_trying_and_held_to_its_algorithm() {
        let entries = read(vectors::ENCRYPTED_JSON);
        let entry = entries.iter().find(|entry| entry["name"] == "p256-ECDH-ES+A128KW-A256GCM").unwrap();
        let [right, other] = ["client-enc-p256", "stranger-enc-p256"].map(|kid| private(&ec::private(kid).unwrap()));
        let open = |recipients: &[jwe::Recipient<'_>]| {
            jwe::decrypt(text(entry, "jwe"), recipients, &SEALED).map(|_| ()).map_err(|error| error.code())
        };
        let meant = |key, kid, alg| jwe::Recipient { key, kid, alg };
        // the name of the one is the other's: a hint, no more
        assert_eq!(open(&[meant(&other, Some("client-enc-p256"), None), meant(&right, Some("x"), None)]), Ok(()));
        assert_eq!(open(&[meant(&right, None, Some("ECDH-ES+A128KW"))]), Ok(()));
        assert_eq!(open(&[meant(&right, None, Some("ECDH-ES+A256KW"))]), Err("algorithm"));
        assert_eq!(open(&[meant(&other, None, None)]), Err("decryption"));
        let elsewhere = private(&ec::private("client-enc-p384").unwrap());
        assert_eq!(open(&[meant(&elsewhere, None, None)]), Err("malformed"));
    }
}
