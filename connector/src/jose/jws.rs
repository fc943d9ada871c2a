//! Signatures: verifying compact JWS (RFC 7515), and signing.

use super::{Header, Named, listed};
use crate::error::{Error, What};
use crate::key::{Curve, PrivateKey, PublicKey};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use josekit::jws::alg::ecdsa::EcdsaJwsAlgorithm;
use josekit::jws::{ES256, ES384, ES512, JwsSigner, JwsVerifier, RS256};
use serde_json::Value;

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alg {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    Rs256,
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
}

impl Named for Alg {
    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
        }
    }
}

/// What a JWS must be.
#[derive(Debug)]
pub(crate) struct Expect {
    pub(crate) what: What,
    pub(crate) algs: &'static [Alg],
}

/// The payload of a compact JWS, once one of the keys verified it: of those that the caller gives for its `kid`.
pub(crate) fn verify<'k>(
    token: &str,
    keys: impl FnOnce(Option<&str>) -> Vec<&'k PublicKey>,
    expect: &Expect,
) -> Result<Vec<u8>, Error> {
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
    let keys = keys(header.text("kid"));
    if !keys.iter().any(|key| alg.verifies(key, signed.as_bytes(), &signature)) {
        let tried = keys.iter().map(|key| key.thumbprint()).collect::<Vec<_>>().join(", ");
        let tried = if tried.is_empty() { "none, for no key has its kid".to_owned() } else { tried };
        return Err(Error::Signature { what, tried });
    }
    BASE64_URL_SAFE_NO_PAD.decode(payload).map_err(|_| malformed("the payload is not base64url"))
}

/// The bare signature over some bytes; on a curve r and s side by side (RFC 7518 §3.4).
pub(crate) fn sign(bytes: &[u8], key: &PrivateKey, alg: Alg) -> Result<Vec<u8>, Error> {
    let der = key.der()?;
    let signature = match alg {
        Alg::Rs256 => RS256.signer_from_der(&*der).and_then(|signer| signer.sign(bytes)),
        Alg::Es256 => on_curve(ES256, &der, bytes),
        Alg::Es384 => on_curve(ES384, &der, bytes),
        Alg::Es512 => on_curve(ES512, &der, bytes),
    };
    signature.map_err(|_| Error::Configuration("the private key cannot sign".to_owned()))
}

fn on_curve(algorithm: EcdsaJwsAlgorithm, der: &[u8], bytes: &[u8]) -> Result<Vec<u8>, josekit::JoseError> {
    algorithm.signer_from_der(der)?.sign(bytes)
}

/// A compact JWS (RFC 7515 §7.1) by a key on a curve, whose algorithm goes into the header.
pub(crate) fn compact(mut header: Value, claims: &Value, key: &PrivateKey) -> Result<String, Error> {
    let alg = Alg::of(key.curve())?;
    if let Some(members) = header.as_object_mut() {
        members.insert("alg".to_owned(), alg.name().into());
    }
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = sign(signed.as_bytes(), key, alg)?;
    Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}

impl Alg {
    /// The algorithm of a curve.
    fn of(curve: Option<Curve>) -> Result<Self, Error> {
        match curve {
            Some(Curve::P256) => Ok(Self::Es256),
            Some(Curve::P384) => Ok(Self::Es384),
            Some(Curve::P521) => Ok(Self::Es512),
            None => Err(Error::Configuration("the private key is on no curve".to_owned())),
        }
    }

    /// Whether this key made the signature; a key that does not fit the algorithm made none.
    fn verifies(self, key: &PublicKey, signed: &[u8], signature: &[u8]) -> bool {
        let Ok(der) = key.der() else { return false };
        if key.curve().is_some() && Self::of(key.curve()) != Ok(self) {
            return false;
        }
        match self {
            Self::Rs256 => RS256.verifier_from_der(der).and_then(|verifier| verifier.verify(signed, signature)).is_ok(),
            Self::Es256 => verified(ES256, &der, signed, signature),
            Self::Es384 => verified(ES384, &der, signed, signature),
            Self::Es512 => verified(ES512, &der, signed, signature),
        }
    }
}

fn verified(algorithm: EcdsaJwsAlgorithm, der: &[u8], signed: &[u8], signature: &[u8]) -> bool {
    algorithm.verifier_from_der(der).and_then(|verifier| verifier.verify(signed, signature)).is_ok()
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
        let judge = |header: &str| verify(&token(header), |_| Vec::new(), &EXPECT).unwrap_err().code();
        assert_eq!(judge(r#"{"alg":"RS256"}"#), "signature");
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256"}"#, r#"{"alg":"rs256"}"#, r#"{"alg":["RS256"]}"#, "{}"] {
            assert_eq!(judge(header), "algorithm", "{header}");
        }
        assert_eq!(judge(r#"{"alg":"RS256","crit":["exp"]}"#), "algorithm");
        assert_eq!(judge("[]"), "malformed");
    }

    #[test]
    fn a_refusal_says_what_would_have_been_accepted() {
        let message = verify(&token(r#"{"alg":"none"}"#), |_| Vec::new(), &EXPECT).unwrap_err().to_string();
        assert_eq!(message, "the access token uses another signature algorithm; only RS256 is accepted");
    }
}
