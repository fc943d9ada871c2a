//! Keys: our own, which signs and decrypts, and those of the service, which verify.

mod ec;
mod form;
mod jwk;
mod own;
mod published;
mod read;
mod tidy;

use crate::ambient::Ambient;
use crate::error::Error;
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private, Public};
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value};
use std::fmt;

pub(crate) use ec::{Curve, fixed_length};
pub use own::OwnKeys;
pub(crate) use own::SigningKey;
pub use published::PublishedKeys;
pub(crate) use tidy::mended;

/// Our private key: it signs requests and decrypts documents. Never printed.
#[derive(Clone)]
pub struct PrivateKey {
    key: PKey<Private>,
    thumbprint: String,
    curve: Option<Curve>,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PrivateKey([redacted], thumbprint {})", self.thumbprint)
    }
}

/// A public key of the service's.
#[derive(Clone)]
pub struct PublicKey {
    key: PKey<Public>,
    thumbprint: String,
    curve: Option<Curve>,
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicKey(thumbprint {})", self.thumbprint)
    }
}

impl PrivateKey {
    /// Reads a private RSA key: PEM (PKCS#8 or PKCS#1, encrypted or not), DER, PKCS#12 or JWK.
    ///
    /// # Errors
    /// [`Error::Configuration`], saying what was found and what is needed.
    pub fn read(input: &[u8], passphrase: Option<&str>) -> Result<Self, Error> {
        let key = read::private(input, passphrase)?;
        check_rsa(&key, "the private key")?;
        Ok(Self { thumbprint: jwk::thumbprint(&key)?, key, curve: None })
    }

    /// Reads a private key on P-256, P-384 or P-521: PEM (PKCS#8 or SEC1, encrypted or not), DER, PKCS#12 or JWK.
    ///
    /// # Errors
    /// [`Error::Configuration`], saying what was found and what is needed.
    pub fn read_ec(input: &[u8], passphrase: Option<&str>) -> Result<Self, Error> {
        let key = match json_object(input) {
            Some(jwk) => ec::private(&jwk?)?,
            None => read::private(input, passphrase)?,
        };
        Self::on_curve(key)
    }

    /// A new key on a curve.
    pub(crate) fn generate(curve: Curve, ambient: &dyn Ambient) -> Result<Self, Error> {
        Self::on_curve(ec::generate(curve, ambient)?)
    }

    fn on_curve(key: PKey<Private>) -> Result<Self, Error> {
        let curve = Curve::of(&key).ok_or_else(|| wrong("the private key must be on P-256, P-384 or P-521"))?;
        Ok(Self { thumbprint: jwk::ec_thumbprint(&ec::public_members(curve, &key)?), key, curve: Some(curve) })
    }

    /// The curve, where it is on one.
    pub(crate) const fn curve(&self) -> Option<Curve> {
        self.curve
    }

    /// The public half of a key on a curve as members of a JWK.
    pub(crate) fn public_members(&self) -> Result<Map<String, Value>, Error> {
        let curve = self.curve.ok_or_else(|| wrong("the private key must be on P-256, P-384 or P-521"))?;
        ec::public_members(curve, &self.key)
    }

    /// A key on a curve as private JWK: for who keeps it.
    pub(crate) fn private_jwk(&self) -> Result<Zeroizing<String>, Error> {
        let curve = self.curve.ok_or_else(|| wrong("the private key must be on P-256, P-384 or P-521"))?;
        let mut members = self.public_members()?;
        let secret = ec::private_member(curve, &self.key)?;
        members.insert("d".to_owned(), Value::String(secret.to_string()));
        Ok(Zeroizing::new(Value::Object(members).to_string()))
    }

    /// PKCS#8, wiped when it is dropped.
    pub(crate) fn der(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.key.private_key_to_pkcs8().map(Zeroizing::new).map_err(|_| wrong("the private key cannot be used"))
    }

    /// The name by which a reader of errors finds the key.
    pub(crate) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

impl PublicKey {
    /// Reads one of Myinfo's RSA keys: a certificate or public key as PEM or DER, or a JWK.
    ///
    /// # Errors
    /// [`Error::Configuration`], saying what was found and what is needed.
    pub fn read(input: &[u8]) -> Result<Self, Error> {
        let key = read::public(input)?;
        check_rsa(&key, "Myinfo's key")?;
        Ok(Self { thumbprint: jwk::thumbprint(&key)?, key, curve: None })
    }

    /// One of the service's keys on a curve.
    pub(crate) fn from_ec_jwk(jwk: &Map<String, Value>) -> Result<Self, Error> {
        let key = ec::public(jwk)?;
        let curve = Curve::of(&key).ok_or_else(|| wrong("the key must be on P-256, P-384 or P-521"))?;
        Ok(Self { thumbprint: jwk::ec_thumbprint(&ec::public_members(curve, &key)?), key, curve: Some(curve) })
    }

    /// The curve, where it is on one.
    pub(crate) const fn curve(&self) -> Option<Curve> {
        self.curve
    }

    /// A `SubjectPublicKeyInfo`.
    pub(crate) fn der(&self) -> Result<Vec<u8>, Error> {
        self.key.public_key_to_der().map_err(|_| wrong("Myinfo's key cannot be used"))
    }

    /// The name by which the service's tokens call the key.
    pub(crate) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

/// RFC 7518 §3.3 and §4.3: RSA keys have 2048 bits or more.
fn check_rsa<T: HasPublic>(key: &PKeyRef<T>, whose: &str) -> Result<(), Error> {
    if key.rsa().is_ok() && key.bits() >= 2048 {
        return Ok(());
    }
    Err(Error::Configuration(format!("{whose} must be RSA with 2048 bits or more")))
}

/// The JSON object that a text is; nothing where it does not look like one.
fn json_object(input: &[u8]) -> Option<Result<Map<String, Value>, Error>> {
    let content = tidy::tidied(input).content;
    if !content.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    Some(serde_json::from_slice(&content).map_err(|_| wrong("the text begins as JSON does, and is no JSON object")))
}

fn wrong(message: &str) -> Error {
    Error::Configuration(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use josekit::jws::RS256;
    use myinfo_fixtures::keys::{CLIENT_CERT_PEM, CLIENT_KEY_PEM, MYINFO_CERT_PEM, MYINFO_PUBLIC_KEY_PEM};
    use openssl::pkcs12::Pkcs12;
    use openssl::symm::Cipher;
    use openssl::x509::X509;

    #[test]
    fn pem_pkcs12_and_jwk_give_the_same_private_key() {
        let key = PKey::private_key_from_pem(CLIENT_KEY_PEM.as_bytes()).unwrap();
        let certificate = X509::from_pem(CLIENT_CERT_PEM.as_bytes()).unwrap();
        let pair = RS256.key_pair_from_pem(CLIENT_KEY_PEM).unwrap();
        let mut p12 = Pkcs12::builder();
        p12.pkey(&key).cert(&certificate);
        let formats = [
            CLIENT_KEY_PEM.as_bytes().to_vec(),
            key.rsa().unwrap().private_key_to_pem().unwrap(),
            key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"open").unwrap(),
            key.private_key_to_der().unwrap(),
            p12.build2("open").unwrap().to_der().unwrap(),
            pair.to_jwk_key_pair().to_string().into_bytes(),
        ];
        let expected = PrivateKey::read(CLIENT_KEY_PEM.as_bytes(), None).unwrap().thumbprint;
        for format in formats {
            assert_eq!(PrivateKey::read(&format, Some("open")).unwrap().thumbprint, expected);
        }
    }

    #[test]
    fn certificate_and_bare_key_give_the_same_public_key() {
        let certificate = PublicKey::read(MYINFO_CERT_PEM.as_bytes()).unwrap();
        let bare = PublicKey::read(MYINFO_PUBLIC_KEY_PEM.as_bytes()).unwrap();
        assert_eq!(certificate.thumbprint, bare.thumbprint);
    }

    #[test]
    fn the_wrong_kind_is_a_configuration_error_that_names_it() {
        let message = |result: Result<(), Error>| {
            let error = result.unwrap_err();
            assert_eq!(error.code(), "configuration");
            error.to_string()
        };
        assert!(message(PrivateKey::read(CLIENT_CERT_PEM.as_bytes(), None).map(drop)).contains("label `CERTIFICATE`"));
        assert!(message(PublicKey::read(CLIENT_KEY_PEM.as_bytes()).map(drop)).contains("label `PRIVATE KEY`"));
        assert!(message(PrivateKey::read(b"{}", None).map(drop)).contains("no JWK"));
        let key = PKey::private_key_from_pem(CLIENT_KEY_PEM.as_bytes()).unwrap();
        let encrypted = key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"open").unwrap();
        assert!(message(PrivateKey::read(&encrypted, None).map(drop)).contains("no passphrase"));
    }
}
