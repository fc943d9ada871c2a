//! Reading keys: PEM, DER, PKCS#12, JWK.

use super::form::{Form, Half, labels};
use super::tidy::tidied;
use super::wrong::{KeyError, Wanted};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use josekit::jwk::Jwk;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::x509::X509;

/// A public key, and the certificate that it came in, if it did.
#[derive(Debug, Clone)]
pub(crate) struct PublicMaterial {
    /// The RSA public key.
    pub(crate) key: PKey<Public>,
    /// The certificate, where one was given.
    pub(crate) certificate: Option<X509>,
}

impl PublicMaterial {
    /// The common name of the certificate's subject: v3 uses it as `kid` of the JWE.
    pub(crate) fn common_name(&self) -> Option<String> {
        let certificate = self.certificate.as_ref()?;
        let entry = certificate.subject_name().entries_by_nid(Nid::COMMONNAME).next()?;
        entry.data().to_string().ok()
    }
}

/// Reads a certificate or a public key: PEM, DER or JWK (also the first RSA key of a JWK Set).
pub(crate) fn read_public(input: &[u8], wanted: Wanted) -> Result<PublicMaterial, KeyError> {
    let tidied = tidied(input);
    let material = read_any_public(&tidied.content, wanted)?;
    wanted.check(material.key.id(), material.key.bits())?;
    Ok(material)
}

fn read_any_public(input: &[u8], wanted: Wanted) -> Result<PublicMaterial, KeyError> {
    let bare = |key| Ok(PublicMaterial { key, certificate: None });
    not_foreign(input, Half::Public)?;
    if let Some(label) = pem_label(input) {
        return read_public_pem(input, &label);
    }
    if let Some(jwk) = read_jwk(input, wanted)? {
        if jwk.parameter("d").is_some() {
            return Err(KeyError::PrivateInsteadOfPublic { found: "a JWK with the member `d`".to_owned() });
        }
        let pair = josekit::jwk::alg::rsa::RsaKeyPair::from_jwk(&jwk);
        let der = match pair {
            Ok(pair) => pair.to_der_public_key(),
            Err(_) => public_der_of(&jwk)?,
        };
        return bare(PKey::public_key_from_der(&der).map_err(|_| unknown(""))?);
    }
    if let Ok(certificate) = X509::from_der(input) {
        return from_certificate(certificate);
    }
    if let Ok(key) = PKey::public_key_from_der(input) {
        return bare(key);
    }
    if let Ok(rsa) = Rsa::public_key_from_der_pkcs1(input) {
        return bare(PKey::from_rsa(rsa).map_err(|_| unknown(""))?);
    }
    if PKey::private_key_from_der(input).is_ok() {
        return Err(KeyError::PrivateInsteadOfPublic { found: "DER".to_owned() });
    }
    if Pkcs12::from_der(input).is_ok() {
        return Err(KeyError::PrivateInsteadOfPublic { found: "a PKCS#12 file".to_owned() });
    }
    Err(damaged(input, None))
}

/// Reads a private key: PEM (PKCS#8, PKCS#1, encrypted or not), DER, PKCS#12 or JWK.
pub(crate) fn read_private(input: &[u8], passphrase: Option<&str>, wanted: Wanted) -> Result<PKey<Private>, KeyError> {
    let tidied = tidied(input);
    let input = &*tidied.content;
    not_foreign(input, Half::Private)?;
    let key = if let Some(label) = pem_label(input) {
        read_private_pem(input, &label, passphrase)?
    } else if let Some(jwk) = read_jwk(input, wanted)? {
        if jwk.parameter("d").is_none() {
            return Err(KeyError::PublicInsteadOfPrivate { found: "public JWK".to_owned() });
        }
        let pair = josekit::jwk::alg::rsa::RsaKeyPair::from_jwk(&jwk)
            .map_err(|_| unknown(" (the JWK's members do not form an RSA key)"))?;
        PKey::private_key_from_der(&pair.to_der_private_key()).map_err(|_| unknown(""))?
    } else {
        read_private_der(input, passphrase)?
    };
    wanted.check(key.id(), key.bits())?;
    Ok(key)
}

/// Reads a private key of any kind, for TLS: PEM or DER, not encrypted.
pub(crate) fn read_any_private(input: &[u8]) -> Result<PKey<Private>, KeyError> {
    let tidied = tidied(input);
    let input = &*tidied.content;
    not_foreign(input, Half::Private)?;
    match pem_label(input) {
        Some(label) => read_private_pem(input, &label, None),
        None => read_private_der(input, None),
    }
}

/// Reads a certificate and those that it was issued by, for TLS: PEM.
pub(crate) fn read_chain(input: &[u8]) -> Result<Vec<X509>, KeyError> {
    let tidied = tidied(input);
    let input = &*tidied.content;
    not_foreign(input, Half::Public)?;
    let Some(label) = pem_label(input) else { return Err(damaged(input, None)) };
    if read_public_pem(input, &label)?.certificate.is_none() {
        return Err(unknown(": a certificate is needed, not a bare key"));
    }
    X509::stack_from_pem(input).map_err(|_| damaged(input, Some(&label)))
}

/// The public half of a private key.
pub(crate) fn public_half(key: &PKey<Private>) -> Result<PKey<Public>, openssl::error::ErrorStack> {
    PKey::public_key_from_der(&key.public_key_to_der()?)
}

fn read_public_pem(input: &[u8], label: &str) -> Result<PublicMaterial, KeyError> {
    match label {
        "CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE" => {
            from_certificate(X509::from_pem(input).map_err(|_| damaged(input, Some(label)))?)
        }
        "PUBLIC KEY" => {
            let key = PKey::public_key_from_pem(input).map_err(|_| damaged(input, Some(label)))?;
            Ok(PublicMaterial { key, certificate: None })
        }
        "RSA PUBLIC KEY" => {
            let rsa = Rsa::public_key_from_pem_pkcs1(input).map_err(|_| damaged(input, Some(label)))?;
            let key = PKey::from_rsa(rsa).map_err(|_| damaged(input, Some(label)))?;
            Ok(PublicMaterial { key, certificate: None })
        }
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Err(KeyError::SigningRequest),
        _ if label.ends_with("PRIVATE KEY") => {
            Err(KeyError::PrivateInsteadOfPublic { found: format!("PEM label `{label}`") })
        }
        _ => Err(unknown(&format!(" (PEM label `{label}`)"))),
    }
}

fn read_private_pem(input: &[u8], label: &str, passphrase: Option<&str>) -> Result<PKey<Private>, KeyError> {
    match label {
        "CERTIFICATE" | "TRUSTED CERTIFICATE" => {
            Err(KeyError::PublicInsteadOfPrivate { found: format!("certificate (PEM label `{label}`)") })
        }
        "PUBLIC KEY" | "RSA PUBLIC KEY" => {
            Err(KeyError::PublicInsteadOfPrivate { found: format!("public key (PEM label `{label}`)") })
        }
        _ if label.ends_with("PRIVATE KEY") => {
            let found = format!("PEM label `{label}`");
            let encrypted =
                label.starts_with("ENCRYPTED") || String::from_utf8_lossy(input).contains("Proc-Type: 4,ENCRYPTED");
            match (encrypted, passphrase) {
                (true, None) => Err(KeyError::PassphraseMissing { found }),
                (true, Some(passphrase)) => PKey::private_key_from_pem_passphrase(input, passphrase.as_bytes())
                    .map_err(|_| Form::damaged(input).map_or(KeyError::PassphraseWrong { found }, KeyError::Form)),
                (false, _) => PKey::private_key_from_pem(input).map_err(|_| damaged(input, Some(label))),
            }
        }
        _ => Err(unknown(&format!(" (PEM label `{label}`)"))),
    }
}

fn read_private_der(input: &[u8], passphrase: Option<&str>) -> Result<PKey<Private>, KeyError> {
    if let Ok(bundle) = Pkcs12::from_der(input) {
        let found = "PKCS#12 file".to_owned();
        let Some(passphrase) = passphrase else {
            return Err(KeyError::PassphraseMissing { found });
        };
        let opened = bundle.parse2(passphrase).map_err(|_| KeyError::PassphraseWrong { found: found.clone() })?;
        return opened
            .pkey
            .ok_or(KeyError::PublicInsteadOfPrivate { found: "PKCS#12 file without a private key".to_owned() });
    }
    if let Ok(key) = PKey::private_key_from_der(input) {
        return Ok(key);
    }
    if let Some(passphrase) = passphrase
        && let Ok(key) = PKey::private_key_from_pkcs8_passphrase(input, passphrase.as_bytes())
    {
        return Ok(key);
    }
    if X509::from_der(input).is_ok() {
        return Err(KeyError::PublicInsteadOfPrivate { found: "certificate (DER)".to_owned() });
    }
    Err(damaged(input, None))
}

fn from_certificate(certificate: X509) -> Result<PublicMaterial, KeyError> {
    let key = certificate.public_key().map_err(|_| unknown(" (the certificate's key cannot be read)"))?;
    Ok(PublicMaterial { key, certificate: Some(certificate) })
}

/// The label of the first PEM block, or nothing when the text is no PEM.
fn pem_label(input: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(input);
    // OpenSSL writes the curve before an elliptic key
    labels(&text, "-----BEGIN ").find(|label| *label != "EC PARAMETERS").map(str::to_owned)
}

/// Refuses the forms of other tools: with what makes PEM of them, where it is the half that is wanted.
fn not_foreign(input: &[u8], wanted: Half) -> Result<(), KeyError> {
    let Some(form) = Form::foreign(input) else { return Ok(()) };
    Err(match (form.of_tool(), wanted) {
        (Some((Half::Private, tool)), Half::Public) => KeyError::PrivateInsteadOfPublic { found: tool.to_owned() },
        (Some((Half::Public, tool)), Half::Private) => {
            KeyError::PublicInsteadOfPrivate { found: format!("public key ({tool})") }
        }
        _ => KeyError::Form(form),
    })
}

/// A JWK, or the first RSA key of a JWK Set; nothing when the text is no JSON.
fn read_jwk(input: &[u8], wanted: Wanted) -> Result<Option<Jwk>, KeyError> {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(input) else {
        return Ok(None);
    };
    // quotes around something else are JSON, too
    if value.is_string() {
        return Ok(None);
    }
    let key = match value.get("keys").and_then(serde_json::Value::as_array) {
        Some(keys) => keys.iter().find(|key| key.get("kty").is_some_and(|kty| kty == "RSA")).cloned(),
        None => Some(value),
    };
    let Some(serde_json::Value::Object(members)) = key else {
        return Err(unknown(" (the JWK Set holds no RSA key)"));
    };
    let jwk = Jwk::from_map(members).map_err(|_| unknown(" (JSON, but no JWK)"))?;
    match jwk.key_type() {
        "RSA" => Ok(Some(jwk)),
        "EC" => Err(wanted.other("EC")),
        "OKP" => Err(wanted.other("EdDSA")),
        _ => Err(unknown(" (a JWK that is no RSA key)")),
    }
}

fn public_der_of(jwk: &Jwk) -> Result<Vec<u8>, KeyError> {
    let number = |name: &str| {
        let text = jwk.parameter(name).and_then(|value| value.as_str()).unwrap_or_default();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).or_else(|_| BASE64_STANDARD.decode(text));
        bytes.ok().and_then(|bytes| openssl::bn::BigNum::from_slice(&bytes).ok())
    };
    number("n")
        .zip(number("e"))
        .and_then(|(n, e)| Rsa::from_public_components(n, e).ok())
        .and_then(|rsa| rsa.public_key_to_der().ok())
        .ok_or_else(|| unknown(" (the JWK's members `n` and `e` do not form an RSA key)"))
}

/// What happened to a text that cannot be read, behind this label if it has one.
fn damaged(input: &[u8], label: Option<&str>) -> KeyError {
    let but = |label| format!(" (PEM label `{label}`, but what follows does not decode)");
    Form::damaged(input).map_or_else(|| unknown(&label.map(but).unwrap_or_default()), KeyError::Form)
}

fn unknown(detail: &str) -> KeyError {
    KeyError::Unknown { detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;
    use myinfo_fixtures::keys::{CLIENT_CERT_PEM, CLIENT_KEY_PEM, CLIENT_PUBLIC_KEY_PEM};
    use openssl::symm::Cipher;

    const RSA: Wanted = Wanted { kind: Kind::Rsa { bits: 2048 }, by: "a test" };

    fn private() -> PKey<Private> {
        PKey::private_key_from_pem(CLIENT_KEY_PEM.as_bytes()).unwrap()
    }

    #[test]
    fn every_usual_public_format_gives_the_same_key() {
        let expected = private().public_key_to_der().unwrap();
        let rsa = private().rsa().unwrap();
        let certificate = X509::from_pem(CLIENT_CERT_PEM.as_bytes()).unwrap();
        let jwk = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, BASE64_URL_SAFE_NO_PAD.encode(rsa.n().to_vec()));
        let formats: Vec<Vec<u8>> = vec![
            CLIENT_CERT_PEM.into(),
            CLIENT_PUBLIC_KEY_PEM.into(),
            rsa.public_key_to_pem_pkcs1().unwrap(),
            rsa.public_key_to_der_pkcs1().unwrap(),
            certificate.to_der().unwrap(),
            expected.clone(),
            jwk.clone().into_bytes(),
            format!(r#"{{"keys":[{{"kty":"EC"}},{jwk}]}}"#).into_bytes(),
            format!("Bag Attributes: x\n{CLIENT_CERT_PEM}").into_bytes(),
        ];
        for (number, format) in formats.iter().enumerate() {
            let read = read_public(format, RSA).unwrap_or_else(|error| panic!("format {number}: {error}"));
            assert_eq!(read.key.public_key_to_der().unwrap(), expected, "format {number}");
        }
        assert_eq!(
            read_public(CLIENT_CERT_PEM.as_bytes(), RSA).unwrap().common_name().as_deref(),
            Some("testbed-client")
        );
    }

    #[test]
    fn every_usual_private_format_gives_the_same_key() {
        let key = private();
        let rsa = key.rsa().unwrap();
        let certificate = X509::from_pem(CLIENT_CERT_PEM.as_bytes()).unwrap();
        let bundle = Pkcs12::builder().pkey(&key).cert(&certificate).build2("open").unwrap();
        let cipher = Cipher::aes_256_cbc();
        for format in [
            CLIENT_KEY_PEM.as_bytes().to_vec(),
            rsa.private_key_to_pem().unwrap(),
            rsa.private_key_to_der().unwrap(),
            key.private_key_to_pkcs8().unwrap(),
            key.private_key_to_pem_pkcs8_passphrase(cipher, b"open").unwrap(),
            rsa.private_key_to_pem_passphrase(cipher, b"open").unwrap(),
            bundle.to_der().unwrap(),
        ] {
            let read = read_private(&format, Some("open"), RSA).unwrap();
            assert!(read.public_eq(&key));
        }
    }

    #[test]
    fn the_wrong_kind_of_key_is_named() {
        let message = |result: Result<(), KeyError>| result.unwrap_err().to_string();
        let public = |input: &str| message(read_public(input.as_bytes(), RSA).map(drop));
        let secret = |input: &str| message(read_private(input.as_bytes(), None, RSA).map(drop));
        assert!(public(CLIENT_KEY_PEM).starts_with("this is a private key (PEM label `PRIVATE KEY`)"));
        assert!(secret(CLIENT_CERT_PEM).starts_with("this is a certificate (PEM label `CERTIFICATE`)"));
        assert!(public("-----BEGIN CERTIFICATE REQUEST-----\n").contains("signing request"));
        assert!(public("hello").contains("no key or certificate"));
        let encrypted = private().private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"open").unwrap();
        assert!(message(read_private(&encrypted, None, RSA).map(drop)).contains("no passphrase was given"));
        assert!(message(read_private(&encrypted, Some("wrong"), RSA).map(drop)).contains("does not open"));
    }

    #[test]
    fn a_short_or_elliptic_key_is_refused_with_what_v3_wants() {
        let rsa = Rsa::generate(1024).unwrap();
        let short = PKey::from_rsa(rsa).unwrap().public_key_to_pem().unwrap();
        assert_eq!(read_public(&short, RSA).unwrap_err(), KeyError::TooShort { found: 1024, by: "a test", bits: 2048 });
        let jwk = r#"{"kty":"EC","crv":"P-256","x":"tqG7","y":"256T"}"#;
        assert_eq!(read_public(jwk.as_bytes(), RSA).unwrap_err(), RSA.other("EC"));
    }
}
