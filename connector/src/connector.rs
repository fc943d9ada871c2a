//! The whole flow in two calls: begin a login, finish it.

use crate::ambient::{Stamp, now_seconds};
use crate::config::Config;
use crate::error::{Endpoint, Error};
use crate::person::Person;
use crate::transport::{Response, Transport, TransportOptions};
use crate::v3::authorise::{self, Code, State};
use crate::v3::token::AccessToken;
use crate::v3::{person, token};
use std::time::Duration;

/// A connector: a configuration and a transport.
#[derive(Debug, Clone)]
pub struct Connector {
    config: Config,
    transport: Transport,
}

/// A login that was begun.
#[derive(Debug)]
pub struct Login {
    /// The address to send the browser to.
    pub url: String,
    /// To be kept in the browser's session until the callback.
    pub state: State,
}

/// How often the person request is tried. The token request is tried once: a code works once.
const PERSON_TRIES: u32 = 3;
/// The longest wait before a retry, in seconds; a service that wants more gets an error shown instead.
const LONGEST_WAIT: u64 = 5;

impl Connector {
    /// A connector with a transport of its own.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the HTTP client cannot be set up.
    pub fn new(config: Config) -> Result<Self, Error> {
        Ok(Self::with_transport(config, Transport::new(&TransportOptions::default())?))
    }

    /// A connector over a given transport.
    pub const fn with_transport(config: Config, transport: Transport) -> Self {
        Self { config, transport }
    }

    /// The configuration.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Begins a login: a fresh state, and the address to send the browser to.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the operating system has no randomness to give.
    pub fn begin(&self) -> Result<Login, Error> {
        let state = State::fresh().map_err(no_randomness)?;
        Ok(Login { url: authorise::prepare(&self.config, &state), state })
    }

    /// Finishes a login: checks the callback, exchanges the code, fetches and verifies the person.
    ///
    /// # Errors
    /// See [`Error`]; whatever it is, the login is over and the person has to log in again.
    pub async fn finish(&self, callback: &str, state: State) -> Result<Person, Error> {
        let code = authorise::accept(callback, state)?;
        self.redeem(&code).await
    }

    /// The part of [`Connector::finish`] behind the callback, for applications that split the two.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn redeem(&self, code: &Code) -> Result<Person, Error> {
        let request = token::prepare(&self.config, code, &stamp()?)?;
        let response = self.transport.send(request).await?;
        let token = token::accept(&self.config, &response, now_seconds())?;
        self.person(&token).await
    }

    /// Fetches the person; an answer that says "later" is believed, a bounded number of times.
    async fn person(&self, token: &AccessToken) -> Result<Person, Error> {
        let mut tries = 1;
        loop {
            // signed anew for each attempt: a nonce is used once
            let request = person::prepare(&self.config, token, &stamp()?)?;
            let response = self.transport.send(request).await?;
            match retry_after(&response).filter(|_| tries < PERSON_TRIES) {
                Some(wait) if wait <= LONGEST_WAIT => tokio::time::sleep(Duration::from_secs(wait)).await,
                Some(_) => {
                    return Err(Error::Upstream { endpoint: Endpoint::Person, status: response.status });
                }
                None => return person::accept(&self.config, token, &response, now_seconds()),
            }
            tries += 1;
        }
    }
}

/// How long to wait before the next try, in seconds; nothing where another try makes no sense.
fn retry_after(response: &Response) -> Option<u64> {
    match response.status {
        429 | 503 => Some(response.retry_after.unwrap_or(1)),
        502 | 504 => Some(1),
        _ => None,
    }
}

fn stamp() -> Result<Stamp, Error> {
    Stamp::fresh().map_err(no_randomness)
}

fn no_randomness(_: std::io::Error) -> Error {
    Error::Configuration("the operating system has no randomness to give".to_owned())
}
