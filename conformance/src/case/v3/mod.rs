//! The cases of v3, a file for each stage that they act on.

mod access_token;
mod authorise;
mod callback;
mod data;
mod document;
mod keys;
mod person;
mod token;

use crate::case::Case;
use serde_json::{Map, Value, json};

/// Every case, in the order of the flow.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    [
        authorise::CASES,
        callback::CASES,
        token::CASES,
        access_token::CASES,
        person::CASES,
        document::CASES,
        data::CASES,
        keys::CASES,
    ]
    .into_iter()
    .flatten()
}

/// What the realm of a case has beyond the usual.
pub(super) fn realm(code: &str) -> Map<String, Value> {
    let config = match code {
        // the service signs with the key that is new to the connector
        "V3-DEC-21" => {
            json!({"service": {
                "key": myinfo_fixtures::keys::STRANGER_KEY_PEM,
                "certificate": myinfo_fixtures::keys::STRANGER_CERT_PEM,
            }})
        }
        "V3-TOK-20" => json!({"server": {"flavour": "sandbox"}}),
        _ => json!({}),
    };
    config.as_object().cloned().unwrap_or_default()
}
