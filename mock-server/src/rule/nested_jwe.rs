//! Signed and encrypted documents: RS256 signatures with the recorded headers, and a JWE around a JWS.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use josekit::JoseError;
use josekit::jwe::alg::rsaes::RsaesJweEncrypter;
use josekit::jwe::{JweHeader, RSA_OAEP};
use josekit::jws::alg::rsassa::{RsassaJwsSigner, RsassaJwsVerifier};
use josekit::jws::{JwsHeader, RS256};
use openssl::pkey::{PKey, Private, Public};
use serde::Serialize;
use serde_json::{Map, Value, json, ser::Formatter};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The key that signs access tokens and person documents.
#[derive(Debug)]
pub(crate) struct SigningKey {
    signer: RsassaJwsSigner,
    verifier: RsassaJwsVerifier,
    kid: String,
}

/// Which members the header of a JWS has, as recorded: a token says its type, a person document does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderForm {
    /// `typ`, `alg`, `kid`.
    Token,
    /// `alg`, `kid`.
    Document,
}

impl SigningKey {
    /// `kid` is the RFC 7638 thumbprint, as recorded from the real service.
    pub(crate) fn new(key: &PKey<Private>, kid: String) -> Result<Self, JoseError> {
        let private = key.private_key_to_pkcs8().map_err(|error| JoseError::InvalidKeyFormat(error.into()))?;
        let public = key.public_key_to_der().map_err(|error| JoseError::InvalidKeyFormat(error.into()))?;
        Ok(Self { signer: RS256.signer_from_der(private)?, verifier: RS256.verifier_from_der(public)?, kid })
    }

    /// The RFC 7638 thumbprint.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The header of a JWS by this key.
    pub(crate) fn header(&self, form: HeaderForm) -> Map<String, Value> {
        let kind = (form == HeaderForm::Token).then(|| ("typ".to_owned(), json!("JWT")));
        let members = [("alg".to_owned(), json!("RS256")), ("kid".to_owned(), json!(self.kid))];
        kind.into_iter().chain(members).collect()
    }

    /// Signs `payload` as a compact JWS with RS256.
    pub(crate) fn sign(&self, payload: &[u8], header: Map<String, Value>) -> Result<String, JoseError> {
        let header = JwsHeader::from_map(header)?;
        josekit::jws::serialize_compact(payload, &header, &self.signer)
    }

    /// The payload of a compact RS256 JWS that this key signed.
    pub(crate) fn open(&self, token: &str) -> Result<Vec<u8>, JoseError> {
        // josekit pins the algorithm to the verifier's: `none`, HS256 and RS512 fail here
        let (payload, _) = josekit::jws::deserialize_compact(token, &self.verifier)?;
        Ok(payload)
    }
}

/// Person documents that were signed before.
///
/// The signature is deterministic and the payload has no time in it, so the same document has the same JWS.
#[derive(Debug)]
pub(crate) struct SignedDocuments {
    known: Mutex<Known>,
}

/// Signed documents by their names, and the order in which they came.
#[derive(Debug, Default)]
struct Known {
    signed: HashMap<String, Arc<str>>,
    order: VecDeque<String>,
}

/// How many signed documents are kept; one is up to 40 kB.
const KEPT_DOCUMENTS: usize = 128;

impl SignedDocuments {
    pub(crate) fn new() -> Self {
        Self { known: Mutex::default() }
    }

    /// The JWS of the document of this name: from memory, or written and signed now.
    ///
    /// The name must tell everything that the payload depends on.
    pub(crate) fn sign(
        &self,
        name: String,
        key: &SigningKey,
        payload: impl FnOnce() -> String,
    ) -> Result<Arc<str>, JoseError> {
        if let Some(known) = self.locked().signed.get(&name) {
            return Ok(Arc::clone(known));
        }
        let signed: Arc<str> = key.sign(payload().as_bytes(), key.header(HeaderForm::Document))?.into();
        let mut known = self.locked();
        if known.signed.insert(name.clone(), Arc::clone(&signed)).is_none() {
            known.order.push_back(name);
        }
        if known.order.len() > KEPT_DOCUMENTS
            && let Some(oldest) = known.order.pop_front()
        {
            known.signed.remove(&oldest);
        }
        Ok(signed)
    }

    fn locked(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom a document is encrypted for: RSA-OAEP (SHA-1) and A256GCM, header exactly `alg`, `enc`, `kid` as recorded.
#[derive(Debug, Clone)]
pub(crate) struct Recipient {
    encrypter: RsaesJweEncrypter,
    kid: String,
}

impl Recipient {
    /// `kid` is the common name of the client's certificate, as recorded from the real service.
    pub(crate) fn new(key: &PKey<Public>, kid: String) -> Result<Self, JoseError> {
        let der = key.public_key_to_der().map_err(|error| JoseError::InvalidKeyFormat(error.into()))?;
        Ok(Self { encrypter: RSA_OAEP.encrypter_from_der(der)?, kid })
    }

    /// The header of a JWE for this recipient.
    pub(crate) fn header(&self) -> Map<String, Value> {
        let members = [("alg", "RSA-OAEP"), ("enc", "A256GCM"), ("kid", &self.kid)];
        members.map(|(name, value)| (name.to_owned(), json!(value))).into_iter().collect()
    }

    /// Encrypts `plaintext` as a compact JWE.
    pub(crate) fn encrypt(&self, plaintext: &[u8]) -> Result<String, JoseError> {
        let header = JweHeader::from_map(self.header())?;
        josekit::jwe::serialize_compact(plaintext, &header, &self.encrypter)
    }
}

/// Minified JSON in ASCII, so that every connector can read the token around it.
///
/// The official Java connector decodes a JWS payload with the plain Base64 alphabet and fails on `-` and `_`. Those two
/// appear only where the text has a non-ASCII character, `>`, `?`, `~` or DEL; written as `\uXXXX` they mean the same.
pub(crate) fn ascii_json(value: &Value) -> String {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, Ascii);
    // writing a Value to memory cannot fail; an empty text would be caught by every reader
    let _ = value.serialize(&mut serializer);
    String::from_utf8(text).unwrap_or_default()
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let escaped = |character: char| !character.is_ascii() || matches!(character, '>' | '?' | '~' | '\x7f');
        let mut rest = fragment;
        while let Some(at) = rest.find(escaped) {
            let (plain, odd) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut characters = odd.chars();
            for unit in characters.next().unwrap_or_default().encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

/// A part of a compact token as JSON, unverified: for showing and finding it, never for trusting it.
pub(crate) fn unverified(token: &str, place: usize) -> Option<Map<String, Value>> {
    let part = token.split('.').nth(place)?.trim();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ascii_json_means_the_same_and_needs_no_url_safe_base64(text in any::<String>()) {
            let value = Value::from(text);
            let written = ascii_json(&value);
            prop_assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value);
            prop_assert!(!BASE64_URL_SAFE_NO_PAD.encode(&written).contains(['-', '_']));
        }
    }

    #[test]
    fn ascii_json_escapes_beyond_the_basic_plane() {
        assert_eq!(ascii_json(&Value::from("é~中😀")), r#""\u00e9\u007e\u4e2d\ud83d\ude00""#);
    }
}
