//! Calls of the service, in FAPI as before it: what is tried again later, and its keys, which are fetched seldom.

use super::cached::Cached;
use super::keys;
use crate::ambient::Ambient;
use crate::error::{Endpoint, Error};
use crate::key::PublishedKeys;
use crate::retry::{self, Later};
use crate::transport::{Network, Request, Response};
use std::sync::Arc;

/// How often a request is tried that may be tried again. DOC, the tables of errors: at most three times.
pub(crate) const TRIES: u32 = 3;

/// The world in which a flow runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calls<'a> {
    pub(crate) network: &'a dyn Network,
    pub(crate) ambient: &'a dyn Ambient,
}

impl Calls<'_> {
    pub(crate) fn now(self) -> u64 {
        self.ambient.now_seconds()
    }

    /// Waits where an answer says "later", longer each time; whether it did.
    pub(crate) async fn later(self, endpoint: Endpoint, response: &Response, count: u32) -> Result<bool, Error> {
        let backing_off = 1 << (count - 1);
        match retry::later(response, backing_off, &[500, 502, 504]) {
            Later::In(time) => self.ambient.wait(time).await,
            Later::TooLate => return Err(Error::Upstream { endpoint, status: response.status }),
            Later::No => return Ok(false),
        }
        Ok(true)
    }

    /// Sends a request that carries nothing of one use, a few times where "later" is said.
    pub(crate) async fn sent(self, request: Request) -> Result<Response, Error> {
        let mut count = 1;
        loop {
            let response = self.network.send(request.clone()).await?;
            if count >= TRIES || !self.later(request.endpoint, &response, count).await? {
                return Ok(response);
            }
            count += 1;
        }
    }
}

/// The service's keys, as they were fetched last.
#[derive(Debug)]
pub(crate) struct ServiceKeys(Cached<PublishedKeys>);

impl ServiceKeys {
    pub(crate) fn empty() -> Self {
        Self(Cached::empty())
    }

    /// Those at hand, or what is published at an address.
    pub(crate) async fn current(&self, calls: Calls<'_>, url: &str) -> Result<Arc<PublishedKeys>, Error> {
        self.0.current(calls.now(), fetched(calls, url)).await
    }

    /// What a signature says, by the keys at hand, or by newer ones: once, for keys change unannounced (DOC, JWKS endpoint).
    pub(crate) async fn verified<T>(
        &self,
        calls: Calls<'_>,
        url: &str,
        verify: impl Fn(&PublishedKeys) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let keys = self.current(calls, url).await?;
        match verify(&keys) {
            Err(Error::Signature { .. }) => verify(&*self.0.newer(&keys, calls.now(), fetched(calls, url)).await?),
            judged => judged,
        }
    }
}

async fn fetched(calls: Calls<'_>, url: &str) -> Result<PublishedKeys, Error> {
    keys::accept(&calls.network.send(keys::at(url)).await?, calls.now())
}
