//! RSA test keys, read from PEM. Keys on elliptic curves are in [`crate::ec`] and [`crate::jwk`].

use crate::OracleError;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::{RsaPrivateKey, RsaPublicKey};

/// A private key from PKCS#8 PEM.
///
/// # Errors
/// When the text is no such key.
pub fn private(pem: &str) -> Result<RsaPrivateKey, OracleError> {
    RsaPrivateKey::from_pkcs8_pem(pem).map_err(|error| OracleError::new(error.to_string()))
}

/// A public key from `PUBLIC KEY` PEM.
///
/// # Errors
/// When the text is no such key.
pub fn public(pem: &str) -> Result<RsaPublicKey, OracleError> {
    RsaPublicKey::from_public_key_pem(pem).map_err(|error| OracleError::new(error.to_string()))
}
