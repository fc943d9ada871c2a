//! Compact JWE (RFC 7516): for RSA keys by RSA-OAEP, for keys on elliptic curves by ECDH-ES.

pub mod content;
pub mod ecdh_es;
pub mod rsa_oaep;

use crate::OracleError;
use crate::ec::{EcPrivateKey, EcPublicKey};
use rsa::{RsaPrivateKey, RsaPublicKey};

/// An opened JWE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The protected header's JSON, exactly as it was protected.
    pub header: String,
    /// The plaintext.
    pub plaintext: String,
}

/// A public key that a text can be encrypted for.
pub trait Seals {
    /// Encrypts for this key; [`rsa_oaep::seal`] and [`ecdh_es::seal`] say how.
    ///
    /// # Errors
    /// When header and key do not allow it.
    fn seal(&self, header: &str, plaintext: &str) -> Result<String, OracleError>;
}

/// A private key that opens what was encrypted for it.
pub trait Opens {
    /// Decrypts; [`rsa_oaep::open`] and [`ecdh_es::open`] say how.
    ///
    /// # Errors
    /// When it is not for this key, or was changed.
    fn open(&self, jwe: &str) -> Result<Opened, OracleError>;
}

/// Encrypts for a public key, under a header that is given as JSON text.
///
/// # Errors
/// When header and key do not allow it.
pub fn seal(header: &str, plaintext: &str, key: &impl Seals) -> Result<String, OracleError> {
    key.seal(header, plaintext)
}

/// Opens a JWE with a private key.
///
/// # Errors
/// When it is not for this key, or was changed.
pub fn open(jwe: &str, key: &impl Opens) -> Result<Opened, OracleError> {
    key.open(jwe)
}

/// RFC 7516 §7.1: header, encrypted key, IV, ciphertext, tag.
fn parts(jwe: &str) -> Result<[&str; 5], OracleError> {
    let parts: Vec<&str> = jwe.split('.').collect();
    <[&str; 5]>::try_from(parts).map_err(|parts| OracleError::Parts { what: "JWE", expected: 5, found: parts.len() })
}

impl Seals for RsaPublicKey {
    fn seal(&self, header: &str, plaintext: &str) -> Result<String, OracleError> {
        rsa_oaep::seal(header, plaintext, self)
    }
}

impl Opens for RsaPrivateKey {
    fn open(&self, jwe: &str) -> Result<Opened, OracleError> {
        rsa_oaep::open(jwe, self)
    }
}

impl Seals for EcPublicKey {
    fn seal(&self, header: &str, plaintext: &str) -> Result<String, OracleError> {
        ecdh_es::seal(header, plaintext, self)
    }
}

impl Opens for EcPrivateKey {
    fn open(&self, jwe: &str) -> Result<Opened, OracleError> {
        ecdh_es::open(jwe, self)
    }
}
