//! A signed JWT of a client (assertion, proof), taken apart before anything in it is believed.

use crate::jose::ec::EcPublic;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The signature algorithms that clients may use. DOC, `TC-assertion` and `TC-dpop`.
pub(crate) const ALGORITHMS: [&str; 3] = ["ES256", "ES384", "ES512"];

/// A compact JWT.
#[derive(Debug)]
pub(crate) struct Jwt<'t> {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    /// Header and payload as they were signed.
    signed: &'t str,
    signature: Vec<u8>,
}

impl<'t> Jwt<'t> {
    /// Takes it apart. RFC 7515 §5.2, steps 1 to 7.
    pub(crate) fn read(token: &'t str) -> Result<Self, String> {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, payload, signature] = parts.as_slice() else {
            return Err(format!("it has {} parts between dots; a signed JWT has three", parts.len()));
        };
        let json = |what: &str, part: &str| -> Result<Map<String, Value>, String> {
            let bytes = decode(part).map_err(|problem| format!("its {what} {problem}"))?;
            serde_json::from_slice(&bytes).map_err(|_| format!("its {what} is no JSON object"))
        };
        let (header, claims) = (json("header", header)?, json("payload", payload)?);
        let signature = decode(signature).map_err(|problem| format!("its signature {problem}"))?;
        let signed = token.rsplit_once('.').map_or("", |(signed, _)| signed);
        Ok(Self { header, claims, signed, signature })
    }

    /// A member of the header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// A claim as text; empty where it is missing or no text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.claims.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A claim in whole seconds; nothing where it is missing.
    pub(crate) fn seconds(&self, name: &str) -> Result<Option<u64>, String> {
        match self.claims.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => {
                Err(format!("`{name}` is the text \"{}\"; a JSON number is expected", shortened(text)))
            }
            Some(value) => match value.as_u64() {
                Some(number) if number > 100_000_000_000 => {
                    Err(format!("`{name}` is {number}: that is in milliseconds; seconds are expected"))
                }
                Some(number) => Ok(Some(number)),
                None => Err(format!("`{name}` is {value}; whole seconds since 1970 are expected")),
            },
        }
    }

    /// The algorithm is one that clients may use.
    pub(crate) fn check_algorithm(&self) -> Result<(), String> {
        let algorithm = self.header("alg").unwrap_or_default();
        if ALGORITHMS.contains(&algorithm) {
            return Ok(());
        }
        Err(format!("`alg` is `{}`; ES256, ES384 and ES512 are taken", shortened(algorithm)))
    }

    /// Whether a key made the signature, with its own algorithm.
    pub(crate) fn is_signed_by(&self, key: &EcPublic) -> bool {
        self.header("alg") == Some(key.curve.algorithm()) && key.verifies(self.signed.as_bytes(), &self.signature)
    }

    /// What is odd about the form of the signature, where something is.
    pub(crate) fn odd_signature(&self) -> Option<&'static str> {
        match (self.signature.first(), self.signature.len()) {
            (None, _) => Some("it is empty"),
            // a SEQUENCE of two INTEGERs
            (Some(0x30), length) if ![64, 96, 132].contains(&length) => {
                Some("it is in DER, as most libraries write ECDSA; JWS wants r and s side by side (RFC 7518 §3.4)")
            }
            (Some(_), 64 | 96 | 132) => None,
            (Some(_), _) => Some("its length is that of no ES256, ES384 or ES512 signature"),
        }
    }
}

fn decode(part: &str) -> Result<Vec<u8>, &'static str> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| {
        if part.contains(['+', '/']) {
            "is in standard Base64; base64url is expected"
        } else if part.ends_with('=') {
            "has `=` at its end; base64url without padding is expected"
        } else {
            "is no base64url"
        }
    })
}

/// Enough of a foreign text to recognise it.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}
