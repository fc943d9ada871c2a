//! Key material as drivers ask for it: one private key in every format that the field uses.

use crate::connector::setup::KeyMaterial;
use crate::text::meant;
use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use myinfo_fixtures::keys;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::symm::Cipher;
use openssl::x509::X509;
use serde_json::json;

/// Every format, the first one is that of drivers that name none.
pub const FORMATS: [&str; 5] = ["pkcs8", "pkcs8-encrypted", "pkcs1", "p12", "jwk"];
/// The passphrase of the formats that have one; its characters are those that shells and URLs get wrong.
pub const PASSPHRASE: &str = "pass phrase+1%&ü";

/// A private key, given as PKCS#8 PEM, in a format.
///
/// # Errors
/// When there is no such format.
pub fn key_material(pem: &str, format: &str) -> Result<KeyMaterial> {
    let private = PKey::private_key_from_pem(pem.as_bytes())?;
    let text = |text: Vec<u8>, passphrase: Option<&str>| -> Result<KeyMaterial> {
        Ok(KeyMaterial {
            format: format.to_owned(),
            text: Some(String::from_utf8(text)?),
            base64: None,
            passphrase: passphrase.map(str::to_owned),
        })
    };
    match format {
        "pkcs8" => text(private.private_key_to_pem_pkcs8()?, None),
        "pkcs8-encrypted" => {
            let encrypted =
                private.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), PASSPHRASE.as_bytes())?;
            text(encrypted, Some(PASSPHRASE))
        }
        "pkcs1" => text(private.rsa()?.private_key_to_pem()?, None),
        "jwk" => text(jwk(&private)?.into_bytes(), None),
        "p12" => {
            // a bundle holds a key and the certificate that belongs to it
            let own = if pem == keys::STRANGER_KEY_PEM { keys::STRANGER_CERT_PEM } else { keys::CLIENT_CERT_PEM };
            let certificate = X509::from_pem(own.as_bytes())?;
            let mut bundle = Pkcs12::builder();
            bundle.pkey(&private).cert(&certificate).name(keys::CLIENT_ID);
            let der = bundle.build2(PASSPHRASE)?.to_der()?;
            Ok(KeyMaterial {
                format: format.to_owned(),
                text: None,
                base64: Some(BASE64_STANDARD.encode(der)),
                passphrase: Some(PASSPHRASE.to_owned()),
            })
        }
        _ => bail!("there is no key format `{format}`; there are {}{}", FORMATS.join(", "), meant(format, FORMATS)),
    }
}

/// RFC 7518 §6.3.2.
fn jwk(key: &PKey<Private>) -> Result<String> {
    let rsa = key.rsa()?;
    let number = |number: &openssl::bn::BigNumRef| BASE64_URL_SAFE_NO_PAD.encode(number.to_vec());
    let part = |number_of: Option<&openssl::bn::BigNumRef>| number_of.map(number).context("the key has no factors");
    let jwk = json!({
        "kty": "RSA",
        "n": number(rsa.n()),
        "e": number(rsa.e()),
        "d": number(rsa.d()),
        "p": part(rsa.p())?,
        "q": part(rsa.q())?,
        "dp": part(rsa.dmp1())?,
        "dq": part(rsa.dmq1())?,
        "qi": part(rsa.iqmp())?,
    });
    Ok(jwk.to_string())
}
