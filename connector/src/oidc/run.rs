//! The steps in their order, over a network.

use super::discovery::{self, Metadata};
use super::{Bound, Config, authorise, id_token, token, userinfo};
use crate::ambient::{Ambient, Stamp};
use crate::callback::Callback;
use crate::error::{Error, KeptProblem};
use crate::fapi::cached::Cached;
use crate::fapi::calls::{Calls, ServiceKeys};
use crate::granted::Granted;
use crate::kept::{Kept, State};
use crate::key::PublishedKeys;
use crate::person::Person;
use crate::transport::Network;
use std::sync::Arc;

/// A configuration, and what was fetched for it.
#[derive(Debug)]
pub(crate) struct Flow {
    config: Config,
    metadata: Cached<Metadata>,
    keys: ServiceKeys,
}

/// A flow in its world.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    flow: &'a Flow,
    calls: Calls<'a>,
}

impl Flow {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, metadata: Cached::empty(), keys: ServiceKeys::empty() }
    }

    pub(crate) const fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) const fn over<'a>(&'a self, network: &'a dyn Network, ambient: &'a dyn Ambient) -> Run<'a> {
        Run { flow: self, calls: Calls { network, ambient } }
    }

    /// See [`authorise::accept`].
    pub(crate) fn accept(&self, callback: &Callback, kept: Kept) -> Result<Granted, Error> {
        let (state, bound) = kept.into_oidc()?;
        authorise::accept(&self.config, callback, (&state, bound))
    }
}

impl Run<'_> {
    /// What the session must keep, and the address to send the browser to. Nobody is sent whose ID token could not be verified.
    pub(crate) async fn begin(self) -> Result<(Kept, String), Error> {
        let metadata = self.metadata().await?;
        self.flow.keys.current(self.calls, &metadata.keys).await?;
        let (state, bound) = (State::fresh(self.calls.ambient)?, Bound::fresh(self.calls.ambient)?);
        let url = authorise::prepare(&self.flow.config, &metadata, &state, &bound);
        Ok((Kept::with_oidc(state, bound), url))
    }

    /// Exchanges the code, verifies the ID token and, for a Myinfo app, fetches and verifies the person.
    pub(crate) async fn redeem(self, granted: Granted) -> Result<Person, Error> {
        let config = &self.flow.config;
        let (code, bound) = granted.into_before_fapi();
        let bound = bound.ok_or(Error::Kept(KeptProblem::OtherProtocol))?;
        let metadata = self.metadata().await?;
        // before the code is spent on a token that cannot be verified
        self.flow.keys.current(self.calls, &metadata.keys).await?;
        // once: a code works once, and what became of it behind a failure nobody knows
        let request = token::prepare(config, &metadata, (&code, &bound), &Stamp::fresh(self.calls.ambient)?)?;
        let tokens = token::accept(&self.calls.network.send(request).await?, self.calls.now())?;
        let verify = |keys: &PublishedKeys| id_token::accept(config, &bound, keys, &tokens, self.calls.now());
        let identity = self.flow.keys.verified(self.calls, &metadata.keys, verify).await?;
        if !config.app.is_myinfo() {
            return Ok(Person::without_document(identity));
        }
        let response = self.calls.sent(userinfo::prepare(&metadata, &tokens)).await?;
        let verify = |keys: &PublishedKeys| userinfo::accept(config, keys, &identity, &response, self.calls.now());
        self.flow.keys.verified(self.calls, &metadata.keys, verify).await
    }

    async fn metadata(self) -> Result<Arc<Metadata>, Error> {
        let config = &self.flow.config;
        let fetch = async {
            let response = self.calls.network.send(discovery::prepare(config)).await?;
            discovery::accept(config, &response, self.calls.now())
        };
        self.flow.metadata.current(self.calls.now(), fetch).await
    }
}
