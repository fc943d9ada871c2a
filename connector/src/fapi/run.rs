//! The steps in their order, over a network: what is cached, what is tried again, what is fetched anew.

use super::attempt::{Attempt, demanded_nonce};
use super::cached::Cached;
use super::discovery::{self, Metadata};
use super::{Bound, Config, authorise, id_token, keys, par, token, userinfo};
use crate::ambient::Ambient;
use crate::callback::Callback;
use crate::error::{Endpoint, Error};
use crate::granted::Granted;
use crate::kept::{Kept, State};
use crate::key::PublishedKeys;
use crate::person::Person;
use crate::retry::{self, Later};
use crate::transport::{Network, Request, Response};
use std::sync::Arc;

/// A configuration, and what was fetched for it.
#[derive(Debug)]
pub(crate) struct Flow {
    config: Config,
    metadata: Cached<Metadata>,
    keys: Cached<PublishedKeys>,
}

/// A flow in its world.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    flow: &'a Flow,
    network: &'a dyn Network,
    ambient: &'a dyn Ambient,
}

impl Flow {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, metadata: Cached::empty(), keys: Cached::empty() }
    }

    pub(crate) const fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) const fn over<'a>(&'a self, network: &'a dyn Network, ambient: &'a dyn Ambient) -> Run<'a> {
        Run { flow: self, network, ambient }
    }

    /// See [`authorise::accept`].
    pub(crate) fn accept(&self, callback: &Callback, kept: Kept) -> Result<Granted, Error> {
        let (state, bound) = kept.into_fapi()?;
        authorise::accept(&self.config, callback, (&state, bound))
    }
}

/// How often a request is tried that may be tried again. DOC, the tables of errors: at most three times.
const TRIES: u32 = 3;

impl Run<'_> {
    /// Pushes a request: what the session must keep, and the address to send the browser to.
    ///
    /// Nobody is sent to log in whose ID token could not be verified: the keys are fetched first, where they are not there.
    pub(crate) async fn begin(self) -> Result<(Kept, String), Error> {
        let config = &self.flow.config;
        let metadata = self.metadata().await?;
        self.keys(&metadata).await?;
        let (state, bound) = (State::fresh(self.ambient)?, Bound::fresh(metadata.announces_issuer, self.ambient)?);
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
        let keys = self.keys(&metadata).await?;
        // once: a code works once, and what became of it behind a failure nobody knows
        let request = |attempt: &Attempt| token::prepare(config, &metadata, (&code, &bound), attempt);
        let tokens = token::accept(&self.sent(1, request).await?, self.now())?;
        let verify = |keys: &PublishedKeys| id_token::accept(config, &bound, keys, &tokens, self.now());
        let identity = self.verified(&metadata, &keys, verify).await?;
        if !config.is_myinfo() {
            return Ok(Person::without_document(identity));
        }
        let request = |attempt: &Attempt| userinfo::prepare(&metadata, &bound, &tokens, attempt);
        let response = self.sent(TRIES, request).await?;
        let keys = self.keys(&metadata).await?;
        let verify = |keys: &PublishedKeys| userinfo::accept(config, keys, &identity, &response, self.now());
        self.verified(&metadata, &keys, verify).await
    }

    fn now(self) -> u64 {
        self.ambient.now_seconds()
    }

    async fn metadata(self) -> Result<Arc<Metadata>, Error> {
        let config = &self.flow.config;
        let fetch =
            async { discovery::accept(config, &self.network.send(discovery::prepare(config)).await?, self.now()) };
        self.flow.metadata.current(self.now(), fetch).await
    }

    async fn keys(self, metadata: &Metadata) -> Result<Arc<PublishedKeys>, Error> {
        self.flow.keys.current(self.now(), self.fetched_keys(metadata)).await
    }

    async fn fetched_keys(self, metadata: &Metadata) -> Result<PublishedKeys, Error> {
        keys::accept(&self.network.send(keys::prepare(metadata)).await?, self.now())
    }

    /// What a signature says, by the keys at hand, or by newer ones: once, for keys change unannounced (DOC, JWKS endpoint).
    async fn verified<T>(
        self,
        metadata: &Metadata,
        keys: &Arc<PublishedKeys>,
        verify: impl Fn(&PublishedKeys) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match verify(keys) {
            Err(Error::Signature { .. }) => {
                let newer = self.flow.keys.newer(keys, self.now(), self.fetched_keys(metadata)).await?;
                verify(&newer)
            }
            judged => judged,
        }
    }

    /// Sends a request, signed anew for each try: once more where a nonce is demanded, and a few times where "later" is said.
    async fn sent(self, tries: u32, prepare: impl Fn(&Attempt) -> Result<Request, Error>) -> Result<Response, Error> {
        let (mut count, mut nonce) = (1, None);
        loop {
            let request = prepare(&Attempt::fresh(self.ambient, nonce.clone())?)?;
            let endpoint = request.endpoint;
            let response = self.network.send(request).await?;
            if let (None, Some(demanded)) = (&nonce, demanded_nonce(&response)) {
                nonce = Some(demanded.to_owned());
                continue;
            }
            if count >= tries || !self.later(endpoint, &response, count).await? {
                return Ok(response);
            }
            count += 1;
        }
    }

    /// Waits where the answer says "later", longer each time; whether it did.
    async fn later(self, endpoint: Endpoint, response: &Response, count: u32) -> Result<bool, Error> {
        let backing_off = 1 << (count - 1);
        match retry::later(response, backing_off, &[500, 502, 504]) {
            Later::In(time) => self.ambient.wait(time).await,
            Later::TooLate => return Err(Error::Upstream { endpoint, status: response.status }),
            Later::No => return Ok(false),
        }
        Ok(true)
    }
}
