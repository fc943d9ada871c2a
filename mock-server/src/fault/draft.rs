//! What faults change: the drafts of what the server sends, one kind a stage.

use crate::http::exchange::Answer;
use crate::refusal::ErrorShape;
use openssl::pkey::{PKey, Public};
use serde_json::{Map, Value};

/// The redirect back to the relying party.
pub(crate) struct RedirectDraft {
    /// In the order in which they are sent.
    pub(crate) parameters: Vec<(String, String)>,
    /// The state of another login.
    pub(crate) another_state: String,
}

impl RedirectDraft {
    /// The value of a parameter.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Gives a parameter another value; adds it where it is missing.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.parameters.push((name.to_owned(), value)),
        }
    }

    /// Takes a parameter out.
    pub(crate) fn remove(&mut self, name: &str) {
        self.parameters.retain(|(known, _)| known != name);
    }
}

/// An HTTP answer.
pub(crate) struct ReplyDraft {
    pub(crate) answer: Answer,
    /// How error bodies look at this endpoint.
    pub(crate) shape: ErrorShape,
    /// An address on another host that leads to this server, for redirects.
    pub(crate) elsewhere: String,
}

/// A signed token or document.
pub(crate) struct JwsDraft {
    pub(crate) header: Map<String, Value>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signer: Signer,
    /// Bits to flip in the finished signature.
    pub(crate) break_signature: bool,
    /// The client that it is for.
    pub(crate) client_id: String,
}

impl JwsDraft {
    /// Changes the payload as a JSON object.
    pub(crate) fn claims(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        if let Ok(Value::Object(mut claims)) = serde_json::from_slice(&self.payload) {
            change(&mut claims);
            self.payload = crate::rule::nested_jwe::ascii_json(&Value::Object(claims)).into_bytes();
        }
    }

    /// Moves the three times of the token by seconds.
    pub(crate) fn shift_times(&mut self, seconds: i64) {
        self.claims(|claims| {
            for name in ["iat", "nbf", "exp"] {
                if let Some(time) = claims.get(name).and_then(Value::as_u64) {
                    claims.insert(name.to_owned(), time.saturating_add_signed(seconds).into());
                }
            }
        });
    }
}

/// Who signs, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signer {
    /// The service, with RS256.
    Service,
    /// The service, with RS512.
    Rs512,
    /// The service, with PS256.
    Ps256,
    /// A key that nobody knows, with RS256.
    Stranger,
    /// HMAC with the bytes of the service's certificate, as PEM.
    HmacOfCertificate,
    /// Nobody: the signature is empty.
    Nobody,
}

/// An encrypted document.
pub(crate) struct JweDraft {
    pub(crate) header: Map<String, Value>,
    pub(crate) plaintext: Vec<u8>,
    /// The public key of the recipient.
    pub(crate) recipient: PKey<Public>,
    /// What is done to the finished five segments, still decoded.
    pub(crate) segments: Vec<fn(&mut Vec<Vec<u8>>)>,
    /// What is sent instead of the JWE, with its content type.
    pub(crate) instead: Option<(&'static str, Vec<u8>)>,
    /// The person document, unsigned.
    pub(crate) payload: String,
    /// The signed document.
    pub(crate) signed: String,
}

/// A person's data, just before they are signed.
pub(crate) struct DataDraft<'a> {
    pub(crate) person: Map<String, Value>,
    /// The same attributes of somebody else.
    pub(crate) somebody_else: &'a dyn Fn() -> Map<String, Value>,
}
