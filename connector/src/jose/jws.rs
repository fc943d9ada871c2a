//! Signatures: verifying compact JWS (RFC 7515), and signing.

use super::{Header, Named, listed};
use crate::error::{Error, What};
use crate::key::{PrivateKey, PublicKey};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use josekit::jws::{JwsSigner, JwsVerifier, RS256};

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alg {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    Rs256,
}

impl Named for Alg {
    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
        }
    }
}

/// What a JWS must be.
#[derive(Debug)]
pub(crate) struct Expect {
    pub(crate) what: What,
    pub(crate) algs: &'static [Alg],
}

/// The payload of a compact JWS, once one of the keys verified it.
pub(crate) fn verify(token: &str, keys: &[PublicKey], expect: &Expect) -> Result<Vec<u8>, Error> {
    let what = expect.what;
    let malformed = |problem| Error::Malformed { what, problem };
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed("a JWS has three parts"));
    };
    let header = Header::read(header, what)?;
    let alg = header.algorithm("alg", expect.algs, "another signature algorithm")?;
    // RFC 7515 §4.1.11: an extension that is not understood must be refused
    header.without("crit", "a critical header extension", format!("{} without extensions", listed(expect.algs)))?;
    let signature =
        BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed("the signature is not base64url"))?;
    // RFC 7515 §5.2, step 8: header and payload are signed as they were sent, with the point between them
    let signed = token.rsplit_once('.').map_or("", |(signed, _)| signed);
    if !keys.iter().any(|key| alg.verifies(key, signed.as_bytes(), &signature)) {
        let tried = keys.iter().map(PublicKey::thumbprint).collect::<Vec<_>>().join(", ");
        return Err(Error::Signature { what, tried });
    }
    BASE64_URL_SAFE_NO_PAD.decode(payload).map_err(|_| malformed("the payload is not base64url"))
}

/// The bare signature over some bytes.
pub(crate) fn sign(bytes: &[u8], key: &PrivateKey, alg: Alg) -> Result<Vec<u8>, Error> {
    let der = key.der()?;
    let signature = match alg {
        Alg::Rs256 => RS256.signer_from_der(&*der).and_then(|signer| signer.sign(bytes)),
    };
    signature.map_err(|_| Error::Configuration("the private key cannot sign".to_owned()))
}

impl Alg {
    /// Whether this key made the signature; a key that does not fit the algorithm made none.
    fn verifies(self, key: &PublicKey, signed: &[u8], signature: &[u8]) -> bool {
        let Ok(der) = key.der() else { return false };
        match self {
            Self::Rs256 => RS256.verifier_from_der(der).and_then(|verifier| verifier.verify(signed, signature)).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECT: Expect = Expect { what: What::AccessToken, algs: &[Alg::Rs256] };

    fn token(header: &str) -> String {
        format!("{}.e30.AAAA", BASE64_URL_SAFE_NO_PAD.encode(header))
    }

    #[test]
    fn the_header_is_judged_before_any_key_is_looked_at() {
        // without a single key: what reaches the keys is refused for its signature
        let judge = |header: &str| verify(&token(header), &[], &EXPECT).unwrap_err().code();
        assert_eq!(judge(r#"{"alg":"RS256"}"#), "signature");
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256"}"#, r#"{"alg":"rs256"}"#, r#"{"alg":["RS256"]}"#, "{}"] {
            assert_eq!(judge(header), "algorithm", "{header}");
        }
        assert_eq!(judge(r#"{"alg":"RS256","crit":["exp"]}"#), "algorithm");
        assert_eq!(judge("[]"), "malformed");
    }

    #[test]
    fn a_refusal_says_what_would_have_been_accepted() {
        let message = verify(&token(r#"{"alg":"none"}"#), &[], &EXPECT).unwrap_err().to_string();
        assert_eq!(message, "the access token uses another signature algorithm; only RS256 is accepted");
    }
}
