//! Reading keys as PEM, DER and PKCS#12, and telling which of them it is.

use super::{jwk, wrong};
use crate::error::Error;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::x509::X509;

/// A private key in any of the forms that people have: PEM, DER, PKCS#12, JWK.
pub(super) fn private(input: &[u8], passphrase: Option<&str>) -> Result<PKey<Private>, Error> {
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
        return jwk::private(input);
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

/// A public key or a certificate as PEM or DER, or a JWK.
pub(super) fn public(input: &[u8]) -> Result<PKey<Public>, Error> {
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
        return jwk::public(input);
    }
    X509::from_der(input)
        .and_then(|certificate| certificate.public_key())
        .or_else(|_| PKey::public_key_from_der(input))
        .map_err(|_| wrong("Myinfo's certificate or public key is needed as PEM, DER or JWK, and this is none of them"))
}

fn pem_label(input: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(input);
    let (_, rest) = text.split_once("-----BEGIN ")?;
    rest.split_once("-----").map(|(label, _)| label.to_owned())
}
