//! Who logged in, as a verified ID token says it.

use crate::fapi::Level;
use serde_json::{Map, Value};
use std::fmt;

/// Who logged in, and how. `Debug` shows the names of the attributes only.
#[derive(Clone, PartialEq)]
pub struct Identity {
    subject: String,
    claims: Map<String, Value>,
}

/// Whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountType {
    /// A Singpass account of somebody with an NRIC or FIN.
    Standard,
    /// A Singpass Foreign Account: the number is a foreign one, and there are no Myinfo data.
    Foreign,
    /// Something that this library does not know.
    Unknown,
}

impl Identity {
    pub(crate) const fn new(subject: String, claims: Map<String, Value>) -> Self {
        Self { subject, claims }
    }

    /// The `sub`: the person's UUID, the same for every application; before FAPI a text with parts, which [`Subject`](crate::oidc::Subject)
    /// reads.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The name (scope `name`).
    pub fn name(&self) -> Option<&str> {
        self.attribute("name")
    }

    /// NRIC, FIN, or the number of a foreign document (scope `user.identity`).
    pub fn identity_number(&self) -> Option<&str> {
        self.attribute("identity_number")
    }

    /// The country that issued the number: `SG`, or another for a foreign account (scope `user.identity`).
    pub fn country(&self) -> Option<&str> {
        self.attribute("identity_coi")
    }

    /// Whose account it is (scope `user.identity`).
    pub fn account_type(&self) -> Option<AccountType> {
        self.attribute("account_type").map(|name| match name {
            "standard" => AccountType::Standard,
            "foreign" => AccountType::Foreign,
            _ => AccountType::Unknown,
        })
    }

    /// The email address, where one is registered (scope `email`).
    pub fn email(&self) -> Option<&str> {
        self.attribute("email")
    }

    /// The Singapore mobile number, digits without the country's code, where one is registered (scope `mobileno`).
    pub fn mobile_number(&self) -> Option<&str> {
        self.attribute("mobileno")
    }

    /// The level of authentication, where it is one of the three that are known.
    pub fn level(&self) -> Option<Level> {
        Level::named(self.claims.get("acr")?.as_str()?)
    }

    /// The factors that were used; the list of possible names is open.
    pub fn factors(&self) -> Vec<&str> {
        let factors = self.claims.get("amr").and_then(Value::as_array);
        factors.map(|factors| factors.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
    }

    /// What the scopes gave, those unknown to this library included.
    pub fn attributes(&self) -> Option<&Map<String, Value>> {
        self.claims.get("sub_attributes").and_then(Value::as_object)
    }

    /// Every claim of the ID token, those unknown to this library included.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes()?.get(name)?.as_str()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.attributes().map(|attributes| attributes.keys().collect()).unwrap_or_default();
        formatter.debug_tuple("Identity").field(&names).finish()
    }
}
