//! The signed parts of FAPI's requests, read once more by the oracle's rules.

use super::{parameters, value};
use crate::connector::recorder::Recorded;
use crate::profile::fapi::SIGNING_KID;
use crate::verdict::Stop;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use myinfo_fixtures::keys::ec;
use myinfo_oracle::dpop::Proven;
use myinfo_oracle::{OracleError, dpop, jwk, jws};
use serde_json::{Map, Value};

/// A JWT as it was sent, of which nothing is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Jwt {
    /// The text.
    pub text: String,
    /// The header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
}

impl Jwt {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
            serde_json::from_slice::<Map<String, Value>>(&bytes).ok()
        });
        let (header, claims) = (parts.next()??, parts.next()??);
        Some(Self { text: text.to_owned(), header, claims })
    }

    /// A claim that is a text; nothing where there is none.
    pub fn claim(&self, name: &str) -> &str {
        self.claims.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A claim that is a number of seconds.
    pub fn seconds(&self, name: &str) -> Option<u64> {
        self.claims.get(name).and_then(Value::as_u64)
    }
}

/// The client assertion of a call.
///
/// # Errors
/// [`Stop::Inconclusive`] when there is none that can be read: another case tells.
pub fn assertion(call: &Recorded) -> Result<Jwt, Stop> {
    let sent = parameters(call);
    let text = value(&sent, "client_assertion").unwrap_or_default();
    Jwt::read(text).ok_or_else(|| Stop::Inconclusive("the client assertion cannot be read".to_owned()))
}

/// Whether the application's registered key signed a client assertion.
pub fn is_signed(assertion: &Jwt) -> bool {
    let key = ec::public(SIGNING_KID).and_then(|key| jwk::public(&key).ok());
    key.is_some_and(|key| jws::accept(&assertion.text, &key).is_ok())
}

/// The proof of a call as it was sent.
///
/// # Errors
/// [`Stop::Inconclusive`] when there is none that can be read: another case tells.
pub fn proof(call: &Recorded) -> Result<Jwt, Stop> {
    let text = call.header("dpop").unwrap_or_default();
    Jwt::read(text).ok_or_else(|| Stop::Inconclusive("the DPoP header cannot be read".to_owned()))
}

/// The proof of a call, whose signature is by the key that it shows.
///
/// # Errors
/// What is wrong with it.
pub fn proven(call: &Recorded) -> Result<Proven, OracleError> {
    dpop::open(call.header("dpop").unwrap_or_default())
}
