//! DPoP proofs: that we hold the key to which the tokens of a login are bound (RFC 9449).

use crate::ambient::Stamp;
use crate::error::Error;
use crate::jose::jws;
use crate::key::PrivateKey;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// What a proof is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    /// The access token that is sent beside the proof.
    pub(crate) access_token: Option<&'a str>,
    /// What the server asked to put into the proof.
    pub(crate) nonce: Option<&'a str>,
}

/// The proof of one attempt (RFC 9449 §4.2): its `jti` is the stamp's, which is never used again, and its header shows the
/// public key alone.
pub(crate) fn made(subject: &Subject<'_>, key: &PrivateKey, stamp: &Stamp) -> Result<String, Error> {
    let now = stamp.timestamp / 1000;
    let mut claims = json!({
        "jti": stamp.nonce,
        "htm": subject.method,
        "htu": without_query(subject.url),
        "iat": now,
        "exp": now + LIFETIME,
    });
    let more = [("ath", subject.access_token.map(hash)), ("nonce", subject.nonce.map(str::to_owned))];
    for (name, value) in more {
        if let (Some(members), Some(value)) = (claims.as_object_mut(), value) {
            members.insert(name.to_owned(), Value::String(value));
        }
    }
    jws::compact(json!({"typ": "dpop+jwt", "jwk": key.public_members()?}), &claims, key)
}

/// How long a proof lives, in seconds. Singpass's documents of March 2026 demand an expiry within 120, later ones allow it.
const LIFETIME: u64 = 60;

/// §4.2: `htu` has neither query nor fragment.
fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// §4.2: `ath` is the hash of the access token's ASCII.
fn hash(access_token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(openssl::sha::sha256(access_token.as_bytes()))
}

/// Whether a text may be sent back as a nonce: §8.1, `1*NQCHAR`, and not without end.
pub(crate) fn is_nonce(text: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    (1..=1024).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard_s_own_example() {
        // RFC 9449 §7.1
        let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
        assert_eq!(hash(token), "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    }

    #[test]
    fn an_address_loses_its_query_and_keeps_its_port() {
        assert_eq!(without_query("https://h:8443/fapi/userinfo?a=1#b"), "https://h:8443/fapi/userinfo");
    }

    #[test]
    fn a_nonce_is_no_header_of_its_own() {
        assert!(is_nonce("eyJ7S_zG.eyJH0-Z.HX4w-7v"));
        for odd in ["", "a b", "a\r\nX: y", "\"", "\\", "é", &"n".repeat(1025)] {
            assert!(!is_nonce(odd), "{odd:?}");
        }
    }
}
