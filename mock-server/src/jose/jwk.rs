//! Public keys as JWK, and their thumbprints.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::bn::BigNumRef;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{HasPublic, PKey};
use serde_json::{Value, json};

/// An RSA public key as a JWK. RFC 7518 §6.3.1.
pub(crate) fn rsa_jwk(key: &PKey<impl HasPublic>) -> Result<Value, ErrorStack> {
    let rsa = key.rsa()?;
    Ok(json!({"kty": "RSA", "n": number(rsa.n()), "e": number(rsa.e())}))
}

/// The SHA-256 thumbprint of an RSA public key. RFC 7638 §3: the required members in alphabetical order, without blanks.
pub(crate) fn thumbprint(key: &PKey<impl HasPublic>) -> Result<String, ErrorStack> {
    let rsa = key.rsa()?;
    let members = format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, number(rsa.e()), number(rsa.n()));
    Ok(BASE64_URL_SAFE_NO_PAD.encode(hash(MessageDigest::sha256(), members.as_bytes())?))
}

fn number(number: &BigNumRef) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(number.to_vec())
}
