//! From a builder to listeners: configuration, realm, TLS, admin token, routes.

use crate::ambient::{Entropy, Timestamp};
use crate::app::App;
use crate::config::{self, Config, Secret, TlsFault};
use crate::http::exchange::Routes;
use crate::listen::accept::RunningListener;
use crate::listen::door::{Door, DoorKind};
use crate::profile::{self, Profile};
use crate::realms::Realms;
use crate::{MockServer, MockServerBuilder, StartError, admin, http, tls, trust};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsAcceptor;
use warp::Filter;

impl MockServerBuilder {
    /// Starts the server. It listens when this returns: no polling is needed.
    ///
    /// # Errors
    /// When the address is taken, or the configuration or the personas cannot be used.
    pub async fn start(self) -> Result<MockServer, StartError> {
        let setup = |error: anyhow::Error| StartError::Setup(format!("{error:#}"));
        let (has_config, profiles, seed) = (self.config.is_some(), self.profiles, self.seed);
        let (app, address) = self.into_app().map_err(setup)?;
        // without a configuration this is a test's server: the fixed port would clash
        let fallback = if has_config { app.config.http } else { SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) };
        let tls = Secured::prepare(&app.config, app.clock.now()).map_err(setup)?;
        let authority_pem = tls.as_ref().map(|tls| tls.authority_pem.clone());
        let app = Arc::new(app.with_warnings_told());
        let address = address.unwrap_or(fallback);
        if let Some(remote) = remote_address(&app.config, address).filter(|_| seed.is_some()) {
            return Err(StartError::Setup(format!(
                "{remote} is not a loopback address, and with a seed every code and token can be foretold: leave out one of the two"
            )));
        }
        let made_up = admin_token_for(&app.config, address).map_err(setup)?;
        let admin_token = app.config.admin_token.clone().or_else(|| made_up.clone().map(Secret::new));
        let realms = Arc::new(Realms::new(Arc::clone(&app), authority_pem.clone(), admin_token));
        let patience = app.config.patience;
        let routes = routes(&realms, profiles.0, patience);
        let plain = Door { routes, realms: Arc::clone(&realms), kind: DoorKind::Plain, patience, named: None };
        let mut server = MockServer {
            listener: listen(plain.clone(), address).await?,
            https: None,
            proxy: None,
            faulty: Vec::new(),
            authority_pem,
            made_up_admin_token: made_up,
            realms,
        };
        let Some(tls) = tls else { return Ok(server) };
        let behind = |kind| Door { kind, ..plain.clone() };
        if let Some(address) = app.config.https {
            server.https = Some(listen(behind(DoorKind::Tls(tls.https)), address).await?);
        }
        if let Some(address) = app.config.proxy {
            server.proxy = Some(listen(behind(DoorKind::Proxy(tls.proxy)), address).await?);
        }
        for (fault, address, acceptor) in tls.faulty {
            server.faulty.push((fault, listen(behind(DoorKind::Tls(acceptor)), address).await?));
        }
        Ok(server)
    }

    pub(crate) fn into_app(self) -> anyhow::Result<(App, Option<SocketAddr>)> {
        let mut config = match self.config {
            Some(config) => config,
            None => Config::of(&profile::protocols(self.profiles.0).sections())?,
        };
        for url in self.public_urls {
            config.public_urls.push(config::file::check_public_url(&url).map_err(anyhow::Error::msg)?);
        }
        config.personas = self.personas.or(config.personas);
        if let Some(persona) = self.auto_login {
            config.choose_auto_login(persona);
        }
        config.flavour = self.flavour.unwrap_or(config.flavour);
        config.https = self.https.or(config.https);
        config.proxy = self.proxy.or(config.proxy);
        config.https_faults.extend(self.faults);
        config.state_dir = self.state_dir.or(config.state_dir);
        config.check_admin_token()?;
        let entropy = self.seed.map_or_else(Entropy::system, |seed| Ok(Entropy::seeded(seed)))?;
        let app = App::new(profile::protocols(self.profiles.0), config, self.clock, entropy)?;
        app.check_auto_logins()?;
        Ok((app, self.address))
    }
}

/// A token for the admin API of a server that can be reached from elsewhere and was given none.
///
/// Taken from the system, never from a seed: what is repeatable can be guessed.
fn admin_token_for(config: &Config, address: SocketAddr) -> anyhow::Result<Option<String>> {
    if config.admin_token.is_some() || remote_address(config, address).is_none() {
        return Ok(None);
    }
    Ok(Some(Entropy::system()?.alphanumeric(32)))
}

/// An address of a listener that others than this machine reach.
fn remote_address(config: &Config, plain: SocketAddr) -> Option<SocketAddr> {
    let faulty = config.https_faults.iter().map(|(_, address)| *address);
    let mut addresses = [Some(plain), config.https, config.proxy].into_iter().flatten().chain(faulty);
    addresses.find(|address| !address.ip().is_loopback())
}

async fn listen(door: Door, address: SocketAddr) -> Result<RunningListener, StartError> {
    RunningListener::start(door, address).await.map_err(|source| StartError::Listen { address, source })
}

/// What the TLS listeners need.
struct Secured {
    /// For `--https`: the certificate that was given, or the authority's.
    https: TlsAcceptor,
    /// For the proxy: always the authority's, which alone is for the real names.
    proxy: TlsAcceptor,
    faulty: Vec<(TlsFault, SocketAddr, TlsAcceptor)>,
    authority_pem: String,
}

impl Secured {
    /// Opens the authority; nothing where no TLS is asked for.
    fn prepare(config: &Config, now: Timestamp) -> anyhow::Result<Option<Self>> {
        if config.https.is_none() && config.proxy.is_none() && config.https_faults.is_empty() {
            return Ok(None);
        }
        let (authority, directory) = trust::authority(config, now)?;
        let proxy = tls::acceptor::acceptor(&authority.leaf(&directory, now)?)?;
        let https = config.tls.as_ref().map_or_else(|| Ok(proxy.clone()), tls::acceptor::acceptor)?;
        let faulty = config.https_faults.iter().map(|(fault, address)| {
            Ok((*fault, *address, tls::acceptor::acceptor(&fault.identity(&authority, now)?)?))
        });
        let faulty = faulty.collect::<anyhow::Result<_>>()?;
        Ok(Some(Self { https, proxy, faulty, authority_pem: authority.certificate_pem }))
    }
}

/// The whole application: the mock's own paths, and behind them the profiles, which answer everything else.
fn routes(realms: &Arc<Realms>, profiles: &'static [&'static Profile], patience: Duration) -> Routes {
    let own = admin::routes(realms, patience).into_iter().chain([profile::elsewhere::route(patience)]);
    let last = profile::routes(profiles, patience);
    let all = own.chain([last]).reduce(|earlier, later| earlier.or(later).unify().boxed());
    #[expect(clippy::expect_used, reason = "the list has its last element above")]
    let all = all.expect("there are routes");
    all.recover(http::recover::recover)
        .unify()
        .and_then(|response| async move { Ok::<_, Infallible>(response) })
        .map(|response| response)
        .boxed()
}
