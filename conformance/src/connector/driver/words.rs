//! What a target says in its own words: judged as it was said, and shown without what looks secret.

use crate::masked::masked;
use crate::text::short;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A message of a target. Whoever formats it gets it without keys, tokens, codes and personal numbers; on the wire and on tapes it
/// stands as it was said, so that cases see what it gives away.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(String);

impl Words {
    /// As it was said: to be looked through, and never to be shown.
    pub fn as_said(&self) -> &str {
        &self.0
    }

    /// Its first line, to be shown: behind it may stand a whole page.
    pub fn first_line(&self) -> String {
        self.to_string().lines().next().unwrap_or_default().to_owned()
    }

    /// The beginning of its first line, to be shown.
    pub fn short(&self) -> String {
        short(&self.to_string())
    }
}

impl fmt::Display for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&masked(&self.0))
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", masked(&self.0))
    }
}

impl From<String> for Words {
    fn from(said: String) -> Self {
        Self(said)
    }
}

impl From<&str> for Words {
    fn from(said: &str) -> Self {
        Self(said.to_owned())
    }
}
