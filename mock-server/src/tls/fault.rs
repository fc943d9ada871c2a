//! Certificates that are wrong on purpose, one fault each, for clients that must refuse them.

use super::authority::{Authority, Identity, LeafTerms, self_signed};
use super::names::{ANOTHER, LOCAL, REAL};
use crate::ambient::Timestamp;
use anyhow::Result;

/// What is wrong with the certificate of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFault {
    /// It expired yesterday.
    Expired,
    /// It is for another host.
    WrongHost,
    /// It is by an authority that nobody trusts.
    UnknownAuthority,
    /// It vouches for itself.
    SelfSigned,
}

impl TlsFault {
    /// The names on the command line.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("expired", Self::Expired),
        ("wrong-host", Self::WrongHost),
        ("unknown-authority", Self::UnknownAuthority),
        ("self-signed", Self::SelfSigned),
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, fault)| *fault == self).map_or("", |(name, _)| name)
    }

    /// The faulty identity: in everything but the one fault it is like the good one.
    pub(crate) fn identity(self, authority: &Authority, now: Timestamp) -> Result<Identity> {
        const DAY: u64 = 86_400;
        let names: Vec<&str> = LOCAL.iter().chain(REAL).copied().collect();
        let yesterday = Timestamp(now.0.saturating_sub(DAY * 1000));
        let last_month = Timestamp(now.0.saturating_sub(30 * DAY * 1000));
        let good = LeafTerms { names: &names, from: now, until: now.plus_seconds(30 * DAY) };
        match self {
            Self::Expired => authority.issue(&LeafTerms { from: last_month, until: yesterday, ..good }),
            Self::WrongHost => authority.issue(&LeafTerms { names: &[ANOTHER], ..good }),
            Self::UnknownAuthority => Authority::stranger(now)?.issue(&good),
            Self::SelfSigned => self_signed(&good),
        }
    }
}
