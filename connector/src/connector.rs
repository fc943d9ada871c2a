//! The whole flow in two calls: begin a login, finish it.

use crate::ambient::{Ambient, Stamp, System};
use crate::callback::Callback;
use crate::error::{Endpoint, Error};
use crate::kept::{Kept, State};
use crate::person::Person;
use crate::transport::{Network, Response, Transport, TransportOptions};
use crate::v3::authorise::{self, Code};
use crate::v3::token::AccessToken;
use crate::v3::{Config, person, token};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A connector: a configuration, and the network, the time and the chance that it works with.
#[derive(Debug, Clone)]
pub struct Connector {
    config: Config,
    network: Arc<dyn Network>,
    ambient: Arc<dyn Ambient>,
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

/// What a good callback gave: enough to fetch the person, once.
#[derive(Debug)]
pub struct Granted {
    code: Code,
}

impl Granted {
    /// The authorisation code.
    pub const fn code(&self) -> &Code {
        &self.code
    }
}

impl From<Code> for Granted {
    /// A code is all that a v3 callback gives.
    fn from(code: Code) -> Self {
        Self { code }
    }
}

/// How often the person request is tried. The token request is tried once: a code works once.
const PERSON_TRIES: u32 = 3;
/// The longest wait before a retry, in seconds; a service that wants more gets an error shown instead.
const LONGEST_WAIT: u64 = 5;

impl Connector {
    /// A connector with a [`Transport`] of its own.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the HTTP client cannot be set up.
    pub fn new(config: Config) -> Result<Self, Error> {
        Ok(Self::with_network(config, Transport::new(&TransportOptions::default())?))
    }

    /// A connector over a given network.
    pub fn with_network(config: Config, network: impl Network + 'static) -> Self {
        Self { config, network: Arc::new(network), ambient: Arc::new(System) }
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

    /// The configuration.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Begins a login: what the browser's session must keep, and the address to send the browser to.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no randomness to give.
    #[expect(
        clippy::unused_async,
        reason = "a protocol that pushes its request to the service first has to wait for it"
    )]
    pub async fn begin(&self) -> Result<Login, Error> {
        let state = State::fresh(self.ambient())?;
        Ok(Login { url: authorise::prepare(&self.config, &state), kept: Kept::new(state) })
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
    /// See [`authorise::accept`].
    pub fn accept(&self, callback: &Callback, kept: Kept) -> Result<Granted, Error> {
        authorise::accept(callback, kept.into_state()).map(Granted::from)
    }

    /// The other half: exchanges the code, fetches and verifies the person.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn redeem(&self, granted: Granted) -> Result<Person, Error> {
        let request = token::prepare(&self.config, &granted.code, &Stamp::fresh(self.ambient())?)?;
        let response = self.network.send(request).await?;
        let token = token::accept(&self.config, &response, self.ambient.now_seconds())?;
        self.person(&token).await
    }

    /// Fetches the person; an answer that says "later" is believed, a bounded number of times.
    async fn person(&self, token: &AccessToken) -> Result<Person, Error> {
        let mut tries = 1;
        loop {
            // signed anew for each attempt: a nonce is used once
            let request = person::prepare(&self.config, token, &Stamp::fresh(self.ambient())?)?;
            let response = self.network.send(request).await?;
            // the last answer is judged as it is, even where it says "later"
            match retry_after(&response).filter(|_| tries < PERSON_TRIES) {
                Some(wait) if wait <= LONGEST_WAIT => self.ambient.wait(Duration::from_secs(wait)).await,
                Some(_) => {
                    return Err(Error::Upstream { endpoint: Endpoint::Person, status: response.status });
                }
                None => return person::accept(&self.config, token, &response, self.ambient.now_seconds()),
            }
            tries += 1;
        }
    }
}

/// How long to wait before the next try, in seconds; nothing where another try makes no sense.
///
/// RFC 6585 §4 and RFC 9110 §15.6.4: 429 and 503 may say how long. A gateway's 502 and 504 do not know.
fn retry_after(response: &Response) -> Option<u64> {
    match response.status {
        429 | 503 => Some(response.retry_after.unwrap_or(1)),
        502 | 504 => Some(1),
        _ => None,
    }
}
