//! A token out of a file, and what a profile says of one that is its own: data, which `doctor token` writes.

use crate::ambient::Timestamp;
use crate::config::Config;
use crate::jose::key::CurveKey;
use serde_json::{Map, Value};

/// A token, and what may be used to look at it.
pub(crate) struct TokenCase<'a> {
    pub(crate) config: &'a Config,
    /// In compact form.
    pub(crate) token: &'a str,
    /// The keys on curves that were given by hand.
    pub(crate) given: &'a [NamedKey],
    /// The keys that signatures are held against instead of those that are known: a client's or the service's.
    pub(crate) set: &'a [NamedKey],
    /// The access token that a proof is for.
    pub(crate) access_token: Option<&'a str>,
    pub(crate) now: Timestamp,
}

/// A key, and what it is called in the report.
#[derive(Debug, Clone)]
pub(crate) struct NamedKey {
    pub(crate) name: String,
    pub(crate) key: CurveKey,
}

/// What is to be said of a token.
#[derive(Debug, Default)]
pub(crate) struct TokenFindings {
    pub(crate) lines: Vec<Line>,
    pub(crate) odd: Vec<Odd>,
}

/// A part of the report.
#[derive(Debug)]
pub(crate) enum Line {
    /// One line under a title.
    Text(&'static str, String),
    /// The members of a header, as they are.
    Header(&'static str, Map<String, Value>),
    /// The claims of a token.
    Claims(Map<String, Value>),
    /// Data of a person.
    Person(&'static str, Value),
}

/// Something that is wrong: what was received and expected, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Odd {
    pub(crate) says: String,
    /// Empty where nothing is to be done about it.
    pub(crate) fix: String,
    /// The rule that is broken, where it is one of the server's.
    pub(crate) rule: &'static str,
}

impl TokenFindings {
    pub(crate) fn line(&mut self, title: &'static str, text: impl Into<String>) {
        self.lines.push(Line::Text(title, text.into()));
    }

    pub(crate) fn odd(&mut self, says: impl Into<String>, fix: impl Into<String>) {
        self.odd.push(Odd { says: says.into(), fix: fix.into(), rule: "" });
    }
}
