//! The v3 request signature, straight from the specification.

use crate::OracleError;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha2::Sha256;

/// The four header fields that are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderFields {
    /// The client id.
    pub app_id: String,
    /// Used once.
    pub nonce: String,
    /// `RS256`.
    pub signature_method: String,
    /// Milliseconds since the epoch, as text.
    pub timestamp: String,
}

/// The base string: method, address without query, then header fields and parameters by name, decoded.
pub fn base_string(method: &str, url: &str, header: &HeaderFields, parameters: &[(String, String)]) -> String {
    let mut fields = vec![
        ("app_id".to_owned(), header.app_id.clone()),
        ("nonce".to_owned(), header.nonce.clone()),
        ("signature_method".to_owned(), header.signature_method.clone()),
        ("timestamp".to_owned(), header.timestamp.clone()),
    ];
    fields.extend_from_slice(parameters);
    fields.sort_by(|left, right| left.0.as_bytes().cmp(right.0.as_bytes()));
    let mut pieces = vec![method.to_owned(), url.to_owned()];
    pieces.extend(fields.into_iter().map(|(name, value)| name + "=" + &value));
    pieces.join("&")
}

/// RSASSA-PKCS1-v1_5 with SHA-256 over the text, in standard Base64.
pub fn sign(text: &str, key: &RsaPrivateKey) -> String {
    let signature = SigningKey::<Sha256>::new(key.clone()).sign(text.as_bytes());
    BASE64_STANDARD.encode(signature.to_bytes())
}

/// Whether the signature is one over the text.
///
/// # Errors
/// When it is not, or is no Base64.
pub fn verify(text: &str, signature: &str, key: &RsaPublicKey) -> Result<(), OracleError> {
    let bytes = BASE64_STANDARD.decode(signature).map_err(|error| OracleError::new(error.to_string()))?;
    let signature = Signature::try_from(bytes.as_slice()).map_err(|error| OracleError::new(error.to_string()))?;
    VerifyingKey::<Sha256>::new(key.clone())
        .verify(text.as_bytes(), &signature)
        .map_err(|error| OracleError::new(error.to_string()))
}

/// The `Authorization` header in the printed order of the specification.
pub fn authorization(header: &HeaderFields, signature: &str) -> String {
    format!(
        "PKI_SIGN app_id=\"{}\",nonce=\"{}\",signature_method=\"{}\",signature=\"{signature}\",timestamp=\"{}\"",
        header.app_id, header.nonce, header.signature_method, header.timestamp
    )
}

/// What an `Authorization` header of v3 says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized {
    /// The four signed fields.
    pub fields: HeaderFields,
    /// The signature, in Base64.
    pub signature: String,
    /// The access token behind it, where there is one.
    pub bearer: Option<String>,
}

/// Reads an `Authorization` header as the specification prints it: `PKI_SIGN`, one space, five quoted values separated by
/// commas, in any order; behind them `,Bearer` and the token.
///
/// # Errors
/// When it is written in any other way; the text says how.
pub fn read_authorization(header: &str) -> Result<Authorized, OracleError> {
    let fault = |what: &str| Err(OracleError::new(what.to_owned()));
    let Some(rest) = header.strip_prefix("PKI_SIGN ") else {
        return fault("it does not begin with `PKI_SIGN` and a space");
    };
    let (pairs, bearer) = match rest.split_once(",Bearer ").or_else(|| rest.split_once(", Bearer ")) {
        Some((pairs, bearer)) => (pairs, Some(bearer.to_owned())),
        None => (rest, None),
    };
    let mut found: Vec<(&str, &str)> = Vec::new();
    for pair in pairs.split(',') {
        let Some((name, value)) = pair.trim_start_matches(' ').split_once('=') else {
            return fault("a part has no `=`");
        };
        let Some(value) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
            return fault("a value is not in double quotes");
        };
        if found.iter().any(|(known, _)| *known == name) {
            return fault("a field stands there twice");
        }
        found.push((name, value));
    }
    let field = |name: &str| {
        let value = found.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        value.ok_or_else(|| OracleError::new(format!("`{name}` is missing")))
    };
    Ok(Authorized {
        fields: HeaderFields {
            app_id: field("app_id")?,
            nonce: field("nonce")?,
            signature_method: field("signature_method")?,
            timestamp: field("timestamp")?,
        },
        signature: field("signature")?,
        bearer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key;
    use myinfo_fixtures::keys::{CLIENT_KEY_PEM, CLIENT_PUBLIC_KEY_PEM};
    use serde_json::Value;

    #[test]
    fn the_header_is_read_as_it_is_written_and_no_otherwise() {
        let fields = HeaderFields {
            app_id: "A".into(),
            nonce: "n".into(),
            signature_method: "RS256".into(),
            timestamp: "1".into(),
        };
        let header = authorization(&fields, "c2ln/+=");
        let read = read_authorization(&format!("{header},Bearer a.b.c")).unwrap();
        assert_eq!((read.fields, read.signature.as_str(), read.bearer.as_deref()), (fields, "c2ln/+=", Some("a.b.c")));
        for wrong in [
            header.replace("PKI_SIGN ", "pki_sign "),
            header.replace('"', ""),
            header.replace("nonce=", "once="),
            header.replace(',', ";"),
            format!("{header},nonce=\"m\""),
        ] {
            assert!(read_authorization(&wrong).is_err(), "{wrong}");
        }
    }

    /// A form or query as pairs, with the decoder of this test alone.
    fn pairs(vector: &Value) -> Vec<(String, String)> {
        if let Some(form) = vector["form"].as_array() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            return form.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
        }
        let query = vector["url"].as_str().unwrap().split_once('?').map_or("", |(_, query)| query);
        query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (decode(name), decode(value)))
            .collect()
    }

    fn decode(text: &str) -> String {
        let bytes = text.replace('+', " ").into_bytes();
        let mut out = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b'%' {
                let hex = std::str::from_utf8(&bytes[at + 1..at + 3]).unwrap();
                out.push(u8::from_str_radix(hex, 16).unwrap());
                at += 3;
            } else {
                out.push(bytes[at]);
                at += 1;
            }
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn golden_signatures_are_met_byte_for_byte_and_verify() {
        let private = key::private(CLIENT_KEY_PEM).unwrap();
        let public = key::public(CLIENT_PUBLIC_KEY_PEM).unwrap();
        let vectors: Vec<Value> = serde_json::from_str(myinfo_fixtures::vectors::BASE_STRINGS_JSON).unwrap();
        for vector in &vectors {
            let text = |path: &str| vector.pointer(path).and_then(Value::as_str).unwrap().to_owned();
            let header = HeaderFields {
                app_id: text("/header/app_id"),
                nonce: text("/header/nonce"),
                signature_method: text("/header/signature_method"),
                timestamp: text("/header/timestamp"),
            };
            let url = text("/url");
            let address = url.split('?').next().unwrap();
            let built = base_string(&text("/method"), address, &header, &pairs(vector));
            assert_eq!(built, text("/base_string"), "{}", text("/name"));
            assert_eq!(sign(&built, &private), text("/signature"), "{}", text("/name"));
            verify(&built, &text("/signature"), &public).unwrap();
            assert!(verify(&format!("{built} "), &text("/signature"), &public).is_err());
        }
    }
}
