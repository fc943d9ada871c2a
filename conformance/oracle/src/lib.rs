//! The Myinfo rules once more, plainly, on another crypto stack: `RustCrypto`'s `rsa` and `aes-gcm`.
//!
//! Server and connector use OpenSSL and share no code with this crate. Where they and the oracle disagree, somebody
//! misread the specification. The keys here are test keys: `rsa` has an open timing advisory for private keys.

pub mod jwe;
pub mod jws;
pub mod v3;

/// Why the oracle could not open, verify or make something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OracleError(String);

impl OracleError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Test keys, read from PEM.
pub mod key {
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
}
