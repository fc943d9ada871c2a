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
pub mod config;
pub mod export;
mod http;
pub mod keys;
mod log;
mod page;
mod persona;
pub mod personas;
mod profile;
mod rule;

mod store;

pub use http::pairs::Repeats;
pub use http::refusal::CodeType;

use ambient::{Clock, Entropy};
use app::App;
use config::{ClientRegistration, Config, Flavour};
use http::serve::{Routes, RunningListener};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use warp::Filter;

/// A running mock server. It stops when it is dropped; [`MockServer::stop`] also waits for open exchanges.
#[derive(Debug)]
pub struct MockServer {
    listener: RunningListener,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
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

    /// Stops accepting, lets open exchanges finish (at most five seconds), and returns.
    pub async fn stop(self) {
        self.listener.stop().await;
    }
}

/// What a server starts with. Every method has the command line's meaning.
#[derive(Debug, Default)]
pub struct MockServerBuilder {
    config: Option<Config>,
    clients: Vec<ClientRegistration>,
    address: Option<SocketAddr>,
    public_urls: Vec<String>,
    personas: Option<PathBuf>,
    auto_login: Option<String>,
    flavour: Option<Flavour>,
    clock: Clock,
    seed: Option<u64>,
}

impl MockServerBuilder {
    /// A complete configuration, as read from a file; the other methods override it.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Registers a client, or replaces the one with the same id.
    #[must_use]
    pub fn client(mut self, client: ClientRegistration) -> Self {
        self.clients.push(client);
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

    /// The clock; tests pass one that they move by hand.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Makes codes and token ids repeatable: for tests.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Starts the server. It listens when this returns: no polling is needed.
    ///
    /// # Errors
    /// When the address is taken, or the configuration or the personas cannot be used.
    pub async fn start(self) -> Result<MockServer, StartError> {
        let setup = |error: anyhow::Error| StartError::Setup(format!("{error:#}"));
        let has_config = self.config.is_some();
        let (app, address) = self.into_app().map_err(setup)?;
        // without a configuration this is a test's server: the fixed port would clash
        let fallback = if has_config { app.config.http } else { SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) };
        let address = address.unwrap_or(fallback);
        let patience = app.config.patience;
        let routes = routes(&Arc::new(app));
        let listener = RunningListener::start(routes, address, patience)
            .await
            .map_err(|source| StartError::Listen { address, source })?;
        Ok(MockServer { listener })
    }

    fn into_app(self) -> anyhow::Result<(App, Option<SocketAddr>)> {
        let mut config = match self.config {
            Some(config) => config,
            None => Config::built_in()?,
        };
        for url in self.public_urls {
            config.public_urls.push(config::file::check_public_url(&url).map_err(anyhow::Error::msg)?);
        }
        config.clients.extend(self.clients.into_iter().map(|client| (client.id.clone(), client)));
        config.personas = self.personas.or(config.personas);
        config.auto_login = self.auto_login.or(config.auto_login);
        config.flavour = self.flavour.unwrap_or(config.flavour);
        let entropy = self.seed.map_or_else(Entropy::system, |seed| Ok(Entropy::seeded(seed)))?;
        let app = App::new(config, self.clock, entropy)?;
        app.check_auto_logins()?;
        Ok((app, self.address))
    }
}

/// The whole application: the profiles, the mock's own paths, and an answer for everything else.
fn routes(app: &Arc<App>) -> Routes {
    let profiles = profile::ALL.iter().flat_map(|profile| (profile.routes)(app));
    let all = admin::routes(app)
        .into_iter()
        .chain(profiles)
        .reduce(|earlier, later| earlier.or(later).unify().boxed())
        .unwrap_or_else(|| warp::any().and_then(|| async { Err(warp::reject::not_found()) }).boxed());
    all.recover(http::reject::recover)
        .unify()
        .and_then(|response| async move { Ok::<_, Infallible>(response) })
        .map(|response| response)
        .boxed()
}
