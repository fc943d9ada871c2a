//! The steps in their order, over a network: what is cached, what is tried again, what is fetched anew.

use super::attempt::{Attempt, demanded_nonce};
use super::cached::Cached;
use super::calls::{Calls, ServiceKeys, TRIES};
use super::discovery::{self, Metadata};
use super::{Bound, Config, authorise, id_token, par, token, userinfo};
use crate::ambient::Ambient;
use crate::callback::Callback;
use crate::error::Error;
use crate::granted::Granted;
use crate::kept::{Kept, State};
use crate::key::PublishedKeys;
use crate::person::Person;
use crate::transport::{Network, Request, Response};
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
        let (state, bound) = kept.into_fapi()?;
        authorise::accept(&self.config, callback, (&state, bound))
    }
}

impl Run<'_> {
    /// Pushes a request: what the session must keep, and the address to send the browser to.
    ///
    /// Nobody is sent to log in whose ID token could not be verified: the keys are fetched first, where they are not there.
    pub(crate) async fn begin(self) -> Result<(Kept, String), Error> {
        let config = &self.flow.config;
        let metadata = self.metadata().await?;
        self.flow.keys.current(self.calls, &metadata.keys).await?;
        let ambient = self.calls.ambient;
        let (state, bound) = (State::fresh(ambient)?, Bound::fresh(metadata.announces_issuer, ambient)?);
        let request = |attempt: &Attempt| par::prepare(config, &metadata, (&state, &bound), attempt);
        let request_uri = par::accept(&self.sent(TRIES, request).await?, self.now())?;
        Ok((Kept::with_fapi(state, bound), authorise::prepare(config, &metadata, &request_uri)))
    }

    /// Exchanges the code, verifies the ID token and, for a Myinfo app, fetches and verifies the person.
    pub(crate) async fn redeem(self, granted: Granted) -> Result<Person, Error> {
        let config = &self.flow.config;
        let (code, bound) = granted.into_bound();
        let bound = bound.ok_or(Error::Kept(crate::error::KeptProblem::OtherProtocol))?;
        let metadata = self.metadata().await?;
        // before the code is spent on a token that cannot be verified
        self.flow.keys.current(self.calls, &metadata.keys).await?;
        // once: a code works once, and what became of it behind a failure nobody knows
        let request = |attempt: &Attempt| token::prepare(config, &metadata, (&code, &bound), attempt);
        let tokens = token::accept(&self.sent(1, request).await?, self.now())?;
        let verify = |keys: &PublishedKeys| id_token::accept(config, &bound, keys, &tokens, self.now());
        let identity = self.flow.keys.verified(self.calls, &metadata.keys, verify).await?;
        if !config.is_myinfo() {
            return Ok(Person::without_document(identity));
        }
        let request = |attempt: &Attempt| userinfo::prepare(&metadata, &bound, &tokens, attempt);
        let response = self.sent(TRIES, request).await?;
        let verify = |keys: &PublishedKeys| userinfo::accept(config, keys, &identity, &response, self.now());
        self.flow.keys.verified(self.calls, &metadata.keys, verify).await
    }

    fn now(self) -> u64 {
        self.calls.now()
    }

    async fn metadata(self) -> Result<Arc<Metadata>, Error> {
        let config = &self.flow.config;
        let fetch = async {
            discovery::accept(config, &self.calls.network.send(discovery::prepare(config)).await?, self.now())
        };
        self.flow.metadata.current(self.now(), fetch).await
    }

    /// Sends a request, signed anew for each try: once more where a nonce is demanded, and a few times where "later" is said.
    async fn sent(self, tries: u32, prepare: impl Fn(&Attempt) -> Result<Request, Error>) -> Result<Response, Error> {
        let (mut count, mut nonce) = (1, None);
        loop {
            let request = prepare(&Attempt::fresh(self.calls.ambient, nonce.clone())?)?;
            let endpoint = request.endpoint;
            let response = self.calls.network.send(request).await?;
            if let (None, Some(demanded)) = (&nonce, demanded_nonce(&response)) {
                nonce = Some(demanded.to_owned());
                continue;
            }
            if count >= tries || !self.calls.later(endpoint, &response, count).await? {
                return Ok(response);
            }
            count += 1;
        }
    }
}
