//! Compact JWS with RS256, ES256, ES384 and ES512 (RFC 7515, RFC 7518 §3.3 and §3.4), in plain lines.

use crate::OracleError;
use crate::ec::{Curve, EcPrivateKey, EcPublicKey};
use crate::text::{decode, encode, member, object, utf8};
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha2::Sha256;

/// RFC 7518 §3.1: the algorithms of the profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alg {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
}

impl Alg {
    /// The name as `alg` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
        }
    }

    /// RFC 7518 §3.4: each curve has one algorithm.
    pub const fn of(curve: Curve) -> Self {
        match curve {
            Curve::P256 => Self::Es256,
            Curve::P384 => Self::Es384,
            Curve::P521 => Self::Es512,
        }
    }
}

/// A verified JWS: header and payload as texts, exactly as they were signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The header's JSON.
    pub header: String,
    /// The payload.
    pub payload: String,
}

/// A key that signs, by the one algorithm that belongs to it.
pub trait Signs {
    /// The algorithm.
    fn alg(&self) -> Alg;
    /// The signature as JWS has it.
    fn signature(&self, text: &[u8]) -> Vec<u8>;
}

/// A key that verifies, by the one algorithm that belongs to it.
pub trait Verifies {
    /// The algorithm.
    fn alg(&self) -> Alg;
    /// Whether the signature is one over the text.
    ///
    /// # Errors
    /// When it is not.
    fn verify(&self, text: &[u8], signature: &[u8]) -> Result<(), OracleError>;
}

/// Signs a payload under a header that is given as JSON text, whatever it says.
pub fn sign(header: &str, payload: &str, key: &impl Signs) -> String {
    // RFC 7515 §5.1, steps 2 to 6
    let signed = format!("{}.{}", encode(header), encode(payload));
    let signature = key.signature(signed.as_bytes());
    format!("{signed}.{}", encode(signature))
}

/// Verifies a token by the key's algorithm, whatever its header says, and returns header and payload.
///
/// # Errors
/// When it is no JWS of this key.
pub fn open(token: &str, key: &impl Verifies) -> Result<Opened, OracleError> {
    let [header, payload, signature] = parts(token)?;
    // RFC 7515 §5.2, step 8: the signature is over the first two parts as they were sent
    key.verify(format!("{header}.{payload}").as_bytes(), &decode(signature)?)?;
    Ok(Opened { header: utf8(&decode(header)?)?, payload: utf8(&decode(payload)?)? })
}

/// Verifies a token as a relying party must: the header names the key's algorithm and no extension (RFC 7515 §5.2).
///
/// # Errors
/// When the header says something else, or it is no JWS of this key.
pub fn accept(token: &str, key: &impl Verifies) -> Result<Opened, OracleError> {
    let [header, ..] = parts(token)?;
    let header = object(&utf8(&decode(header)?)?)?;
    // RFC 7515 §4.1.11: whoever understands no extension refuses each of them
    if header.contains_key("crit") {
        return Err(OracleError::Crit);
    }
    // RFC 8725 §3.1: one algorithm for a key, chosen by who verifies
    let (expected, found) = (key.alg().name(), member(&header, "alg")?);
    if found != expected {
        return Err(OracleError::Alg { expected, found: found.to_owned() });
    }
    open(token, key)
}

fn parts(token: &str) -> Result<[&str; 3], OracleError> {
    let parts: Vec<&str> = token.split('.').collect();
    <[&str; 3]>::try_from(parts).map_err(|parts| OracleError::Parts { what: "JWS", expected: 3, found: parts.len() })
}

impl Signs for RsaPrivateKey {
    fn alg(&self) -> Alg {
        Alg::Rs256
    }

    fn signature(&self, text: &[u8]) -> Vec<u8> {
        SigningKey::<Sha256>::new(self.clone()).sign(text).to_vec()
    }
}

impl Verifies for RsaPublicKey {
    fn alg(&self) -> Alg {
        Alg::Rs256
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> Result<(), OracleError> {
        let signature = Signature::try_from(signature).map_err(|_| OracleError::Signature)?;
        VerifyingKey::<Sha256>::new(self.clone()).verify(text, &signature).map_err(|_| OracleError::Signature)
    }
}

impl Signs for EcPrivateKey {
    fn alg(&self) -> Alg {
        Alg::of(self.curve())
    }

    fn signature(&self, text: &[u8]) -> Vec<u8> {
        self.sign(text)
    }
}

impl Verifies for EcPublicKey {
    fn alg(&self) -> Alg {
        Alg::of(self.curve())
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> Result<(), OracleError> {
        Self::verify(self, text, signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{jwk, key};
    use myinfo_fixtures::keys::{MYINFO_KEY_PEM, MYINFO_PUBLIC_KEY_PEM, STRANGER_PUBLIC_KEY_PEM, ec};
    use myinfo_fixtures::vectors::{ACCESS_TOKEN_JSON, BAD_SIGNATURES_JSON, RFC_JSON, SIGNATURES_JSON};
    use serde_json::Value;

    #[test]
    fn the_golden_access_token_opens_and_is_made_again_byte_for_byte() {
        let vector: Value = serde_json::from_str(ACCESS_TOKEN_JSON).unwrap();
        let token = vector["token"].as_str().unwrap();
        let opened = open(token, &key::public(MYINFO_PUBLIC_KEY_PEM).unwrap()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&opened.payload).unwrap(), vector["claims"]);
        assert_eq!(sign(&opened.header, &opened.payload, &key::private(MYINFO_KEY_PEM).unwrap()), token);
        assert_eq!(accept(token, &key::public(MYINFO_PUBLIC_KEY_PEM).unwrap()).unwrap(), opened);
        assert!(open(token, &key::public(STRANGER_PUBLIC_KEY_PEM).unwrap()).is_err());
    }

    #[test]
    fn the_examples_of_the_rfcs_verify() {
        let rfc: Value = serde_json::from_str(RFC_JSON).unwrap();
        for vector in rfc["signatures"].as_array().unwrap() {
            let key = jwk::private(&vector["jwk"]).unwrap();
            let opened = accept(vector["jws"].as_str().unwrap(), &key.public()).unwrap();
            assert_eq!(opened.payload, vector["payload"].as_str().unwrap(), "{}", vector["name"]);
        }
    }

    #[test]
    fn what_jose_signs_verifies_with_leading_zeros_and_with_any_s() {
        let vectors: Vec<Value> = serde_json::from_str(SIGNATURES_JSON).unwrap();
        for vector in &vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            let key = jwk::public(&ec::public(text("kid")).unwrap()).unwrap();
            assert_eq!(Verifies::alg(&key).name(), text("alg"));
            let opened = accept(text("jws"), &key).unwrap();
            assert_eq!((opened.header.as_str(), opened.payload.as_str()), (text("header"), text("payload")));
        }
    }

    #[test]
    fn every_bad_signature_is_refused_for_its_flaw() {
        let vectors: Vec<Value> = serde_json::from_str(BAD_SIGNATURES_JSON).unwrap();
        for vector in &vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            let key = jwk::public(&ec::public(text("kid")).unwrap()).unwrap();
            let refused = accept(text("jws"), &key).unwrap_err();
            assert_eq!(refused.code(), text("flaw"), "{}: {refused}", text("name"));
        }
    }

    #[test]
    fn opening_looks_at_the_signature_alone() {
        let key = jwk::private(&ec::private("client-sig-p384").unwrap()).unwrap();
        let token = sign(r#"{"alg":"RS256","crit":["exp"]}"#, "x", &key);
        assert_eq!(open(&token, &key.public()).unwrap().payload, "x");
        assert_eq!(accept(&token, &key.public()).unwrap_err(), OracleError::Crit);
    }
}
