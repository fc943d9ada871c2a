//! The profiles of Myinfo: the versions of its protocol, by name.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProfileId {
    /// Myinfo v3: signed requests, an RSA key, a client secret.
    V3,
}

/// There is no profile of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no profile `{name}`; there are {}", ProfileId::names())]
pub struct UnknownProfile {
    name: String,
}

impl ProfileId {
    /// Every profile that there are cases of, in the order in which a run goes through them.
    pub const ALL: [Self; 1] = [Self::V3];

    /// The name: what ids of cases begin with, and drivers and command lines say.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V3 => "v3",
        }
    }

    fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl fmt::Display for ProfileId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for ProfileId {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.name() == name)
            .ok_or_else(|| UnknownProfile { name: name.to_owned() })
    }
}
