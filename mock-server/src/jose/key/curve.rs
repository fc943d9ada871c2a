//! Reading keys on curves out of a file: a JWK, a JWK Set, PEM or DER; every one of them, private or public.

use super::read::read_any_private;
use super::tidy::tidied;
use crate::jose::ec::{EcPrivate, EcPublic};
use openssl::pkey::PKey;
use openssl::x509::X509;
use serde_json::{Map, Value};

/// A key on a curve, as a file holds it.
#[derive(Debug, Clone)]
pub(crate) struct CurveKey {
    /// The `kid` of a JWK.
    pub(crate) kid: Option<String>,
    /// The `use` of a JWK.
    pub(crate) usage: Option<String>,
    /// The `alg` of a JWK.
    pub(crate) alg: Option<String>,
    pub(crate) public: EcPublic,
    pub(crate) private: Option<EcPrivate>,
}

/// The keys on curves in a file's content; none where it holds keys of another kind, or none at all.
///
/// # Errors
/// When it holds a JWK on a curve that is none: the member is told, and no private part.
pub(crate) fn read_curve_keys(input: &[u8], passphrase: Option<&str>) -> Result<Vec<CurveKey>, String> {
    let tidied = tidied(input);
    let input = &*tidied.content;
    if let Ok(value) = serde_json::from_slice::<Value>(input) {
        return jwks_in(&value).enumerate().map(|(place, jwk)| read_jwk(jwk, place)).collect();
    }
    let private = match passphrase {
        Some(passphrase) => PKey::private_key_from_pem_passphrase(input, passphrase.as_bytes()).ok(),
        None => read_any_private(input).ok(),
    };
    let private = private.as_ref().and_then(EcPrivate::of_any_kind);
    let public = match &private {
        Some(private) => private.public().ok(),
        None => public_of(input),
    };
    Ok(public.map(|public| CurveKey { kid: None, usage: None, alg: None, public, private }).into_iter().collect())
}

fn public_of(input: &[u8]) -> Option<EcPublic> {
    let certificate = || X509::from_pem(input).and_then(|certificate| certificate.public_key());
    let key = PKey::public_key_from_pem(input).or_else(|_| certificate());
    EcPublic::of_any_kind(key.or_else(|_| PKey::public_key_from_der(input)).ok()?)
}

/// The members of a set, or the one key, that are on curves.
fn jwks_in(value: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let set = value.get("keys").and_then(Value::as_array).map_or(std::slice::from_ref(value), Vec::as_slice);
    let members = set.iter().filter_map(Value::as_object);
    members.filter(|jwk| jwk.get("kty").is_some_and(|kind| kind == "EC"))
}

fn read_jwk(jwk: &Map<String, Value>, place: usize) -> Result<CurveKey, String> {
    let told = |problem| format!("key {}: {problem}", place + 1);
    let text = |name: &str| jwk.get(name).and_then(Value::as_str).map(str::to_owned);
    let public = EcPublic::from_jwk(jwk).map_err(told)?;
    let private = jwk.contains_key("d").then(|| EcPrivate::from_jwk(jwk)).transpose().map_err(told)?;
    Ok(CurveKey { kid: text("kid"), usage: text("use"), alg: text("alg"), public, private })
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::{CLIENT_CERT_PEM, CLIENT_KEY_PEM, ec};

    #[test]
    fn a_set_a_jwk_and_pem_give_the_same_keys() {
        let set = read_curve_keys(ec::CLIENT_JWKS_PRIVATE.as_bytes(), None).unwrap();
        assert_eq!((set.len(), set.iter().filter(|key| key.private.is_some()).count()), (6, 6));
        let public = read_curve_keys(ec::CLIENT_JWKS.as_bytes(), None).unwrap();
        assert!(public.len() == 6 && public.iter().all(|key| key.private.is_none()));
        let one = read_curve_keys(ec::private("client-sig-p384").unwrap().to_string().as_bytes(), None).unwrap();
        assert_eq!((one.len(), one[0].kid.as_deref()), (1, Some("client-sig-p384")));
        let thumbprint = |key: &CurveKey| key.public.thumbprint().unwrap();
        for pem in ec::CLIENT_PEMS {
            let read = |text: &str| read_curve_keys(text.as_bytes(), None).unwrap();
            for text in [pem.pkcs8, pem.sec1, pem.public, pem.certificate] {
                let keys = read(text);
                assert!(set.iter().any(|key| thumbprint(key) == thumbprint(&keys[0])), "{text}");
                assert_eq!(keys[0].private.is_some(), text.contains("PRIVATE KEY"));
            }
        }
    }

    #[test]
    fn keys_of_another_kind_are_none_and_a_damaged_jwk_is_told_without_its_private_part() {
        for content in [CLIENT_CERT_PEM, CLIENT_KEY_PEM, "{}", "[]", "7", "", "hello", r#"{"keys": [{"kty": "RSA"}]}"#]
        {
            assert!(read_curve_keys(content.as_bytes(), None).unwrap().is_empty(), "{content}");
        }
        let damaged = r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"c2VjcmV0"}"#;
        let told = read_curve_keys(damaged.as_bytes(), None).unwrap_err();
        assert!(told.contains("`x` has 1 bytes") && !told.contains("c2VjcmV0"), "{told}");
    }
}
