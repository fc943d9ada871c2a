//! Keys as JSON (RFC 7517), and their thumbprints (RFC 7638).

use super::wrong;
use crate::error::Error;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jwk::alg::rsa::RsaKeyPair;
use openssl::bn::BigNum;
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private, Public};
use openssl::rsa::Rsa;
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value};

pub(super) fn private(input: &[u8]) -> Result<PKey<Private>, Error> {
    let jwk = read(input)?;
    if jwk.parameter("d").is_none() {
        return Err(wrong("a private key is needed, and this is a public JWK"));
    }
    let pair = RsaKeyPair::from_jwk(&jwk).map_err(|_| wrong("the JWK is no complete RSA private key"))?;
    let der = Zeroizing::new(pair.to_der_private_key());
    PKey::private_key_from_der(&der).map_err(|_| wrong("the JWK's key cannot be used"))
}

/// RFC 7518 §6.3.1: the modulus and the exponent. josekit makes key pairs only, so a public key is put together here.
pub(super) fn public(input: &[u8]) -> Result<PKey<Public>, Error> {
    let jwk = read(input)?;
    let number = |name: &str| {
        let text = jwk.parameter(name).and_then(Value::as_str)?;
        BigNum::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    };
    let (Some(modulus), Some(exponent)) = (number("n"), number("e")) else {
        return Err(wrong("the JWK has no usable `n` and `e`"));
    };
    Rsa::from_public_components(modulus, exponent)
        .and_then(PKey::from_rsa)
        .map_err(|_| wrong("the JWK's key cannot be used"))
}

fn read(input: &[u8]) -> Result<Jwk, Error> {
    let jwk = Jwk::from_bytes(input).map_err(|_| wrong("the text is JSON, but no JWK"))?;
    if jwk.key_type() == "RSA" { Ok(jwk) } else { Err(wrong("the JWK is no RSA key, and an RSA key is needed")) }
}

/// RFC 7638 §3 with SHA-256: the required members in the order of their names, without white space, hashed.
pub(super) fn thumbprint<T: HasPublic>(key: &PKeyRef<T>) -> Result<String, Error> {
    let rsa = key.rsa().map_err(|_| wrong("the key is no RSA key"))?;
    let members = format!(
        r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#,
        BASE64_URL_SAFE_NO_PAD.encode(rsa.e().to_vec()),
        BASE64_URL_SAFE_NO_PAD.encode(rsa.n().to_vec())
    );
    Ok(hashed(&members))
}

/// The same for a key on a curve, of its members in a JWK.
pub(super) fn ec_thumbprint(jwk: &Map<String, Value>) -> String {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str).unwrap_or_default();
    hashed(&format!(r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#, text("crv"), text("x"), text("y")))
}

fn hashed(members: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(openssl::sha::sha256(members.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_the_standard_s_own_example() {
        // RFC 7638 §3.1
        let jwk = br#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
        assert_eq!(thumbprint(&public(jwk).unwrap()).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn a_jwk_that_is_no_rsa_public_key_is_refused_with_the_reason() {
        let message = |jwk: &str| public(jwk.as_bytes()).unwrap_err().to_string();
        assert!(message(r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#).contains("an RSA key is needed"));
        assert!(message(r#"{"kty":"RSA","n":"AQAB"}"#).contains("no usable `n` and `e`"));
        assert!(message(r#"{"kty":"RSA","n":"+/+/","e":"AQAB"}"#).contains("no usable `n` and `e`"));
    }
}
