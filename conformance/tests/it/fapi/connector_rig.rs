//! The reference connector in a world of its own: the mock's clock, waiting that moves it, and a network that remembers.

use super::party::Party;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use myinfo_connector::ambient::{Ambient, System};
use myinfo_connector::error::{Endpoint, Error};
use myinfo_connector::fapi::{Config, ConfigBuilder, Environment};
use myinfo_connector::transport::{Network, Request, Response, Transport, TransportOptions};
use myinfo_connector::{Connector, Person};
use myinfo_fixtures::keys::ec::CLIENT_JWKS_PRIVATE;
use myinfo_mock_server::ambient::{Clock, ManualClock};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often a browser was sent to log in, by all tests together.
pub(super) static VISITED: AtomicUsize = AtomicUsize::new(0);

/// A mock, and what its connectors share.
pub(super) struct Rig {
    pub(super) party: Arc<Party>,
    world: World,
}

/// Clones share what happened.
#[derive(Debug, Clone)]
struct World {
    clock: ManualClock,
    /// By how many seconds the connector's clock is ahead of the mock's.
    ahead: i64,
    transport: Transport,
    requests: Arc<Mutex<Vec<Request>>>,
    waits: Arc<Mutex<Vec<u64>>>,
}

impl Ambient for World {
    fn now_milliseconds(&self) -> u64 {
        Clock::Manual(self.clock.clone()).now().0.saturating_add_signed(self.ahead * 1000)
    }

    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        System.fill(bytes)
    }

    fn wait(&self, time: Duration) -> BoxFuture<'_, ()> {
        self.waits.lock().unwrap().push(time.as_secs());
        self.clock.advance_seconds(time.as_secs());
        std::future::ready(()).boxed()
    }
}

impl Network for World {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Error>> {
        self.requests.lock().unwrap().push(request.clone());
        self.transport.send(request)
    }
}

/// How far a flow went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Endpoints {
    Metadata,
    UpToPushed,
    UpToToken,
    All,
}

fn place_of(endpoint: Endpoint) -> Endpoints {
    match endpoint {
        Endpoint::Discovery | Endpoint::Keys => Endpoints::Metadata,
        Endpoint::Pushed => Endpoints::UpToPushed,
        Endpoint::Token => Endpoints::UpToToken,
        Endpoint::Person | _ => Endpoints::All,
    }
}

impl Rig {
    pub(super) async fn new(client_id: &'static str) -> Self {
        Self::with(client_id, "").await
    }

    pub(super) async fn with(client_id: &'static str, toml: &str) -> Self {
        let party = Party::with(client_id, toml).await;
        let world = World {
            clock: party.clock.clone(),
            ahead: 0,
            transport: Transport::new(&TransportOptions::default()).unwrap(),
            requests: Arc::default(),
            waits: Arc::default(),
        };
        Self { party: Arc::new(party), world }
    }

    /// The same mock without its faults, and a world in which nothing happened yet.
    pub(super) async fn again(&self) -> Self {
        let url = format!("{}/_mock/faults", self.party.mock.base_url());
        assert!(self.party.http.delete(url).send().await.unwrap().status().is_success());
        let world = World { requests: Arc::default(), waits: Arc::default(), ..self.world.clone() };
        Self { party: Arc::clone(&self.party), world }
    }

    pub(super) fn with_clock_ahead(mut self, seconds: i64) -> Self {
        self.world.ahead = seconds;
        self
    }

    pub(super) fn with_time_limit(mut self, time_limit: Duration) -> Self {
        let options = TransportOptions { time_limit: Some(time_limit), ..TransportOptions::default() };
        self.world.transport = Transport::new(&options).unwrap();
        self
    }

    /// A connector, with nothing cached.
    pub(super) fn connector(&self, config: ConfigBuilder) -> Connector {
        Connector::with_network(config.build().unwrap(), self.world.clone()).with_ambient(self.world.clone())
    }

    /// Arms a fault, for ever or so many times.
    pub(super) async fn arm(&self, id: &str, times: Option<u32>) {
        let url = format!("{}/_mock/faults", self.party.mock.base_url());
        let fault = times.map_or_else(|| json!({"id": id}), |times| json!({"id": id, "times": times}));
        let answer = self.party.http.post(url).json(&fault).send().await.unwrap();
        assert!(answer.status().is_success(), "{id}");
    }

    /// The callback of a browser that logs in.
    pub(super) async fn visit(&self, url: &str) -> String {
        VISITED.fetch_add(1, Ordering::Relaxed);
        let told = self.party.visit(url).await;
        assert_eq!(told.status, 302, "{}", told.body);
        told.headers["location"].clone()
    }

    /// A whole login of the persona.
    pub(super) async fn login(&self, connector: &Connector) -> Result<Person, Error> {
        let login = connector.begin().await?;
        let callback = self.visit(&login.url).await;
        connector.finish(&callback, login.kept).await
    }

    /// That no rule was broken, and so many calls were made.
    pub(super) async fn assert_called(&self, called: &Value) {
        let url = format!("{}/_mock/assertions", self.party.mock.base_url());
        let expected = json!({"no_rule_broken": true, "called": called});
        let answer = self.party.http.post(url).json(&expected).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }

    pub(super) fn requests(&self) -> Vec<Seen> {
        self.world.requests.lock().unwrap().iter().cloned().map(Seen::new).collect()
    }

    pub(super) fn endpoints(&self) -> Vec<Endpoint> {
        self.world.requests.lock().unwrap().iter().map(|request| request.endpoint).collect()
    }

    pub(super) fn count(&self, endpoint: Endpoint) -> usize {
        self.endpoints().into_iter().filter(|called| *called == endpoint).count()
    }

    /// Whether anything was called behind a place of the flow.
    pub(super) fn called_beyond(&self, place: Endpoints) -> bool {
        self.endpoints().into_iter().any(|endpoint| place_of(endpoint) > place)
    }

    /// How long the connector waited, each time, in seconds.
    pub(super) fn waits(&self) -> Vec<u64> {
        self.world.waits.lock().unwrap().clone()
    }

    /// What was sent and nobody else may know.
    pub(super) fn secrets(&self) -> Vec<String> {
        let secrets = |request: &Seen| {
            let form = ["code", "code_verifier", "client_assertion", "state", "nonce"].map(|name| request.form(name));
            let headers = ["DPoP", "Authorization"].map(|name| request.header(name));
            form.into_iter().chain(headers).filter(|secret| !secret.is_empty()).collect::<Vec<_>>()
        };
        self.requests().iter().flat_map(secrets).collect()
    }
}

/// A request that was sent.
pub(super) struct Seen {
    pub(super) endpoint: Endpoint,
    pub(super) url: String,
    headers: Vec<(&'static str, String)>,
    form: Vec<(String, String)>,
}

/// A JWT, unverified.
pub(super) struct Jwt {
    pub(super) header: Value,
    pub(super) claims: Value,
}

impl Seen {
    fn new(request: Request) -> Self {
        let body = request.body.unwrap_or_default();
        let form = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        Self { endpoint: request.endpoint, url: request.url, headers: request.headers, form }
    }

    /// A parameter of the form; empty where it is not there.
    pub(super) fn form(&self, name: &str) -> String {
        let found = self.form.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// A header; empty where it is not there.
    pub(super) fn header(&self, name: &str) -> String {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    pub(super) fn proof(&self) -> Option<Jwt> {
        opened(&self.header("DPoP"))
    }

    pub(super) fn assertion_id(&self) -> Option<String> {
        Some(opened(&self.form("client_assertion"))?.claims["jti"].to_string())
    }
}

fn opened(jwt: &str) -> Option<Jwt> {
    let mut parts = jwt.split('.').map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
    let mut next = || serde_json::from_slice(&parts.next()??).ok();
    Some(Jwt { header: next()?, claims: next()? })
}

/// The testbed's Myinfo app.
pub(super) fn myinfo_config(rig: &Rig) -> ConfigBuilder {
    config(rig, "openid uinfin name")
}

/// The testbed's Login app.
pub(super) fn login_config(rig: &Rig) -> ConfigBuilder {
    config(rig, "openid user.identity name").login("APP_AUTHENTICATION_DEFAULT", None)
}

fn config(rig: &Rig, scopes: &str) -> ConfigBuilder {
    Config::builder(Environment::Custom { issuer: rig.party.issuer() })
        .client_id(rig.party.client_id)
        .redirect_uri(super::party::REDIRECT)
        .scopes(scopes)
        .keys(CLIENT_JWKS_PRIVATE.as_bytes())
        .unwrap()
}
