//! The whole flow in two calls: begin a login, finish it.

use crate::ambient::{Ambient, Stamp, System};
use crate::callback::Callback;
use crate::error::{Endpoint, Error};
use crate::fapi;
use crate::granted::Granted;
use crate::kept::{Kept, State};
use crate::oidc;
use crate::person::Person;
use crate::retry::{Later, later};
use crate::transport::{Network, Transport, TransportOptions};
use crate::v3::token::AccessToken;
use crate::v3::{self, authorise, person, token};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// A connector: a configuration, and the network, the time and the chance that it works with.
#[derive(Debug, Clone)]
pub struct Connector {
    protocol: Protocol,
    network: Arc<dyn Network>,
    ambient: Arc<dyn Ambient>,
}

/// What a connector speaks.
#[derive(Debug, Clone)]
enum Protocol {
    V3(Box<v3::Config>),
    /// Clones share what was fetched.
    Fapi(Arc<fapi::Flow>),
    /// What was before FAPI; likewise.
    Oidc(Arc<oidc::Flow>),
}

/// The configuration of a connector: its type says which protocol it speaks.
#[derive(Debug, Clone)]
pub struct Settings(Protocol);

impl From<v3::Config> for Settings {
    fn from(config: v3::Config) -> Self {
        Self(Protocol::V3(Box::new(config)))
    }
}

impl From<fapi::Config> for Settings {
    fn from(config: fapi::Config) -> Self {
        Self(Protocol::Fapi(Arc::new(fapi::Flow::new(config))))
    }
}

impl From<oidc::Config> for Settings {
    fn from(config: oidc::Config) -> Self {
        Self(Protocol::Oidc(Arc::new(oidc::Flow::new(config))))
    }
}

/// A login that was begun. `Debug` does not show the address: the state stands in it.
pub struct Login {
    /// The address to send the browser to.
    pub url: String,
    /// To be kept in the browser's session until the callback.
    pub kept: Kept,
}

impl fmt::Debug for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Login").field("kept", &self.kept).finish_non_exhaustive()
    }
}

/// How often the person request is tried. The token request is tried once: a code works once.
const PERSON_TRIES: u32 = 3;

impl Connector {
    /// A connector with a [`Transport`] of its own.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the HTTP client cannot be set up.
    pub fn new(config: impl Into<Settings>) -> Result<Self, Error> {
        Ok(Self::with_network(config, Transport::new(&TransportOptions::default())?))
    }

    /// A connector over a given network.
    pub fn with_network(config: impl Into<Settings>, network: impl Network + 'static) -> Self {
        Self { protocol: config.into().0, network: Arc::new(network), ambient: Arc::new(System) }
    }

    /// The same with another clock, other chance, other waiting than the system's.
    #[must_use]
    pub fn with_ambient(self, ambient: impl Ambient + 'static) -> Self {
        Self { ambient: Arc::new(ambient), ..self }
    }

    /// Time and chance as this connector has them: for a [`Seal`](crate::Seal).
    pub fn ambient(&self) -> &dyn Ambient {
        &*self.ambient
    }

    /// The configuration, where it is v3's.
    pub fn v3_config(&self) -> Option<&v3::Config> {
        match &self.protocol {
            Protocol::V3(config) => Some(config),
            Protocol::Fapi(_) | Protocol::Oidc(_) => None,
        }
    }

    /// The configuration, where it is FAPI's.
    pub fn fapi_config(&self) -> Option<&fapi::Config> {
        match &self.protocol {
            Protocol::V3(_) | Protocol::Oidc(_) => None,
            Protocol::Fapi(flow) => Some(flow.config()),
        }
    }

    /// The address of the service: v3's base URL, or the issuer.
    pub(crate) fn service(&self) -> &str {
        match &self.protocol {
            Protocol::V3(config) => &config.base_url,
            Protocol::Fapi(flow) => flow.config().issuer(),
            Protocol::Oidc(flow) => flow.config().issuer(),
        }
    }

    /// The callback, as it is registered.
    pub(crate) fn redirect_uri(&self) -> &str {
        match &self.protocol {
            Protocol::V3(config) => &config.redirect_uri,
            Protocol::Fapi(flow) => &flow.config().redirect_uri,
            Protocol::Oidc(flow) => flow.config().redirect_uri(),
        }
    }

    /// Our public JWK Set, as it is registered with Singpass; v3 has none.
    ///
    /// # Errors
    /// [`Error::Configuration`] when a key cannot be written.
    pub fn public_keys(&self) -> Result<Option<Value>, Error> {
        match &self.protocol {
            Protocol::V3(_) => Ok(None),
            Protocol::Fapi(flow) => flow.config().public_keys().map(Some),
            Protocol::Oidc(flow) => flow.config().public_keys().map(Some),
        }
    }

    /// Begins a login: what the browser's session must keep, and the address to send the browser to.
    ///
    /// FAPI pushes the request first, and so can fail in all ways in which an endpoint can; the API before it reads discovery.
    ///
    /// # Errors
    /// See [`Error`]; with v3, [`Error::Configuration`] alone, when there is no randomness to give.
    pub async fn begin(&self) -> Result<Login, Error> {
        match &self.protocol {
            Protocol::V3(config) => {
                let state = State::fresh(self.ambient())?;
                Ok(Login { url: authorise::prepare(config, &state), kept: Kept::new(state) })
            }
            Protocol::Fapi(flow) => {
                let (kept, url) = flow.over(&*self.network, self.ambient()).begin().await?;
                Ok(Login { url, kept })
            }
            Protocol::Oidc(flow) => {
                let (kept, url) = flow.over(&*self.network, self.ambient()).begin().await?;
                Ok(Login { url, kept })
            }
        }
    }

    /// Finishes a login: checks the callback, exchanges the code, fetches and verifies the person.
    ///
    /// # Errors
    /// See [`Error`]; whatever it is, the login is over and the person has to log in again.
    pub async fn finish(&self, callback: &str, kept: Kept) -> Result<Person, Error> {
        self.redeem(self.accept(&Callback::read(callback), kept)?).await
    }

    /// The first half of [`Connector::finish`], for applications that answer the callback before they fetch the person.
    ///
    /// # Errors
    /// See [`v3::authorise::accept`], [`fapi::authorise::accept`] and [`oidc::authorise::accept`].
    pub fn accept(&self, callback: &Callback, kept: Kept) -> Result<Granted, Error> {
        match &self.protocol {
            Protocol::V3(_) => authorise::accept(callback, kept.into_state()?).map(Granted::from),
            Protocol::Fapi(flow) => flow.accept(callback, kept),
            Protocol::Oidc(flow) => flow.accept(callback, kept),
        }
    }

    /// The other half: exchanges the code, fetches and verifies the person.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn redeem(&self, granted: Granted) -> Result<Person, Error> {
        match &self.protocol {
            Protocol::V3(config) => self.redeem_v3(config, &granted).await,
            Protocol::Fapi(flow) => flow.over(&*self.network, self.ambient()).redeem(granted).await,
            Protocol::Oidc(flow) => flow.over(&*self.network, self.ambient()).redeem(granted).await,
        }
    }

    async fn redeem_v3(&self, config: &v3::Config, granted: &Granted) -> Result<Person, Error> {
        let request = token::prepare(config, granted.code(), &Stamp::fresh(self.ambient())?)?;
        let response = self.network.send(request).await?;
        let token = token::accept(config, &response, self.ambient.now_seconds())?;
        self.person(config, &token).await
    }

    /// Fetches the person; an answer that says "later" is believed, a bounded number of times.
    async fn person(&self, config: &v3::Config, token: &AccessToken) -> Result<Person, Error> {
        let mut tries = 1;
        loop {
            // signed anew for each attempt: a nonce is used once
            let request = person::prepare(config, token, &Stamp::fresh(self.ambient())?)?;
            let response = self.network.send(request).await?;
            let judged = || person::accept(config, token, &response, self.ambient.now_seconds());
            match later(&response, 1, &[502, 504]) {
                // the last answer is judged as it is, even where it says "later"
                _ if tries >= PERSON_TRIES => return judged(),
                Later::No => return judged(),
                Later::In(time) => self.ambient.wait(time).await,
                Later::TooLate => return Err(Error::Upstream { endpoint: Endpoint::Person, status: response.status }),
            }
            tries += 1;
        }
    }
}
