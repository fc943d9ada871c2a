//! Decrypting compact JWE (RFC 7516).

use super::{Header, Named, listed};
use crate::error::{Error, What};
use crate::key::PrivateKey;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use josekit::jwe::{JweContext, RSA_OAEP};

/// How the content key is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alg {
    /// RSAES OAEP with SHA-1 (RFC 7518 §4.3).
    RsaOaep,
}

impl Named for Alg {
    fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
        }
    }
}

/// How the content is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enc {
    /// AES in Galois/Counter Mode with a key of 256 bits (RFC 7518 §5.3).
    A256Gcm,
}

impl Named for Enc {
    fn name(self) -> &'static str {
        match self {
            Self::A256Gcm => "A256GCM",
        }
    }
}

/// Bytes of the two parts whose size an algorithm fixes.
struct Sizes {
    iv: usize,
    tag: usize,
}

impl Enc {
    const fn sizes(self) -> Sizes {
        match self {
            // RFC 7518 §5.3: the IV has 96 bits and the tag 128
            Self::A256Gcm => Sizes { iv: 12, tag: 16 },
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

/// The plaintext of a compact JWE for our key.
///
/// Every failure behind the header is the same error, so that nobody learns which layer of the padding failed
/// (RFC 7516 §11.5).
pub(crate) fn decrypt(jwe: &str, key: &PrivateKey, expect: &Expect) -> Result<Vec<u8>, Error> {
    let what = expect.what;
    let parts: Vec<&str> = jwe.split('.').collect();
    let [header, _, iv, _, tag] = parts.as_slice() else {
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
    check_sizes(iv, tag, &enc.sizes(), what)?;
    let der = key.der()?;
    let mut context = JweContext::new();
    context.remove_compression("DEF");
    let plaintext = match alg {
        Alg::RsaOaep => {
            RSA_OAEP.decrypter_from_der(&*der).and_then(|decrypter| context.deserialize_compact(jwe, &decrypter))
        }
    };
    plaintext.map(|(plaintext, _)| plaintext).map_err(|_| Error::Decryption { what, key: key.thumbprint().to_owned() })
}

/// josekit takes shorter tags than the algorithm has, and they are easier to forge.
fn check_sizes(iv: &str, tag: &str, sizes: &Sizes, what: What) -> Result<(), Error> {
    let size = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map(|bytes| bytes.len()).ok();
    if size(iv) != Some(sizes.iv) {
        return Err(Error::Malformed { what, problem: "the IV has not the size that its algorithm wants" });
    }
    if size(tag) != Some(sizes.tag) {
        return Err(Error::Malformed { what, problem: "the tag has not the size that its algorithm wants" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECT: Expect = Expect { what: What::PersonDocument, algs: &[Alg::RsaOaep], encs: &[Enc::A256Gcm] };

    fn judge(header: &str, iv: usize, tag: usize) -> &'static str {
        let key = PrivateKey::read(myinfo_fixtures::keys::CLIENT_KEY_PEM.as_bytes(), None).unwrap();
        let part = |size| BASE64_URL_SAFE_NO_PAD.encode(vec![0; size]);
        let jwe = format!("{}.{}.{}.AA.{}", BASE64_URL_SAFE_NO_PAD.encode(header), part(256), part(iv), part(tag));
        decrypt(&jwe, &key, &EXPECT).unwrap_err().code()
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
