//! The testbed: the mock server, the recorder in front of it, and a realm for each case; or a server for each case, where it
//! answers under the real names, whose paths no realm's name may stand in.

use crate::connector::real_names::{Names, ORIGIN, Place};
use crate::connector::realm::{Realm, Scene};
use crate::connector::recorder::Recorder;
use crate::profile::ProfileId;
use anyhow::{Context, Result, anyhow, ensure};
use myinfo_fixtures::keys;
use myinfo_mock_server::config::{Config, TlsFault};
use myinfo_mock_server::{MockServer, MockServerBuilder, trust};
use reqwest::{Client, Method};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use tokio::sync::Mutex;

/// The queries with which a callback is registered beside the one without.
pub const CALLBACK_QUERIES: [&str; 2] = ["?from=a%20page&to=x%26y", "?next=/a+b&list=1,2"];
/// The persona whose data stand in for secrets: nobody's name, unlike any other text.
pub const CANARY_ID: &str = "S9000001H";
/// The persona from which the canary is made.
const BASE_ID: &str = "S6005048A";

/// A TLS certificate that a connector must refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongTls {
    /// Signed by an authority that nobody trusts.
    UnknownAuthority,
    /// For another host.
    AnotherHost,
}

/// A mock server behind a recorder, for one run.
#[derive(Debug)]
pub struct Testbed {
    mock: MockServer,
    front: Front,
    http: Client,
    /// The canary's document.
    canary: Value,
    canary_name: String,
    /// The stage of every fault, as the mock's catalogue has it.
    stages: BTreeMap<String, String>,
    state: tempfile::TempDir,
}

/// What connectors and browsers meet in front of the mock.
#[derive(Debug)]
struct Front {
    recorder: Recorder,
    /// What the persons' browsers use: it finds and trusts the server as the connector does.
    browser: Client,
    /// How the server passes for the real ones, where it does.
    names: Option<Names>,
    /// The mock of the case under way, under the real names.
    alone: Mutex<Option<MockServer>>,
}

impl Testbed {
    /// Starts the mock and the recorder on free ports. `mark` goes into the canary's data.
    ///
    /// # Errors
    /// When a port cannot be had or the mock does not start.
    pub async fn start(mark: &str) -> Result<Self> {
        let state = tempfile::tempdir().context("no folder for temporary files")?;
        let mock = builder(state.path()).config(Config::built_in()?).start().await?;
        let (recorder, browser) = (Recorder::start(mock.address()).await?, crate::http::client()?);
        let front = Front { recorder, browser, names: None, alone: Mutex::default() };
        Self::of(mock, front, state, mark).await
    }

    /// The same under the real names: the recorder stands where the connector looks for them, and ends TLS.
    ///
    /// # Errors
    /// When the port cannot be had, or the names do not lead there.
    pub async fn under_real_names(mark: &str, place: Place) -> Result<Self> {
        let state = tempfile::tempdir().context("no folder for temporary files")?;
        let mock = builder(state.path()).config(Config::built_in()?).start().await?;
        let (recorder, names) = Names::at(place, state.path(), mock.address()).await?;
        let browser = names.browser()?;
        let front = Front { recorder, browser, names: Some(names), alone: Mutex::default() };
        Self::of(mock, front, state, mark).await
    }

    async fn of(mock: MockServer, front: Front, state: tempfile::TempDir, mark: &str) -> Result<Self> {
        let (http, canary_name) = (crate::http::client()?, format!("CANARY {mark} BIN NOBODY"));
        let (canary, stages) = (Value::Null, BTreeMap::new());
        let mut testbed = Self { mock, front, http, canary, canary_name, stages, state };
        testbed.canary = testbed.make_canary(mark).await?;
        testbed.stages = testbed.catalogue().await?;
        Ok(testbed)
    }

    /// What the target's programs need in their environment to find and to trust the server; nothing but under the real names.
    pub fn variables(&self) -> Vec<(String, String)> {
        self.front.names.as_ref().map(Names::variables).unwrap_or_default()
    }

    /// How many cases may be judged at once: under the real names there is one server at a time.
    pub const fn most_jobs(&self) -> usize {
        if self.front.names.is_some() { 1 } else { usize::MAX }
    }

    /// The witness of what is sent.
    pub(super) const fn recorder(&self) -> &Recorder {
        &self.front.recorder
    }

    /// The persons' browsers.
    pub(super) const fn browser(&self) -> &Client {
        &self.front.browser
    }

    /// The stage at which a fault acts; nothing where there is no such fault.
    pub(super) fn stage_of(&self, fault: &str) -> String {
        self.stages.get(fault).cloned().unwrap_or_default()
    }

    /// Every fault of the mock, and the stage at which it acts.
    async fn catalogue(&self) -> Result<BTreeMap<String, String>> {
        let (_, answer) = self.admin(&self.mock.base_url(), Method::GET, "faults", None).await?;
        let faults =
            answer.get("catalogue").and_then(Value::as_array).context("the mock has no catalogue of faults")?;
        let text = |fault: &Value, name: &str| fault.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(faults.iter().filter_map(|fault| text(fault, "id").zip(text(fault, "stage"))).collect())
    }

    /// The base persona with marks in its texts.
    async fn make_canary(&self, mark: &str) -> Result<Value> {
        let (_, mut answer) =
            self.admin(&self.mock.base_url(), Method::GET, &format!("personas/{BASE_ID}"), None).await?;
        let person = answer.get_mut("person").and_then(Value::as_object_mut).context("no persona to begin with")?;
        let mut set = |item: &str, value: &str| {
            if let Some(item) = person.get_mut(item).and_then(Value::as_object_mut) {
                item.shift_remove("unavailable");
                item.insert("value".to_owned(), json!(value));
            }
        };
        set("uinfin", CANARY_ID);
        set("name", &self.canary_name);
        set("email", &format!("canary-{mark}@nobody.example"));
        if person.contains_key("partialuinfin") {
            person.insert(
                "partialuinfin".to_owned(),
                json!({"lastupdated": "2023-01-01", "source": "1", "classification": "C", "value": "*****001H"}),
            );
        }
        Ok(Value::Object(std::mem::take(person)))
    }

    /// The mock's own address, past the recorder.
    pub fn mock_url(&self) -> String {
        self.mock.base_url()
    }

    /// Makes a realm for a profile. `config` has the tables of the mock's configuration, over the clients that every realm has; `callback`
    /// is one more that is registered.
    ///
    /// # Errors
    /// When the mock does not make it.
    pub async fn realm(
        &self,
        profile: ProfileId,
        name: &str,
        config: &Map<String, Value>,
        callback: Option<&str>,
    ) -> Result<Realm<'_>> {
        let registered = [Some(keys::CLIENT_REDIRECT_URI), callback].into_iter().flatten();
        let redirect_uris: Vec<String> = registered
            .flat_map(|callback| {
                ["", CALLBACK_QUERIES[0], CALLBACK_QUERIES[1]].map(|query| format!("{callback}{query}"))
            })
            .collect();
        let mut whole = Map::new();
        whole.insert("client".to_owned(), (profile.profile().clients)(&redirect_uris));
        whole.extend(config.clone());
        if self.front.names.is_some() {
            return self.alone(profile, whole).await;
        }
        let body = json!({"name": name, "config": whole, "personas": [self.canary]});
        let (status, answer) = self.admin(&self.mock.base_url(), Method::POST, "realms", Some(body)).await?;
        ensure!(status == 201, "the mock made no realm: {answer}");
        let below = format!("/_realm/{name}");
        let scene = Scene {
            name: name.to_owned(),
            origin: format!("http://{}", self.front.recorder.address()),
            ..self.scene(&self.mock, &below)
        };
        Ok(Realm::new(self, format!("{}{below}", self.mock.base_url()), scene))
    }

    /// Starts a mock of the same for one case: under the real names, paths are those of the real service, without a realm's.
    async fn alone(&self, profile: ProfileId, mut config: Map<String, Value>) -> Result<Realm<'_>> {
        let names = self.front.names.as_ref().context("these are no real names")?;
        // each real name stands for a flavour, and a client's own goes before that
        if let Some(flavour) = config.get("server").and_then(|server| server.get("flavour")).cloned() {
            let clients = config.get_mut("client").and_then(Value::as_array_mut).into_iter().flatten();
            for client in clients.filter_map(|client| client.get_mut(profile.name())?.as_object_mut()) {
                client.insert("flavour".to_owned(), flavour.clone());
            }
        }
        let config = toml::to_string(&config).context("the configuration of the case")?;
        let config = Config::from_toml(&config, self.state.path());
        let config = config.map_err(|problems| anyhow!("the configuration of the case: {problems:?}"))?;
        let mock = builder(self.state.path()).config(config).start().await?;
        let upstream = if names.is_proxy() { mock.proxy_address() } else { mock.https_address() };
        self.front.recorder.lead_to(upstream.context("the mock serves no TLS")?);
        let persona = format!("personas/{CANARY_ID}");
        let (status, answer) = self.admin(&mock.base_url(), Method::PUT, &persona, Some(self.canary.clone())).await?;
        ensure!(status < 300, "the mock takes no persona: {answer}");
        let (address, scene) = (mock.base_url(), self.scene(&mock, ""));
        *self.front.alone.lock().await = Some(mock);
        Ok(Realm::new(self, address, Scene { origin: ORIGIN.to_owned(), ..scene }))
    }

    /// What does not change of a realm that a mock serves below a path.
    fn scene(&self, mock: &MockServer, below: &str) -> Scene {
        let faulty = [TlsFault::UnknownAuthority, TlsFault::WrongHost].map(|fault| mock.faulty_address(fault));
        let https = [mock.https_address(), faulty[0], faulty[1]];
        Scene {
            name: String::new(),
            origin: String::new(),
            canary_name: self.canary_name.clone(),
            authority_pem: mock.authority_pem().unwrap_or_default().to_owned(),
            https: https.map(|address| address.map(|address| format!("https://{address}{below}"))),
        }
    }

    /// Ends a realm.
    pub(super) async fn end(&self, scene: &Scene) -> Result<()> {
        if let Some(mock) = self.front.alone.lock().await.take() {
            self.front.recorder.drop_connections();
            mock.stop().await;
            return Ok(());
        }
        let path = format!("realms/{}", scene.name);
        self.admin(&self.mock.base_url(), Method::DELETE, &path, None).await.map(drop)
    }

    /// Asks the admin API of a mock, or of one of its realms, at an address.
    pub(super) async fn admin(
        &self,
        address: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<(u16, Value)> {
        let request = self.http.request(method, format!("{address}/_mock/{path}"));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.context("the mock's admin API does not answer")?;
        Ok((answer.status().as_u16(), crate::http::json(answer).await.context("the mock's admin API answers no JSON")?))
    }

    /// Stops the mock.
    pub async fn stop(self) {
        self.mock.stop().await;
    }
}

/// A mock on free ports of this machine, in every way in which connectors reach one.
fn builder(state: &Path) -> MockServerBuilder {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    MockServer::builder()
        .address(any)
        .https(any)
        .proxy(any)
        .https_fault(TlsFault::UnknownAuthority, any)
        .https_fault(TlsFault::WrongHost, any)
        .state_dir(state)
}

/// The lines of a hosts file that lead the real names to this machine.
pub(super) fn hosts() -> String {
    trust::hosts()
}
