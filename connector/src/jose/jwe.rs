//! Decrypting compact JWE (RFC 7516).

use super::{Header, Named, ecdh_es, listed};
use crate::error::{Error, What};
use crate::key::PrivateKey;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use josekit::jwe::alg::ecdh_es::EcdhEsJweAlgorithm;
use josekit::jwe::{ECDH_ES_A128KW, ECDH_ES_A192KW, ECDH_ES_A256KW, JweContext, JweDecrypter, RSA_OAEP};

/// How the content key is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alg {
    /// RSAES OAEP with SHA-1 (RFC 7518 §4.3).
    RsaOaep,
    /// Agreed upon on a curve, and wrapped with AES of 128 bits (RFC 7518 §4.6).
    EcdhEsA128Kw,
    /// The same with 192 bits.
    EcdhEsA192Kw,
    /// The same with 256 bits.
    EcdhEsA256Kw,
}

impl Alg {
    /// All that agree upon a key on a curve.
    pub(crate) const ON_CURVES: [Self; 3] = [Self::EcdhEsA128Kw, Self::EcdhEsA192Kw, Self::EcdhEsA256Kw];
}

impl Named for Alg {
    fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA192Kw => "ECDH-ES+A192KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }
}

/// How the content is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enc {
    /// AES in Galois/Counter Mode with a key of 256 bits (RFC 7518 §5.3).
    A256Gcm,
    /// AES in CBC mode with 256 bits, authenticated with HMAC SHA-512 (RFC 7518 §5.2.5).
    A256CbcHs512,
}

impl Named for Enc {
    fn name(self) -> &'static str {
        match self {
            Self::A256Gcm => "A256GCM",
            Self::A256CbcHs512 => "A256CBC-HS512",
        }
    }
}

/// Bytes of the parts whose size an algorithm fixes.
struct Sizes {
    key: usize,
    iv: usize,
    tag: usize,
}

impl Enc {
    const fn sizes(self) -> Sizes {
        match self {
            // RFC 7518 §5.3: the IV has 96 bits and the tag 128
            Self::A256Gcm => Sizes { key: 32, iv: 12, tag: 16 },
            // RFC 7518 §5.2.5: a key of 64 bytes in two halves, and the first half of the HMAC
            Self::A256CbcHs512 => Sizes { key: 64, iv: 16, tag: 32 },
        }
    }
}

/// What a JWE must be.
#[derive(Debug)]
pub(crate) struct Expect {
    pub(crate) what: What,
    pub(crate) algs: &'static [Alg],
    pub(crate) encs: &'static [Enc],
}

/// A key of ours, and what documents for it may look like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipient<'k> {
    pub(crate) key: &'k PrivateKey,
    /// Its name, where documents may name it.
    pub(crate) kid: Option<&'k str>,
    /// The one algorithm that it is meant for (RFC 7517 §4.4), where it is meant for one.
    pub(crate) alg: Option<&'k str>,
}

/// The plaintext of a compact JWE for one of our keys.
///
/// Every failure behind the header is the same error, so that nobody learns which layer of the padding failed
/// (RFC 7516 §11.5).
pub(crate) fn decrypt(jwe: &str, recipients: &[Recipient<'_>], expect: &Expect) -> Result<Vec<u8>, Error> {
    let what = expect.what;
    let parts: Vec<&str> = jwe.split('.').collect();
    let [header, wrapped, iv, ciphertext, tag] = parts.as_slice() else {
        return Err(Error::Malformed { what, problem: "a JWE has five parts" });
    };
    let header = Header::read(header, what)?;
    let alg = header.algorithm("alg", expect.algs, "another key encryption")?;
    let enc = header.algorithm("enc", expect.encs, "another content encryption")?;
    let both = format!("{} and {}", listed(expect.algs), listed(expect.encs));
    // RFC 8725 §3.6: a small compressed document could become gigabytes
    header.without("zip", "compression", format!("{both} without compression"))?;
    // RFC 7516 §4.1.13: an extension that is not understood must be refused
    header.without("crit", "a critical header extension", format!("{both} without extensions"))?;
    let sizes = enc.sizes();
    check_size(iv, |size| size == sizes.iv, what, "the IV has not the size that its algorithm wants")?;
    check_size(tag, |size| size == sizes.tag, what, "the tag has not the size that its algorithm wants")?;
    check_size(ciphertext, |_| true, what, "the ciphertext is not base64url")?;
    if alg != Alg::RsaOaep {
        // RFC 3394 §2.2.1: eight bytes more than the key; josekit counts on them
        let wants = |size| size == sizes.key + 8;
        check_size(wrapped, wants, what, "the wrapped key has not the size that its algorithm wants")?;
    }
    let fitting = fitting(recipients, &header, alg)?;
    let opened = fitting.iter().find_map(|recipient| open(jwe, recipient.key, alg));
    opened.ok_or_else(|| {
        let key = fitting.iter().map(|recipient| recipient.key.thumbprint()).collect::<Vec<_>>().join(", ");
        Error::Decryption { what, key }
    })
}

/// The keys that the document can be for, the one that it names first: a `kid` is a hint, for a set may have changed.
fn fitting<'r, 'k>(
    recipients: &'r [Recipient<'k>],
    header: &Header,
    alg: Alg,
) -> Result<Vec<&'r Recipient<'k>>, Error> {
    let mut fitting: Vec<&Recipient<'_>> = recipients.iter().collect();
    if alg != Alg::RsaOaep {
        let curve = ecdh_es::curve(header)?;
        fitting.retain(|recipient| recipient.key.curve() == Some(curve));
        if fitting.is_empty() {
            let problem = "its ephemeral key is on a curve on which no key of ours is";
            return Err(Error::Malformed { what: header.what, problem });
        }
    }
    let meant: Vec<&str> = fitting.iter().filter_map(|recipient| recipient.alg).collect();
    fitting.retain(|recipient| recipient.alg.is_none_or(|meant| meant == alg.name()));
    if fitting.is_empty() {
        return Err(header.refused("another key encryption than our key is registered for", meant.join(" or ")));
    }
    let named = header.text("kid");
    fitting.sort_by_key(|recipient| recipient.kid.is_none() || recipient.kid != named);
    Ok(fitting)
}

fn open(jwe: &str, key: &PrivateKey, alg: Alg) -> Option<Vec<u8>> {
    let der = key.der().ok()?;
    let on_curve = |algorithm: EcdhEsJweAlgorithm| opened(jwe, &algorithm.decrypter_from_der(&*der).ok()?);
    match alg {
        Alg::RsaOaep => opened(jwe, &RSA_OAEP.decrypter_from_der(&*der).ok()?),
        Alg::EcdhEsA128Kw => on_curve(ECDH_ES_A128KW),
        Alg::EcdhEsA192Kw => on_curve(ECDH_ES_A192KW),
        Alg::EcdhEsA256Kw => on_curve(ECDH_ES_A256KW),
    }
}

fn opened(jwe: &str, decrypter: &impl JweDecrypter) -> Option<Vec<u8>> {
    let mut context = JweContext::new();
    context.remove_compression("DEF");
    context.deserialize_compact(jwe, decrypter).ok().map(|(plaintext, _)| plaintext)
}

/// josekit takes shorter tags than the algorithm has, and they are easier to forge.
fn check_size(part: &str, fits: impl Fn(usize) -> bool, what: What, problem: &'static str) -> Result<(), Error> {
    let size = BASE64_URL_SAFE_NO_PAD.decode(part).map(|bytes| bytes.len());
    if size.is_ok_and(fits) { Ok(()) } else { Err(Error::Malformed { what, problem }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECT: Expect = Expect { what: What::PersonDocument, algs: &[Alg::RsaOaep], encs: &[Enc::A256Gcm] };

    fn judge(header: &str, iv: usize, tag: usize) -> &'static str {
        let key = PrivateKey::read(myinfo_fixtures::keys::CLIENT_KEY_PEM.as_bytes(), None).unwrap();
        let part = |size| BASE64_URL_SAFE_NO_PAD.encode(vec![0; size]);
        let jwe = format!("{}.{}.{}.AA.{}", BASE64_URL_SAFE_NO_PAD.encode(header), part(256), part(iv), part(tag));
        decrypt(&jwe, &[Recipient { key: &key, kid: None, alg: None }], &EXPECT).unwrap_err().code()
    }

    #[test]
    fn the_header_is_judged_before_the_key_is_used() {
        assert_eq!(judge(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, 12, 16), "decryption");
        for header in [
            r#"{"alg":"RSA1_5","enc":"A256GCM"}"#,
            r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#,
            r#"{"alg":"dir","enc":"A256GCM"}"#,
            r#"{"alg":"RSA-OAEP","enc":"A128GCM"}"#,
            r#"{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF"}"#,
            r#"{"alg":"RSA-OAEP","enc":"A256GCM","crit":["exp"]}"#,
        ] {
            assert_eq!(judge(header, 12, 16), "algorithm", "{header}");
        }
    }

    #[test]
    fn an_iv_or_a_tag_of_another_size_is_refused() {
        for (iv, tag) in [(8, 16), (16, 16), (12, 4), (12, 12), (12, 32)] {
            assert_eq!(judge(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, iv, tag), "malformed", "{iv} and {tag}");
        }
    }
}
