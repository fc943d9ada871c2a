//! Reading keys: PEM, DER, PKCS#12 and JWK, for our private key and for Myinfo's public ones.

use crate::error::Error;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use josekit::jwe::RSA_OAEP;
use josekit::jwe::alg::rsaes::RsaesJweDecrypter;
use josekit::jwk::Jwk;
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::jws::RS256;
use josekit::jws::alg::rsassa::{RsassaJwsSigner, RsassaJwsVerifier};
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::x509::X509;
use std::fmt;

/// Our private key: it signs requests and decrypts person documents. Never printed.
#[derive(Clone)]
pub struct PrivateKey {
    pub(crate) signer: RsassaJwsSigner,
    pub(crate) decrypter: RsaesJweDecrypter,
    pub(crate) thumbprint: String,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PrivateKey([redacted], thumbprint {})", self.thumbprint)
    }
}

/// A public key of Myinfo's.
#[derive(Debug, Clone)]
pub struct PublicKey {
    pub(crate) verifier: RsassaJwsVerifier,
    pub(crate) thumbprint: String,
}

impl PrivateKey {
    /// Reads a private key: PEM (PKCS#8 or PKCS#1, encrypted or not), DER, PKCS#12 or JWK.
    ///
    /// # Errors
    /// [`Error::Configuration`], saying what was found and what is needed.
    pub fn read(input: &[u8], passphrase: Option<&str>) -> Result<Self, Error> {
        let key = read_private(input, passphrase)?;
        if key.rsa().is_err() || key.bits() < 2048 {
            return Err(wrong("the private key must be RSA with 2048 bits or more"));
        }
        let der = key.private_key_to_pkcs8().map_err(|_| wrong("the private key cannot be used"))?;
        let public = key.public_key_to_der().map_err(|_| wrong("the private key cannot be used"))?;
        Ok(Self {
            signer: RS256.signer_from_der(&der).map_err(|_| wrong("the private key cannot sign"))?,
            decrypter: RSA_OAEP.decrypter_from_der(&der).map_err(|_| wrong("the private key cannot decrypt"))?,
            thumbprint: thumbprint(&public)?,
        })
    }
}

impl PublicKey {
    /// Reads one of Myinfo's keys: a certificate or public key as PEM or DER, or a JWK.
    ///
    /// # Errors
    /// [`Error::Configuration`], saying what was found and what is needed.
    pub fn read(input: &[u8]) -> Result<Self, Error> {
        let key = read_public(input)?;
        if key.rsa().is_err() || key.bits() < 2048 {
            return Err(wrong("Myinfo's key must be RSA with 2048 bits or more"));
        }
        let der = key.public_key_to_der().map_err(|_| wrong("Myinfo's key cannot be used"))?;
        Ok(Self {
            verifier: RS256.verifier_from_der(&der).map_err(|_| wrong("Myinfo's key cannot verify"))?,
            thumbprint: thumbprint(&der)?,
        })
    }
}

fn read_private(input: &[u8], passphrase: Option<&str>) -> Result<PKey<Private>, Error> {
    if let Some(label) = pem_label(input) {
        if !label.ends_with("PRIVATE KEY") {
            return Err(Error::Configuration(format!(
                "a private key is needed, and this is PEM with the label `{label}`"
            )));
        }
        let encrypted =
            label.starts_with("ENCRYPTED") || String::from_utf8_lossy(input).contains("Proc-Type: 4,ENCRYPTED");
        return match (encrypted, passphrase) {
            (true, None) => Err(wrong("the private key is encrypted, and no passphrase was given")),
            // without the callback form OpenSSL would ask on the terminal
            (_, passphrase) => PKey::private_key_from_pem_passphrase(input, passphrase.unwrap_or_default().as_bytes())
                .map_err(|_| wrong("the private key cannot be read: wrong passphrase or damaged PEM")),
        };
    }
    if input.trim_ascii_start().starts_with(b"{") {
        let jwk = read_jwk(input)?;
        if jwk.parameter("d").is_none() {
            return Err(wrong("a private key is needed, and this is a public JWK"));
        }
        let pair = RsaKeyPair::from_jwk(&jwk).map_err(|_| wrong("the JWK is no complete RSA private key"))?;
        return PKey::private_key_from_der(&pair.to_der_private_key())
            .map_err(|_| wrong("the JWK's key cannot be used"));
    }
    if let Ok(bundle) = Pkcs12::from_der(input) {
        let passphrase = passphrase.ok_or_else(|| wrong("a PKCS#12 file needs its passphrase"))?;
        let parsed = bundle.parse2(passphrase).map_err(|_| {
            wrong("the PKCS#12 file does not open: wrong passphrase, or an old encryption (RC2) that OpenSSL 3 refuses")
        })?;
        return parsed.pkey.ok_or_else(|| wrong("the PKCS#12 file holds no private key"));
    }
    if let Ok(key) = PKey::private_key_from_der(input) {
        return Ok(key);
    }
    if X509::from_der(input).is_ok() || PKey::public_key_from_der(input).is_ok() {
        return Err(wrong("a private key is needed, and this is a certificate or public key (DER)"));
    }
    PKey::private_key_from_pkcs8_passphrase(input, passphrase.unwrap_or_default().as_bytes())
        .map_err(|_| wrong("a private key is needed as PEM, DER, PKCS#12 or JWK, and this is none of them"))
}

fn read_public(input: &[u8]) -> Result<PKey<Public>, Error> {
    let broken = || wrong("Myinfo's key or certificate is damaged");
    if let Some(label) = pem_label(input) {
        return match label.as_str() {
            "PUBLIC KEY" => PKey::public_key_from_pem(input).map_err(|_| broken()),
            "RSA PUBLIC KEY" => Rsa::public_key_from_pem_pkcs1(input).and_then(PKey::from_rsa).map_err(|_| broken()),
            _ if label.ends_with("CERTIFICATE") => {
                X509::from_pem(input).and_then(|certificate| certificate.public_key()).map_err(|_| broken())
            }
            _ => Err(Error::Configuration(format!(
                "Myinfo's certificate or public key is needed, and this is PEM with the label `{label}`"
            ))),
        };
    }
    if input.trim_ascii_start().starts_with(b"{") {
        let jwk = read_jwk(input)?;
        let pair = RsaKeyPair::from_jwk(&jwk).map_err(|_| wrong("the JWK is no RSA key"))?;
        return PKey::public_key_from_der(&pair.to_der_public_key()).map_err(|_| broken());
    }
    X509::from_der(input)
        .and_then(|certificate| certificate.public_key())
        .or_else(|_| PKey::public_key_from_der(input))
        .map_err(|_| wrong("Myinfo's certificate or public key is needed as PEM, DER or JWK, and this is none of them"))
}

fn read_jwk(input: &[u8]) -> Result<Jwk, Error> {
    let jwk = Jwk::from_bytes(input).map_err(|_| wrong("the text is JSON, but no JWK"))?;
    if jwk.key_type() == "RSA" { Ok(jwk) } else { Err(wrong("the JWK is no RSA key; Myinfo v3 uses RSA")) }
}

fn pem_label(input: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(input);
    let (_, rest) = text.split_once("-----BEGIN ")?;
    rest.split_once("-----").map(|(label, _)| label.to_owned())
}

/// RFC 7638 with SHA-256: the name by which Myinfo's tokens call their key.
fn thumbprint(der: &[u8]) -> Result<String, Error> {
    let rsa = Rsa::public_key_from_der(der).map_err(|_| wrong("the key is no RSA key"))?;
    let members = format!(
        r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#,
        BASE64_URL_SAFE_NO_PAD.encode(rsa.e().to_vec()),
        BASE64_URL_SAFE_NO_PAD.encode(rsa.n().to_vec())
    );
    Ok(BASE64_URL_SAFE_NO_PAD.encode(openssl::sha::sha256(members.as_bytes())))
}

fn wrong(message: &str) -> Error {
    Error::Configuration(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::{CLIENT_CERT_PEM, CLIENT_KEY_PEM, MYINFO_CERT_PEM, MYINFO_PUBLIC_KEY_PEM};
    use openssl::symm::Cipher;

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
