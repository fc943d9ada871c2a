//! What FAPI remembers between requests: pushed requests and authorisation codes.

use super::client::App;
use crate::ambient::Timestamp;
use crate::profile::code::Code;
use crate::store::{ExpiringMap, Weight};
use std::sync::Arc;

/// A pushed request that kept every rule.
#[derive(Debug, Clone)]
pub(super) struct Pushed {
    pub(super) client_id: String,
    /// The issuer at whose address it was pushed: the login may be at another name of this server.
    pub(super) issuer: String,
    pub(super) app: App,
    pub(super) redirect_uri: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) scopes: Vec<String>,
    pub(super) challenge: String,
    /// The thumbprint of the key that proves the whole login.
    pub(super) thumbprint: String,
    /// The levels asked for, best first; empty where none was.
    pub(super) levels: Vec<String>,
    pub(super) expires: Timestamp,
}

/// What an authorisation code stands for.
#[derive(Debug, Clone)]
pub(in crate::profile) struct Grant {
    pub(super) pushed: Arc<Pushed>,
    pub(super) persona: String,
    /// When it was exchanged, once it was.
    pub(super) redeemed: Option<Timestamp>,
    pub(super) expires: Timestamp,
}

impl Weight for Pushed {
    fn weight(&self) -> usize {
        let Self { client_id, issuer, redirect_uri, state, nonce, challenge, thumbprint, .. } = self;
        let texts = [client_id, issuer, redirect_uri, state, nonce, challenge, thumbprint];
        let lists = self.scopes.iter().chain(&self.levels).map(|text| size_of::<String>() + text.capacity());
        texts.into_iter().map(String::capacity).sum::<usize>() + lists.sum::<usize>()
    }
}

impl Weight for Grant {
    /// The pushed request counts here, too: it is forgotten there before.
    fn weight(&self) -> usize {
        self.pushed.weight() + self.persona.capacity()
    }
}

impl Code for Grant {
    fn owner(&self) -> &str {
        &self.pushed.client_id
    }

    fn expires(&self) -> Timestamp {
        self.expires
    }

    fn redeemed(&mut self) -> &mut Option<Timestamp> {
        &mut self.redeemed
    }
}

/// Both, by what the client holds of them.
#[derive(Debug)]
pub(in crate::profile) struct Issued {
    pub(super) requests: ExpiringMap<String, Arc<Pushed>>,
    pub(in crate::profile) codes: ExpiringMap<String, Grant>,
}

impl Issued {
    /// The pushed requests that are remembered, those of which a code came included.
    pub(super) fn logins(&self) -> impl Iterator<Item = &Pushed> {
        self.requests.values().map(Arc::as_ref).chain(self.codes.values().map(|grant| grant.pushed.as_ref()))
    }
}

/// How many of each are remembered.
const CAP: usize = 10_000;

impl Default for Issued {
    fn default() -> Self {
        Self { requests: ExpiringMap::new("pushed requests", CAP), codes: ExpiringMap::new("codes of FAPI", CAP) }
    }
}
