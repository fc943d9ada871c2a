//! What a good callback gave.

use crate::fapi::Bound;
use crate::oidc;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use subtle::ConstantTimeEq;

/// The code of a callback; never printed.
#[derive(Debug, Clone)]
pub struct Code(SecretString);

impl Code {
    /// Compares in constant time.
    pub(crate) fn matches(&self, other: &str) -> bool {
        self.reveal().as_bytes().ct_eq(other.as_bytes()).into()
    }

    /// Wraps a code.
    pub fn new(code: impl Into<String>) -> Self {
        Self(SecretString::from(code.into()))
    }

    pub(crate) fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What a good callback gave: enough to fetch the person, once.
pub struct Granted {
    code: Code,
    /// What a FAPI login kept for the steps behind the callback.
    bound: Option<Bound>,
    /// The same of the API before FAPI.
    before_fapi: Option<oidc::Bound>,
}

impl Granted {
    /// A code, and what belongs to it.
    pub(crate) const fn bound(code: Code, bound: Bound) -> Self {
        Self { code, bound: Some(bound), before_fapi: None }
    }

    /// A code of the API before FAPI, and what belongs to it.
    pub(crate) const fn before_fapi(code: Code, bound: oidc::Bound) -> Self {
        Self { code, bound: None, before_fapi: Some(bound) }
    }

    /// The authorisation code.
    pub const fn code(&self) -> &Code {
        &self.code
    }

    /// The code, and what a FAPI login kept for the steps behind the callback.
    pub fn into_bound(self) -> (Code, Option<Bound>) {
        (self.code, self.bound)
    }

    /// The same of the API before FAPI.
    pub fn into_before_fapi(self) -> (Code, Option<oidc::Bound>) {
        (self.code, self.before_fapi)
    }
}

impl From<Code> for Granted {
    /// A code is all that a v3 callback gives.
    fn from(code: Code) -> Self {
        Self { code, bound: None, before_fapi: None }
    }
}

impl fmt::Debug for Granted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Granted([redacted])")
    }
}
