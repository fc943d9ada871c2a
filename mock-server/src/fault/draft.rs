//! What faults change: the drafts of what the server sends. Without a fault, the same drafts are written as they are.

use crate::ambient::Entropy;
use crate::http::exchange::Answer;
use crate::jose::jwe::{Jwe, JweError, compact};
use crate::jose::jws::{Alg, signing_input};
use crate::jose::nested::ascii_json;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private, Public};
use serde_json::{Map, Value};
use std::sync::Arc;
use warp::http::StatusCode;

/// The redirect back to the relying party.
pub(crate) struct RedirectDraft {
    /// In the order in which they are sent.
    pub(crate) parameters: Vec<(String, String)>,
    /// The state of another login.
    pub(crate) another_state: String,
    /// The parameters whose values are sent as they are: what may stand in a query needs no escapes.
    pub(crate) unencoded: &'static [&'static str],
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

/// Writes an error as an endpoint writes it.
pub(crate) type ErrorAnswer = Box<dyn Fn(StatusCode, &str) -> Answer>;

/// An HTTP answer.
pub(crate) struct ReplyDraft {
    pub(crate) answer: Answer,
    /// The answer of this endpoint for an error: status and message in the profile's form.
    pub(crate) error: ErrorAnswer,
    /// An address on another host that leads to this server, for redirects.
    pub(crate) elsewhere: String,
}

/// A signed token or document.
pub(crate) struct JwsDraft {
    pub(crate) header: Map<String, Value>,
    pub(crate) payload: Vec<u8>,
    pub(crate) by: Who,
    pub(crate) alg: Alg,
    /// Whether a bit of the finished signature is flipped.
    pub(crate) break_signature: bool,
    /// The client that it is for.
    pub(crate) client_id: String,
}

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The service.
    Service,
    /// A key that nobody knows.
    Stranger,
    /// Anybody: the service's certificate, as PEM, is taken for a secret.
    WhoeverHasTheCertificate,
    /// Nobody.
    Nobody,
}

impl JwsDraft {
    /// What the service signs itself.
    pub(crate) fn by_service(alg: Alg, header: Map<String, Value>, payload: Vec<u8>, client_id: &str) -> Self {
        let client_id = client_id.to_owned();
        Self { header, payload, by: Who::Service, alg, break_signature: false, client_id }
    }

    /// Changes the payload as a JSON object.
    pub(crate) fn claims(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        if let Ok(Value::Object(mut claims)) = serde_json::from_slice(&self.payload) {
            change(&mut claims);
            self.payload = ascii_json(&Value::Object(claims)).into_bytes();
        }
    }

    /// The compact JWS; the same code writes right and wrong ones.
    pub(crate) fn write(&self, keys: &Signers<'_>) -> Result<String, ErrorStack> {
        let mut text = signing_input(&self.header, &self.payload);
        let mut signature = match self.by {
            Who::Service => self.alg.sign(keys.service, text.as_bytes(), keys.repeats)?,
            Who::Stranger => self.alg.sign(&(keys.stranger)()?, text.as_bytes(), keys.repeats)?,
            Who::WhoeverHasTheCertificate => {
                self.alg.sign(&PKey::hmac(keys.certificate_pem.as_bytes())?, text.as_bytes(), keys.repeats)?
            }
            Who::Nobody => Vec::new(),
        };
        if let Some(byte) = signature.first_mut().filter(|_| self.break_signature) {
            *byte ^= 0x01;
        }
        text.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        Ok(text)
    }
}

/// The keys that a draft may be signed with.
pub(crate) struct Signers<'a> {
    pub(crate) service: &'a PKey<Private>,
    /// A key that nobody knows, of the same kind.
    pub(crate) stranger: &'a dyn Fn() -> Result<PKey<Private>, ErrorStack>,
    /// The service's certificate or public key, as PEM, which everybody has.
    pub(crate) certificate_pem: &'a str,
    /// Whether the same text is to have the same signature: the run is to be repeated.
    pub(crate) repeats: bool,
}

/// An RSA key that no registration knows. It is published with the testbed and protects nothing.
pub(crate) fn stranger() -> Result<PKey<Private>, ErrorStack> {
    PKey::private_key_from_pem(myinfo_fixtures::keys::STRANGER_KEY_PEM.as_bytes())
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
    /// The signed document.
    pub(crate) signed: Arc<str>,
}

impl JweDraft {
    /// The document inside, unsigned.
    pub(crate) fn payload(&self) -> Vec<u8> {
        let payload = self.signed.split('.').nth(1).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap_or_default()
    }

    /// The compact JWE; the same code writes right and wrong ones.
    pub(crate) fn write(&self, entropy: &Entropy) -> Result<String, JweError> {
        let Self { header, plaintext, recipient, segments, .. } = self;
        compact(&Jwe { header, plaintext, recipient, segments, entropy })
    }
}

/// A person's data, just before they are signed.
pub(crate) struct DataDraft<'a> {
    pub(crate) person: Map<String, Value>,
    /// The same attributes of somebody else.
    pub(crate) somebody_else: &'a dyn Fn() -> Map<String, Value>,
}
