//! A mock of Singapore's Myinfo that is faithful on the wire and says what is wrong with a request.
//!
//! The binary is `myinfo-mock`. The library starts the same server inside a test:
//!
//! ```
//! # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use myinfo_mock_server::MockServer;
//!
//! let mock = MockServer::builder().auto_login("S6005048A").start().await?;
//! assert!(mock.base_url().starts_with("http://127.0.0.1:"));
//! // … point a connector at `mock.base_url()` …
//! mock.stop().await;
//! # Ok(()) }
//! ```
//!
//! Servers share nothing: ten of them run in one process. A server that is dropped stops.

mod admin;
pub mod ambient;
mod app;
mod book;
mod book_changes;
mod call;
mod conclude;
pub mod config;
mod description;
#[cfg(test)]
mod docs;
pub mod doctor;
mod examination;
pub mod export;
mod fault;
pub mod faults;
mod fetch;
mod generation;
pub mod health;
mod http;
mod jose;
mod journal;
mod listen;
mod login;
mod logins;
mod operation;
mod owned;
mod page;
mod parts;
mod persona;
pub mod personas;
mod profile;
mod protocol;
pub mod quote;
mod realms;
mod refusal;
mod reload;
mod rule;
mod searches;
pub mod show;
mod start;
mod store;
mod text;
mod tls;
pub mod trust;

#[cfg(test)]
mod another_profile;

pub use conclude::NEWS;
pub use reload::Reload;

use ambient::Clock;
use config::{Config, Flavour, TlsFault};
use listen::accept::RunningListener;
use profile::Profile;
use realms::Realms;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// A running mock server. It stops when it is dropped; [`MockServer::stop`] also waits for open exchanges.
#[derive(Debug)]
pub struct MockServer {
    listener: RunningListener,
    https: Option<RunningListener>,
    proxy: Option<RunningListener>,
    faulty: Vec<(TlsFault, RunningListener)>,
    authority_pem: Option<String>,
    made_up_admin_token: Option<String>,
    realms: Arc<Realms>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}{}", advice(source))]
    Listen {
        /// The address that was wanted.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The configuration, the personas or the keys cannot be used.
    #[error("{0}")]
    Setup(String),
}

/// What to do about an address that cannot be listened on, where it is known.
fn advice(error: &std::io::Error) -> &'static str {
    if error.kind() == std::io::ErrorKind::AddrInUse {
        " (is a mock running there already? another port, or 0 for a free one, will do)"
    } else {
        ""
    }
}

impl MockServer {
    /// A server with the built-in clients, personas and keys, on a free port of 127.0.0.1, unless told otherwise.
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder::default()
    }

    /// The address that the server listens on.
    pub const fn address(&self) -> SocketAddr {
        self.listener.address
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.listener.address)
    }

    /// The address on which HTTPS is served, if it is.
    pub fn https_address(&self) -> Option<SocketAddr> {
        self.https.as_ref().map(|listener| listener.address)
    }

    /// The address of the forward proxy, if there is one.
    pub fn proxy_address(&self) -> Option<SocketAddr> {
        self.proxy.as_ref().map(|listener| listener.address)
    }

    /// The address of the listener whose certificate has this fault, if there is one.
    pub fn faulty_address(&self, fault: TlsFault) -> Option<SocketAddr> {
        self.faulty.iter().find(|(kind, _)| *kind == fault).map(|(_, listener)| listener.address)
    }

    /// The certificate of the mock's own authority as PEM, where TLS is served with it.
    pub fn authority_pem(&self) -> Option<&str> {
        self.authority_pem.as_deref()
    }

    /// The token that the admin API asks for, where the server had to make one up: it was given none and can be reached
    /// from elsewhere.
    pub fn made_up_admin_token(&self) -> Option<&str> {
        self.made_up_admin_token.as_deref()
    }

    /// Stops accepting, lets open exchanges finish (at most five seconds), and returns.
    pub async fn stop(self) {
        for (_, app) in self.realms.all() {
            // what was searched for is told on the console
            app.journal.settled(u64::MAX).await;
            app.journal.close();
        }
        let faulty = self.faulty.into_iter().map(|(_, listener)| listener);
        let listeners = [Some(self.listener), self.https, self.proxy].into_iter().flatten().chain(faulty);
        futures_util::future::join_all(listeners.map(RunningListener::stop)).await;
    }
}

/// What a server starts with. Every method has the command line's meaning.
#[derive(Debug, Default)]
pub struct MockServerBuilder {
    config: Option<Config>,
    address: Option<SocketAddr>,
    public_urls: Vec<String>,
    personas: Option<PathBuf>,
    auto_login: Option<String>,
    flavour: Option<Flavour>,
    https: Option<SocketAddr>,
    proxy: Option<SocketAddr>,
    faults: Vec<(TlsFault, SocketAddr)>,
    state_dir: Option<PathBuf>,
    clock: Clock,
    seed: Option<u64>,
    profiles: Profiles,
}

/// The profiles that a server speaks.
#[derive(Debug, Clone, Copy)]
struct Profiles(&'static [&'static Profile]);

impl Default for Profiles {
    fn default() -> Self {
        Self(profile::ALL)
    }
}

impl MockServerBuilder {
    /// A complete configuration, as read from a file; the other methods override it.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Where to listen; port 0 picks a free one.
    #[must_use]
    pub const fn address(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// A base URL under which clients reach this server.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_urls.push(url.into());
        self
    }

    /// A directory of persona files.
    #[must_use]
    pub fn personas(mut self, directory: impl Into<PathBuf>) -> Self {
        self.personas = Some(directory.into());
        self
    }

    /// The persona (id or name) that every login takes without a page.
    #[must_use]
    pub fn auto_login(mut self, persona: impl Into<String>) -> Self {
        self.auto_login = Some(persona.into());
        self
    }

    /// The flavour of clients that have none of their own.
    #[must_use]
    pub const fn flavour(mut self, flavour: Flavour) -> Self {
        self.flavour = Some(flavour);
        self
    }

    /// Serves HTTPS, too; port 0 picks a free one.
    #[must_use]
    pub const fn https(mut self, address: SocketAddr) -> Self {
        self.https = Some(address);
        self
    }

    /// Serves as a forward proxy for the real host names, too.
    #[must_use]
    pub const fn proxy(mut self, address: SocketAddr) -> Self {
        self.proxy = Some(address);
        self
    }

    /// Serves HTTPS with a certificate that is wrong on purpose, too.
    #[must_use]
    pub fn https_fault(mut self, fault: TlsFault, address: SocketAddr) -> Self {
        self.faults.push((fault, address));
        self
    }

    /// Where the mock's authority is kept.
    #[must_use]
    pub fn state_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(directory.into());
        self
    }

    /// The clock; tests pass one that they move by hand.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Makes codes, tokens and new keys repeatable, for tests: see [`ambient::Entropy`]. Only for a server on loopback.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The profiles that it speaks, in place of all.
    #[cfg(test)]
    const fn profiles(mut self, profiles: &'static [&'static Profile]) -> Self {
        self.profiles = Profiles(profiles);
        self
    }

    /// Checks what [`MockServerBuilder::start`] would check, without listening; gives what is odd and can be used all the same.
    ///
    /// # Errors
    /// When the configuration, the personas or an automatic login cannot be used.
    pub fn check(self) -> Result<Vec<String>, StartError> {
        self.into_app().map(|(app, _)| app.warnings()).map_err(|error| StartError::Setup(format!("{error:#}")))
    }
}
