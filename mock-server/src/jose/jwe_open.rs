//! Opening a JWE that was encrypted for a key on a curve, step by step: what stops it is told.

use super::ec::{EcPrivate, EcPublic};
use super::ecdh_es::{unwrap, wrapping_bytes};
use super::jwe::Hmac;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::symm::{Cipher, decrypt_aead};
use serde_json::{Map, Value};

/// Why a document does not open.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unopened {
    /// It was made for another key, or its second part was changed.
    #[error("it was encrypted for another key")]
    AnotherKey,
    /// The key is the right one, and yet it does not open.
    #[error("{0}")]
    Changed(String),
}

/// The header of a compact JWE; nothing where it has none.
pub(crate) fn header(token: &str) -> Option<Map<String, Value>> {
    super::nested::unverified(token, 0)
}

/// The plaintext of a compact JWE with ECDH-ES and key wrapping. RFC 7516 §5.2.
pub(crate) fn open(token: &str, key: &EcPrivate) -> Result<Vec<u8>, Unopened> {
    let changed = |what: &str| Unopened::Changed(what.to_owned());
    let parts: Vec<&str> = token.split('.').collect();
    let [aad, wrapped, iv, text, tag] = parts.as_slice() else { return Err(changed("it has not five parts")) };
    let header = header(token).ok_or_else(|| changed("its header is no JSON object in base64url"))?;
    let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| changed("a part is no base64url"));
    let member = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
    let bytes = wrapping_bytes(member("alg")).ok_or_else(|| changed("its `alg` is none of ECDH-ES with a key wrap"))?;
    let epk = header.get("epk").and_then(Value::as_object).ok_or_else(|| changed("its header has no `epk`"))?;
    let epk = EcPublic::from_jwk(epk).map_err(|problem| Unopened::Changed(format!("its `epk`: {problem}")))?;
    if epk.curve != key.curve {
        return Err(Unopened::AnotherKey);
    }
    let own = key.any_kind().map_err(|_| Unopened::AnotherKey)?;
    let content_key = unwrap(&own, (member("alg"), bytes), &epk, &decoded(wrapped)?);
    let content_key = content_key.ok().flatten().ok_or(Unopened::AnotherKey)?;
    let sealed = Sealed { iv: decoded(iv)?, aad, text: decoded(text)?, tag: decoded(tag)? };
    sealed.open(member("enc"), &content_key)
}

/// What the content key opens.
struct Sealed<'t> {
    iv: Vec<u8>,
    aad: &'t str,
    text: Vec<u8>,
    tag: Vec<u8>,
}

impl Sealed<'_> {
    fn open(&self, enc: &str, key: &[u8]) -> Result<Vec<u8>, Unopened> {
        let hmac = Hmac::of(enc);
        // RFC 7518 §5.2.3 and §5.3: each has its own sizes; OpenSSL panics on an IV of another one
        let sizes = match (hmac, enc) {
            (Some(hmac), _) => (hmac.key_bytes(), 16, hmac.key_bytes() / 2),
            (None, "A256GCM") => (32, 12, 16),
            _ => return Err(Unopened::Changed(format!("its `enc` is `{}`, which nothing here opens", short(enc)))),
        };
        let found = (key.len(), self.iv.len(), self.tag.len());
        if found != sizes {
            let told = format!("key, IV and tag have {found:?} bytes; {enc} has {sizes:?}");
            return Err(Unopened::Changed(told));
        }
        let aad = self.aad.as_bytes();
        let opened = match hmac {
            Some(hmac) => hmac.decrypt(key, &self.iv, aad, (&self.text, &self.tag)),
            None => decrypt_aead(Cipher::aes_256_gcm(), key, Some(&self.iv), aad, &self.text, &self.tag).ok(),
        };
        opened.ok_or_else(|| {
            let what = "the key fits, but the tag does not: header, IV, text or tag was changed on the way";
            Unopened::Changed(what.to_owned())
        })
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::Entropy;
    use crate::jose::jwe::{Jwe, compact};
    use myinfo_fixtures::keys::ec;
    use serde_json::json;

    fn key(kid: &str) -> EcPrivate {
        EcPrivate::from_jwk(ec::private(kid).unwrap().as_object().unwrap()).unwrap()
    }

    fn sealed(kid: &str, alg: &str, enc: &str) -> String {
        let header = json!({"cty": "JWT", "enc": enc, "alg": alg, "kid": kid});
        let recipient = key(kid).public().unwrap().key;
        let header = header.as_object().unwrap();
        compact(&Jwe {
            header,
            plaintext: b"inside",
            recipient: &recipient,
            segments: &[],
            entropy: &Entropy::seeded(1),
        })
        .unwrap()
    }

    fn changed(token: &str, place: usize, change: impl Fn(&mut Vec<u8>)) -> String {
        let mut parts: Vec<Vec<u8>> =
            token.split('.').map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
        change(&mut parts[place]);
        parts.iter().map(|part| BASE64_URL_SAFE_NO_PAD.encode(part)).collect::<Vec<_>>().join(".")
    }

    #[test]
    fn every_wrap_and_content_encryption_opens_with_its_key_alone() {
        for (kid, alg) in [
            ("client-enc-p256", "ECDH-ES+A128KW"),
            ("client-enc-p384", "ECDH-ES+A192KW"),
            ("client-enc-p521", "ECDH-ES+A256KW"),
        ] {
            for enc in ["A256GCM", "A256CBC-HS512", "A128CBC-HS256"] {
                let token = sealed(kid, alg, enc);
                assert_eq!(open(&token, &key(kid)).unwrap(), b"inside", "{alg} {enc}");
                for other in ["stranger-enc-p256", "stranger-enc-p384", "stranger-enc-p521"] {
                    assert_eq!(open(&token, &key(other)), Err(Unopened::AnotherKey), "{other}");
                }
            }
        }
    }

    #[test]
    fn what_was_changed_does_not_open_and_never_panics() {
        let own = key("client-enc-p256");
        for enc in ["A256GCM", "A256CBC-HS512"] {
            let token = sealed("client-enc-p256", "ECDH-ES+A256KW", enc);
            for (place, says) in [(2, "the tag does not"), (3, "the tag does not"), (4, "the tag does not")] {
                let told = open(&changed(&token, place, |part| part[0] ^= 1), &own).unwrap_err().to_string();
                assert!(told.contains(says), "{enc}, part {place}: {told}");
                let told = open(&changed(&token, place, Vec::clear), &own).unwrap_err().to_string();
                assert!(told.contains(if place == 3 { "the tag does not" } else { "bytes; A256" }), "{told}");
            }
            for change in [Vec::clear as fn(&mut Vec<u8>), |part| part.truncate(7), |part| part[3] ^= 1] {
                assert_eq!(open(&changed(&token, 1, change), &own), Err(Unopened::AnotherKey));
            }
            let no_json = changed(&token, 0, |part| part[0] = b'x');
            assert!(open(&no_json, &own).unwrap_err().to_string().contains("no JSON object"));
        }
        assert!(open("a.b.c", &own).unwrap_err().to_string().contains("five parts"));
    }
}
