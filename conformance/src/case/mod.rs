//! The cases: one experiment each, a row of a table with a plan made of verbs.

pub mod connector;
pub mod server;

use crate::profile::ProfileId;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

/// Which side of the protocol is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The suite plays the server.
    Connector,
    /// The suite plays the client.
    Server,
}

impl Side {
    /// What is judged.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connector => "connector",
            Self::Server => "server",
        }
    }

    /// What the suite plays.
    pub const fn other(self) -> &'static str {
        match self {
            Self::Connector => "server",
            Self::Server => "client",
        }
    }
}

/// What a case is, without how it is done: all that a report needs.
pub type About = Case<()>;

/// One experiment.
#[derive(Debug, Clone, Copy)]
pub struct Case<P> {
    /// The stable name: `profile.subject.behaviour`.
    pub id: &'static str,
    /// The short name in lists: `V3-CB-01`.
    pub code: &'static str,
    /// How binding it is.
    pub level: Level,
    /// The requirements that it tests, by their ids in `clauses`.
    pub clauses: &'static [&'static str],
    /// What the side does that the suite plays: the server to a connector, the client to a server.
    pub other: &'static str,
    /// What a good one does on the side that is judged.
    pub good: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about one that does otherwise.
    pub fix: &'static str,
    /// How it is done.
    pub plan: P,
}

impl<P> Case<P> {
    /// The profile that it belongs to: its id begins with the profile's name.
    ///
    /// # Panics
    /// When it begins otherwise: a mistake in a table of ours.
    #[expect(clippy::expect_used, reason = "the ids are tables of this crate, and a test reads the profile of each")]
    pub fn profile(&self) -> ProfileId {
        let name = self.id.split('.').next().unwrap_or_default();
        name.parse().expect("an id begins with the name of a profile")
    }

    /// What it is.
    pub const fn about(&self) -> About {
        Case {
            id: self.id,
            code: self.code,
            level: self.level,
            clauses: self.clauses,
            other: self.other,
            good: self.good,
            why: self.why,
            fix: self.fix,
            plan: (),
        }
    }
}

/// Every case of a connector, profile by profile, in the order of the flow.
pub fn of_connectors() -> impl Iterator<Item = &'static connector::ConnectorCase> {
    connector::v3::cases().chain(connector::fapi::cases()).chain(connector::oidc::cases())
}

/// The cases of connectors that run where a move from an older API is made, and not otherwise.
pub fn of_migrations() -> impl Iterator<Item = &'static connector::ConnectorCase> {
    connector::fapi::of_migrations()
}

/// Every case of a server, profile by profile, in the order of the flow.
pub fn of_servers() -> impl Iterator<Item = &'static server::ServerCase> {
    server::v3::cases().chain(server::fapi::cases()).chain(server::oidc::cases())
}
