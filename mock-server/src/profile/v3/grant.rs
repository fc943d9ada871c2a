//! What an authorisation code of v3 stands for.

use super::call::Context;
use crate::ambient::Timestamp;
use crate::store::{ExpiringMap, Weight};

/// The codes and tokens that a realm gave out.
#[derive(Debug)]
pub(super) struct Issued {
    /// By code, used ones included.
    pub(super) grants: ExpiringMap<String, Grant>,
    /// Revoked tokens, by their `jti`.
    pub(super) revoked: ExpiringMap<String, ()>,
}

/// How many codes are remembered, used ones included.
const GRANTS: usize = 10_000;

impl Default for Issued {
    fn default() -> Self {
        Self { grants: ExpiringMap::new("codes", GRANTS), revoked: ExpiringMap::new("revoked tokens", GRANTS) }
    }
}

/// What an authorisation code stands for.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) context: Context,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    /// The consented attributes, joined by commas: codes are remembered by the thousand, so they are kept small.
    pub(super) attributes: String,
    pub(super) persona: String,
    /// When it was exchanged, once it was.
    pub(super) redeemed: Option<Redeemed>,
    /// The moment at which the code is no longer exchanged; it is remembered a while longer.
    pub(super) expires: Timestamp,
}

impl Weight for Grant {
    fn weight(&self) -> usize {
        let texts = [&self.client_id, &self.redirect_uri, &self.attributes, &self.persona];
        // the token's `jti` comes when the code is exchanged
        texts.into_iter().map(String::capacity).sum::<usize>() + 40
    }
}

/// The use of a code.
#[derive(Debug, Clone)]
pub(super) struct Redeemed {
    /// The `jti` of the token that was given out; empty while it is being made.
    pub(super) jti: String,
    pub(super) at: Timestamp,
}
