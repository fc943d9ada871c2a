//! JOSE as Myinfo v3 uses it, and nothing else: RS256 signatures, RSA-OAEP with A256GCM. The only file that decrypts.

use crate::error::{Error, What};
use crate::keys::{PrivateKey, PublicKey};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use josekit::jwe::JweContext;
use josekit::jws::JwsVerifier;
use serde_json::{Map, Value};

/// The payload of a compact JWS, once one of Myinfo's keys verified it.
///
/// RFC 8725 §3.1: the algorithm is ours to choose, not the token's. Keys that the header offers (`jwk`, `jku`, `x5c`) are
/// not looked at; `kid` is only a hint and needs no match.
pub(crate) fn verify(token: &str, keys: &[PublicKey], what: What) -> Result<Vec<u8>, Error> {
    let malformed = |problem| Error::Malformed { what, problem };
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed("a JWS has three parts"));
    };
    let header = read_header(header, what)?;
    if header.get("alg").and_then(Value::as_str) != Some("RS256") {
        return Err(Error::Algorithm { what, found: "another signature algorithm", expected: "RS256".to_owned() });
    }
    // RFC 7515 §4.1.11: an extension that is not understood must be refused
    if header.contains_key("crit") {
        return Err(Error::Algorithm {
            what,
            found: "a critical header extension",
            expected: "RS256 without extensions".to_owned(),
        });
    }
    let signature =
        BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed("the signature is not base64url"))?;
    let signed = token.rsplit_once('.').map_or("", |(signed, _)| signed);
    if !keys.iter().any(|key| key.verifier.verify(signed.as_bytes(), &signature).is_ok()) {
        let tried = keys.iter().map(|key| key.thumbprint.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Error::Signature { what, tried });
    }
    BASE64_URL_SAFE_NO_PAD.decode(payload).map_err(|_| malformed("the payload is not base64url"))
}

/// The plaintext of a compact JWE for our key.
///
/// Every failure behind the header is the same error, so that nobody learns which layer of the padding failed.
pub(crate) fn decrypt(jwe: &str, key: &PrivateKey, what: What) -> Result<Vec<u8>, Error> {
    if jwe.split('.').count() != 5 {
        return Err(Error::Malformed { what, problem: "a JWE has five parts" });
    }
    let header = read_header(jwe.split('.').next().unwrap_or_default(), what)?;
    let names = |name: &str| header.get(name).and_then(Value::as_str);
    if names("alg") != Some("RSA-OAEP") {
        return Err(Error::Algorithm { what, found: "another key encryption", expected: "RSA-OAEP".to_owned() });
    }
    if names("enc") != Some("A256GCM") {
        return Err(Error::Algorithm { what, found: "another content encryption", expected: "A256GCM".to_owned() });
    }
    // a small compressed document could become gigabytes
    if header.contains_key("zip") {
        return Err(Error::Algorithm {
            what,
            found: "compression",
            expected: "RSA-OAEP and A256GCM without compression".to_owned(),
        });
    }
    if header.contains_key("crit") {
        return Err(Error::Algorithm {
            what,
            found: "a critical header extension",
            expected: "RSA-OAEP and A256GCM without extensions".to_owned(),
        });
    }
    check_sizes(jwe, what)?;
    let mut context = JweContext::new();
    context.remove_compression("DEF");
    context
        .deserialize_compact(jwe, &key.decrypter)
        .map(|(plaintext, _)| plaintext)
        .map_err(|_| Error::Decryption { what, key: key.thumbprint.clone() })
}

/// RFC 7518 §5.3: the IV has 96 bits and the tag 128. josekit takes shorter tags, which are easier to forge.
fn check_sizes(jwe: &str, what: What) -> Result<(), Error> {
    let size = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map(|bytes| bytes.len()).ok();
    let mut parts = jwe.split('.').skip(2);
    if parts.next().and_then(size) != Some(12) {
        return Err(Error::Malformed { what, problem: "the IV has not 12 bytes" });
    }
    if parts.nth(1).and_then(size) != Some(16) {
        return Err(Error::Malformed { what, problem: "the tag has not 16 bytes" });
    }
    Ok(())
}

fn read_header(part: &str, what: What) -> Result<Map<String, Value>, Error> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| Error::Malformed { what, problem: "the header is not base64url" })?;
    serde_json::from_slice(&bytes).map_err(|_| Error::Malformed { what, problem: "the header is no JSON object" })
}
