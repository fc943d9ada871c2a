//! Compact JWE with RSA-OAEP (SHA-1) and A256GCM (RFC 7516, RFC 7518 §4.3 and §5.3), in plain lines.

use crate::OracleError;
use crate::jws::{decode, text};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use rsa::rand_core::{OsRng, RngCore};
use rsa::{Oaep, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;

/// An opened JWE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The protected header's JSON, exactly as it was protected.
    pub header: String,
    /// The plaintext.
    pub plaintext: String,
}

/// Encrypts for a public key, under a header that is given as JSON text.
///
/// # Errors
/// When the key is too small for OAEP.
pub fn seal(header: &str, plaintext: &str, key: &RsaPublicKey) -> Result<String, OracleError> {
    let mut content_key = [0_u8; 32];
    let mut iv = [0_u8; 12];
    OsRng.fill_bytes(&mut content_key);
    OsRng.fill_bytes(&mut iv);
    let header = BASE64URL.encode(header);
    let wrapped = key
        .encrypt(&mut OsRng, Oaep::new::<Sha1>(), &content_key)
        .map_err(|error| OracleError::new(error.to_string()))?;
    let cipher = Aes256Gcm::new(&content_key.into());
    let mut sealed = cipher
        .encrypt(Nonce::from_slice(&iv), Payload { msg: plaintext.as_bytes(), aad: header.as_bytes() })
        .map_err(|_| OracleError::new("AES-GCM did not encrypt"))?;
    let tag = sealed.split_off(sealed.len().saturating_sub(16));
    let parts = [wrapped.as_slice(), &iv, &sealed, &tag].map(|part| BASE64URL.encode(part));
    Ok(format!("{header}.{}", parts.join(".")))
}

/// Opens a JWE with a private key.
///
/// # Errors
/// When it is not for this key, or was changed.
pub fn open(jwe: &str, key: &RsaPrivateKey) -> Result<Opened, OracleError> {
    let parts: Vec<&str> = jwe.split('.').collect();
    let [header, wrapped, iv, ciphertext, tag] = parts.as_slice() else {
        return Err(OracleError::new(format!("a JWE has 5 parts, this has {}", parts.len())));
    };
    let content_key = key
        .decrypt(Oaep::new::<Sha1>(), &decode(wrapped)?)
        .map_err(|_| OracleError::new("the content key is not encrypted for this key by RSA-OAEP with SHA-1"))?;
    let iv = decode(iv)?;
    let cipher =
        Aes256Gcm::new_from_slice(&content_key).map_err(|_| OracleError::new("the content key has not 256 bits"))?;
    if iv.len() != 12 {
        return Err(OracleError::new("the IV has not 96 bits"));
    }
    let mut sealed = decode(ciphertext)?;
    sealed.extend(decode(tag)?);
    let plaintext = cipher
        .decrypt(Nonce::from_slice(&iv), Payload { msg: &sealed, aad: header.as_bytes() })
        .map_err(|_| OracleError::new("the tag does not fit the ciphertext and header"))?;
    Ok(Opened { header: text(&decode(header)?)?, plaintext: text(&plaintext)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key;
    use myinfo_fixtures::keys::{CLIENT_KEY_PEM, CLIENT_PUBLIC_KEY_PEM, STRANGER_KEY_PEM};
    use serde_json::Value;

    #[test]
    fn the_golden_person_document_opens() {
        let vector: Value = serde_json::from_str(myinfo_fixtures::vectors::PERSON_JWE_JSON).unwrap();
        let opened = open(vector["jwe"].as_str().unwrap(), &key::private(CLIENT_KEY_PEM).unwrap()).unwrap();
        assert_eq!(opened.plaintext, vector["plaintext"].as_str().unwrap());
        assert_eq!(serde_json::from_str::<Value>(&opened.header).unwrap(), vector["jwe_header"]);
    }

    #[test]
    fn what_is_sealed_opens_for_its_recipient_only_and_unchanged_only() {
        let sealed =
            seal(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, "é", &key::public(CLIENT_PUBLIC_KEY_PEM).unwrap()).unwrap();
        assert_eq!(open(&sealed, &key::private(CLIENT_KEY_PEM).unwrap()).unwrap().plaintext, "é");
        assert!(open(&sealed, &key::private(STRANGER_KEY_PEM).unwrap()).is_err());
        let changed = sealed.replacen('.', "A.", 1);
        assert!(open(&changed, &key::private(CLIENT_KEY_PEM).unwrap()).is_err());
    }
}
