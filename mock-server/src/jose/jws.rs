//! JWS in compact form (RFC 7515): written so that any part of it can be wrong, and opened so that nothing may be.

use super::ec::Curve;
use super::ec::raw_signature;
use super::ecdsa;
use super::jwk::thumbprint;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use josekit::JoseError;
use josekit::jws::RS256;
use josekit::jws::alg::rsassa::RsassaJwsVerifier;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer};
use serde_json::{Map, Value};

/// A signature algorithm. RFC 7518 §3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alg {
    Rs256,
    Rs512,
    Ps256,
    /// ES256, ES384 or ES512, by the curve of the key.
    Es(Curve),
    /// Keyed with the bytes of what [`PKey::hmac`] holds.
    Hs256,
    /// No signature.
    None,
}

impl Alg {
    /// The name in a header.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Es(curve) => curve.algorithm(),
            Self::Hs256 => "HS256",
            Self::None => "none",
        }
    }

    /// The signature of a text by a key, which must be of the algorithm's kind. Where it `repeats`, that of ECDSA follows from
    /// key and text, which takes five times as long.
    pub(crate) fn sign(self, key: &PKey<Private>, text: &[u8], repeats: bool) -> Result<Vec<u8>, ErrorStack> {
        match self {
            Self::Rs256 | Self::Hs256 => Signer::new(MessageDigest::sha256(), key)?.sign_oneshot_to_vec(text),
            Self::Rs512 => Signer::new(MessageDigest::sha512(), key)?.sign_oneshot_to_vec(text),
            Self::Ps256 => {
                let mut signer = Signer::new(MessageDigest::sha256(), key)?;
                signer.set_rsa_padding(Padding::PKCS1_PSS)?;
                // RFC 7518 §3.5: the salt is as long as the hash
                signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
                signer.sign_oneshot_to_vec(text)
            }
            Self::Es(curve) if repeats => ecdsa::repeated(curve, &*key.ec_key()?, text),
            Self::Es(curve) => raw_signature(curve, &*key.ec_key()?, text),
            Self::None => Ok(Vec::new()),
        }
    }
}

/// What is signed: header and payload, and a dot between. RFC 7515 §5.1, step 5.
pub(crate) fn signing_input(header: &Map<String, Value>, payload: &[u8]) -> String {
    let mut text = segment(header);
    // a payload grows by a third; behind it there is room for a signature
    text.reserve(payload.len().div_ceil(3) * 4 + 512);
    text.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(payload, &mut text);
    text
}

/// A header as a segment of a compact token.
pub(super) fn segment(header: &Map<String, Value>) -> String {
    // a map of JSON values can always be written
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(header).unwrap_or_default())
}

/// The service's key: it signs, and opens what it signed.
#[derive(Clone)]
pub(crate) struct SigningKey {
    pub(crate) private: PKey<Private>,
    verifier: RsassaJwsVerifier,
    kid: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SigningKey({})", self.kid)
    }
}

impl SigningKey {
    /// Its `kid` is the RFC 7638 thumbprint, as recorded from the real service.
    pub(crate) fn new(private: &PKey<Private>) -> anyhow::Result<Self> {
        let verifier = RS256.verifier_from_der(private.public_key_to_der()?)?;
        Ok(Self { private: private.clone(), verifier, kid: thumbprint(private)? })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The payload of a compact RS256 JWS that this key signed.
    pub(crate) fn open(&self, token: &str) -> Result<Vec<u8>, JoseError> {
        // josekit pins the algorithm to the verifier's: `none`, HS256 and RS512 fail here
        let (payload, _) = josekit::jws::deserialize_compact(token, &self.verifier)?;
        Ok(payload)
    }
}
