//! A login under way, and the authorisation code that comes out of it.

use super::Context;
use crate::ambient::Timestamp;

/// A login under way: a checked authorisation request, and the persona once it was chosen.
#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    pub(super) context: Context,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: String,
    pub(super) purpose: String,
    /// The requested attributes, in the order of the request, each once.
    pub(super) attributes: Vec<String>,
    /// The chosen persona's id.
    pub(super) persona: Option<String>,
}

/// What an authorisation code stands for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
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

/// The use of a code.
#[derive(Debug, Clone)]
pub(crate) struct Redeemed {
    /// The `jti` of the token that was given out; empty while it is being made.
    pub(super) jti: String,
    pub(super) at: Timestamp,
}
