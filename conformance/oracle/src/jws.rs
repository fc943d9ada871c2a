//! Compact JWS with RS256 (RFC 7515), in plain lines.

use crate::OracleError;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha2::Sha256;

/// A verified JWS: header and payload as texts, exactly as they were signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The header's JSON.
    pub header: String,
    /// The payload.
    pub payload: String,
}

/// Signs a payload under a header that is given as JSON text.
pub fn sign(header: &str, payload: &str, key: &RsaPrivateKey) -> String {
    let signed = format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(payload));
    let signature = SigningKey::<Sha256>::new(key.clone()).sign(signed.as_bytes());
    format!("{signed}.{}", BASE64URL.encode(signature.to_bytes()))
}

/// Verifies a token by RS256, whatever its header says, and returns header and payload.
///
/// # Errors
/// When it is no JWS of this key.
pub fn open(token: &str, key: &RsaPublicKey) -> Result<Opened, OracleError> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else {
        return Err(OracleError::new(format!("a JWS has 3 parts, this has {}", parts.len())));
    };
    let bytes = decode(signature)?;
    let signature = Signature::try_from(bytes.as_slice()).map_err(|error| OracleError::new(error.to_string()))?;
    VerifyingKey::<Sha256>::new(key.clone())
        .verify(format!("{header}.{payload}").as_bytes(), &signature)
        .map_err(|_| OracleError::new("the signature is not by this key"))?;
    Ok(Opened { header: text(&decode(header)?)?, payload: text(&decode(payload)?)? })
}

pub(crate) fn decode(part: &str) -> Result<Vec<u8>, OracleError> {
    BASE64URL.decode(part).map_err(|error| OracleError::new(format!("not base64url: {error}")))
}

pub(crate) fn text(bytes: &[u8]) -> Result<String, OracleError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| OracleError::new("not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key;
    use myinfo_fixtures::keys::{MYINFO_KEY_PEM, MYINFO_PUBLIC_KEY_PEM, STRANGER_PUBLIC_KEY_PEM};
    use serde_json::Value;

    #[test]
    fn the_golden_access_token_opens_and_is_made_again_byte_for_byte() {
        let vector: Value = serde_json::from_str(myinfo_fixtures::vectors::ACCESS_TOKEN_JSON).unwrap();
        let token = vector["token"].as_str().unwrap();
        let opened = open(token, &key::public(MYINFO_PUBLIC_KEY_PEM).unwrap()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&opened.payload).unwrap(), vector["claims"]);
        assert_eq!(sign(&opened.header, &opened.payload, &key::private(MYINFO_KEY_PEM).unwrap()), token);
        assert!(open(token, &key::public(STRANGER_PUBLIC_KEY_PEM).unwrap()).is_err());
    }
}
