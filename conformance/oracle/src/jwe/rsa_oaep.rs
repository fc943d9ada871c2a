//! Compact JWE with RSA-OAEP (SHA-1) and A256GCM (RFC 7516, RFC 7518 §4.3 and §5.3), in plain lines.

use crate::OracleError;
use crate::jwe::content::Enc;
use crate::jwe::{Opened, parts};
use crate::text::{decode, encode, utf8};
use rsa::rand_core::{OsRng, RngCore};
use rsa::{Oaep, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;

/// Encrypts for a public key, under a header that is given as JSON text, whatever it says.
///
/// # Errors
/// When the key is too small for OAEP.
pub fn seal(header: &str, plaintext: &str, key: &RsaPublicKey) -> Result<String, OracleError> {
    let mut content_key = [0_u8; 32];
    let mut iv = [0_u8; 12];
    OsRng.fill_bytes(&mut content_key);
    OsRng.fill_bytes(&mut iv);
    let protected = encode(header);
    let wrapped = key
        .encrypt(&mut OsRng, Oaep::new::<Sha1>(), &content_key)
        .map_err(|error| OracleError::new(error.to_string()))?;
    let (ciphertext, tag) = Enc::A256Gcm.encrypt(&content_key, &iv, protected.as_bytes(), plaintext.as_bytes())?;
    let rest = [wrapped.as_slice(), &iv, &ciphertext, &tag].map(encode);
    Ok(format!("{protected}.{}", rest.join(".")))
}

/// Opens a JWE with a private key, whatever its header says.
///
/// # Errors
/// When it is not for this key, or was changed.
pub fn open(jwe: &str, key: &RsaPrivateKey) -> Result<Opened, OracleError> {
    let [protected, wrapped, iv, ciphertext, tag] = parts(jwe)?;
    let content_key = key.decrypt(Oaep::new::<Sha1>(), &decode(wrapped)?).map_err(|_| OracleError::WrappedKey)?;
    let content = (decode(ciphertext)?, decode(tag)?);
    let plaintext = Enc::A256Gcm.decrypt(&content_key, &decode(iv)?, protected.as_bytes(), (&content.0, &content.1))?;
    Ok(Opened { header: utf8(&decode(protected)?)?, plaintext: utf8(&plaintext)? })
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
