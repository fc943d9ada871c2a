//! Reading keys as PEM, DER and PKCS#12, and telling which of them it is.

use super::form::{Form, Half, labels};
use super::tidy::tidied;
use super::{jwk, wrong};
use crate::error::Error;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::x509::X509;

/// A private key in any of the forms that people have: PEM, DER, PKCS#12, JWK.
pub(super) fn private(input: &[u8], passphrase: Option<&str>) -> Result<PKey<Private>, Error> {
    let tidied = tidied(input);
    let input = tidied.content.as_slice();
    not_foreign(input, Half::Private)?;
    if let Some(label) = pem_label(input) {
        return private_pem(input, &label, passphrase);
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
        .map_err(|_| damaged(input, "a private key is needed as PEM, DER, PKCS#12 or JWK, and this is none of them"))
}

fn private_pem(input: &[u8], label: &str, passphrase: Option<&str>) -> Result<PKey<Private>, Error> {
    if !label.ends_with("PRIVATE KEY") {
        return Err(Error::Configuration(format!("a private key is needed, and this is PEM with the label `{label}`")));
    }
    let encrypted = label.starts_with("ENCRYPTED") || String::from_utf8_lossy(input).contains("Proc-Type: 4,ENCRYPTED");
    match (encrypted, passphrase) {
        (true, None) => Err(wrong("the private key is encrypted, and no passphrase was given")),
        // without the callback form OpenSSL would ask on the terminal
        (_, passphrase) => PKey::private_key_from_pem_passphrase(input, passphrase.unwrap_or_default().as_bytes())
            .map_err(|_| damaged(input, "the private key cannot be read: wrong passphrase or damaged PEM")),
    }
}

/// A public key or a certificate as PEM or DER, or a JWK.
pub(super) fn public(input: &[u8]) -> Result<PKey<Public>, Error> {
    let tidied = tidied(input);
    let input = tidied.content.as_slice();
    not_foreign(input, Half::Public)?;
    let broken = || damaged(input, "Myinfo's key or certificate is damaged");
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
        .map_err(|_| {
            damaged(input, "Myinfo's certificate or public key is needed as PEM, DER or JWK, and this is none of them")
        })
}

/// The label of the first PEM block, or nothing when the text is no PEM.
fn pem_label(input: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(input);
    // OpenSSL writes the curve before an elliptic key
    labels(&text, "-----BEGIN ").find(|label| *label != "EC PARAMETERS").map(str::to_owned)
}

/// Refuses the forms of other tools: with what makes PEM of them, where it is the half that is wanted.
fn not_foreign(input: &[u8], wanted: Half) -> Result<(), Error> {
    let Some(form) = Form::foreign(input) else { return Ok(()) };
    Err(Error::Configuration(match (form.of_tool(), wanted) {
        (Some((Half::Private, tool)), Half::Public) => {
            format!("this is a private key ({tool}); a certificate or public key belongs here")
        }
        (Some((Half::Public, tool)), Half::Private) => {
            format!("this is a public key ({tool}); the private key that belongs to it is needed here")
        }
        _ => form.to_string(),
    }))
}

/// What happened to a text that cannot be read; where that cannot be said, what else there is to say.
fn damaged(input: &[u8], otherwise: &str) -> Error {
    Form::damaged(input).map_or_else(|| wrong(otherwise), |form| Error::Configuration(form.to_string()))
}
