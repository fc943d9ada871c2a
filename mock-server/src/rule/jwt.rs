//! A signed JWT of a client (assertion, proof), taken apart before anything in it is believed.

use crate::jose::ec::EcPublic;
use crate::text::counted;
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
    pub(super) signed: &'t str,
    /// The same, decoded.
    pub(super) decoded: (Vec<u8>, Vec<u8>),
    pub(super) signature: Vec<u8>,
    pub(super) signature_text: &'t str,
}

impl<'t> Jwt<'t> {
    /// Takes it apart. RFC 7515 §5.2, steps 1 to 7.
    pub(crate) fn read(token: &'t str) -> Result<Self, String> {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, payload, signature] = parts.as_slice() else {
            let parts = counted(parts.len(), "part");
            return Err(format!("it has {parts} between dots; a signed JWT has three"));
        };
        let bytes = |what: &str, part: &str| decode(part).map_err(|problem| format!("its {what} {problem}"));
        let json = |what: &str, bytes: &[u8]| -> Result<Map<String, Value>, String> {
            serde_json::from_slice(bytes).map_err(|_| format!("its {what} is no JSON object"))
        };
        let decoded = (bytes("header", header)?, bytes("payload", payload)?);
        let (header, claims) = (json("header", &decoded.0)?, json("payload", &decoded.1)?);
        let signed = token.rsplit_once('.').map_or("", |(signed, _)| signed);
        Ok(Self {
            header,
            claims,
            signed,
            decoded,
            signature: bytes("signature", signature)?,
            signature_text: signature,
        })
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
        let why = match algorithm {
            "none" => ": it is not signed",
            "HS256" | "HS384" | "HS512" => {
                ": that is an HMAC, and FAPI knows no shared secret; sign with a key on a curve"
            }
            "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => {
                ": that is of an RSA key, as in v3; FAPI takes keys on curves alone"
            }
            "ES256K" | "EdDSA" | "Ed25519" => ": P-256, P-384 and P-521 are the curves that are taken",
            _ => "",
        };
        Err(format!("`alg` is `{}`; ES256, ES384 and ES512 are taken{why}", shortened(algorithm)))
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
            (Some(_), 32 | 48) => {
                Some("it is as long as an HMAC, which needs a shared secret: sign with the private key")
            }
            (Some(_), 256 | 384 | 512) => Some("it is as long as one by an RSA key: sign with a key on a curve"),
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
