//! What the API before FAPI remembers between requests: authorisation codes.

use crate::ambient::Timestamp;
use crate::profile::code::Code;
use crate::profile::fapi::client::App;
use crate::store::{ExpiringMap, Weight};
use std::sync::Arc;

/// An authorisation request that kept every rule.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) client_id: String,
    pub(super) app: App,
    pub(super) redirect_uri: String,
    pub(super) nonce: String,
    pub(super) scopes: Vec<String>,
    /// Nothing where none came and none has to.
    pub(super) challenge: Option<String>,
}

/// What an authorisation code stands for.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) asked: Arc<Asked>,
    pub(super) persona: String,
    redeemed: Option<Timestamp>,
    expires: Timestamp,
}

impl Grant {
    pub(super) fn new(asked: Arc<Asked>, persona: String, expires: Timestamp) -> Self {
        Self { asked, persona, redeemed: None, expires }
    }
}

impl Code for Grant {
    fn owner(&self) -> &str {
        &self.asked.client_id
    }

    fn expires(&self) -> Timestamp {
        self.expires
    }

    fn redeemed(&mut self) -> &mut Option<Timestamp> {
        &mut self.redeemed
    }
}

impl Weight for Asked {
    fn weight(&self) -> usize {
        let texts = [&self.client_id, &self.redirect_uri, &self.nonce].into_iter().chain(&self.challenge);
        let scopes = self.scopes.iter().map(|scope| size_of::<String>() + scope.capacity());
        texts.map(String::capacity).sum::<usize>() + scopes.sum::<usize>()
    }
}

impl Weight for Grant {
    fn weight(&self) -> usize {
        self.asked.weight() + self.persona.capacity()
    }
}

/// The codes, by what the client holds of them.
#[derive(Debug)]
pub(super) struct Codes(pub(super) ExpiringMap<String, Grant>);

/// How many are remembered.
const CAP: usize = 10_000;

impl Default for Codes {
    fn default() -> Self {
        Self(ExpiringMap::new("codes of the API before FAPI", CAP))
    }
}
