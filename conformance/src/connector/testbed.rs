//! The testbed: the mock server, the recorder in front of it, and a realm for each case.

use crate::connector::recorder::{Recorded, Recorder};
use crate::connector::tape::Tape;
use crate::profile::ProfileId;
use anyhow::{Context, Result, bail, ensure};
use myinfo_fixtures::keys;
use myinfo_mock_server::MockServer;
use myinfo_mock_server::config::{Config, TlsFault};
use reqwest::{Client, Method};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

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
    recorder: Recorder,
    http: Client,
    /// The canary's document.
    canary: Value,
    canary_name: String,
    /// The stage of every fault, as the mock's catalogue has it.
    stages: BTreeMap<String, String>,
    _state: tempfile::TempDir,
}

impl Testbed {
    /// Starts the mock and the recorder on free ports. `mark` goes into the canary's data.
    ///
    /// # Errors
    /// When a port cannot be had or the mock does not start.
    pub async fn start(mark: &str) -> Result<Self> {
        let state = tempfile::tempdir().context("no folder for temporary files")?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mock = MockServer::builder()
            .config(Config::built_in()?)
            .address(any)
            .https(any)
            .https_fault(TlsFault::UnknownAuthority, any)
            .https_fault(TlsFault::WrongHost, any)
            .state_dir(PathBuf::from(state.path()))
            .start()
            .await?;
        let upstream: SocketAddr = mock.base_url().trim_start_matches("http://").parse()?;
        let recorder = Recorder::start(upstream).await?;
        let http = crate::http::client()?;
        let canary_name = format!("CANARY {mark} BIN NOBODY");
        let mut testbed =
            Self { mock, recorder, http, canary: Value::Null, canary_name, stages: BTreeMap::new(), _state: state };
        testbed.canary = testbed.make_canary(mark).await?;
        testbed.stages = testbed.catalogue().await?;
        Ok(testbed)
    }

    /// Every fault of the mock, and the stage at which it acts.
    async fn catalogue(&self) -> Result<BTreeMap<String, String>> {
        let (_, answer) = self.admin("", Method::GET, "faults", None).await?;
        let faults =
            answer.get("catalogue").and_then(Value::as_array).context("the mock has no catalogue of faults")?;
        let text = |fault: &Value, name: &str| fault.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(faults.iter().filter_map(|fault| text(fault, "id").zip(text(fault, "stage"))).collect())
    }

    /// The base persona with marks in its texts.
    async fn make_canary(&self, mark: &str) -> Result<Value> {
        let (_, mut answer) = self.admin("", Method::GET, &format!("personas/{BASE_ID}"), None).await?;
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
        let body = json!({"name": name, "config": whole, "personas": [self.canary]});
        let (status, answer) = self.admin("", Method::POST, "realms", Some(body)).await?;
        ensure!(status == 201, "the mock made no realm: {answer}");
        let https = [self.mock.https_address()]
            .into_iter()
            .chain([TlsFault::UnknownAuthority, TlsFault::WrongHost].map(|fault| self.mock.faulty_address(fault)));
        let https: Vec<Option<String>> =
            https.map(|address| address.map(|address| format!("https://{address}/_realm/{name}"))).collect();
        let scene = Scene {
            name: name.to_owned(),
            origin: format!("http://{}", self.recorder.address()),
            canary_name: self.canary_name.clone(),
            authority_pem: self.mock.authority_pem().unwrap_or_default().to_owned(),
            https: https.try_into().unwrap_or_default(),
        };
        Ok(Realm { testbed: Some(self), scene, tape: Tape::empty() })
    }

    async fn admin(&self, realm: &str, method: Method, path: &str, body: Option<Value>) -> Result<(u16, Value)> {
        let below = if realm.is_empty() { String::new() } else { format!("/_realm/{realm}") };
        let request = self.http.request(method, format!("{}{below}/_mock/{path}", self.mock.base_url()));
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

/// What of the testbed does not change during a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// The realm's name.
    pub name: String,
    /// The recorder's address, with scheme.
    pub origin: String,
    /// The canary's name: it must not turn up where no person was accepted.
    pub canary_name: String,
    /// The authority of the mock's TLS, as PEM.
    pub authority_pem: String,
    /// The realm over TLS: right, signed by an authority that nobody trusts, for another host.
    pub https: [Option<String>; 3],
}

/// A server of its own for one case; or the tape of one that there was.
#[derive(Debug)]
pub struct Realm<'s> {
    /// Nobody, where a tape is played.
    testbed: Option<&'s Testbed>,
    scene: Scene,
    tape: Tape,
}

impl Realm<'_> {
    /// A realm of which there is a tape alone.
    pub const fn played(scene: Scene, tape: Tape) -> Self {
        Self { testbed: None, scene, tape }
    }

    /// What does not change.
    pub const fn scene(&self) -> &Scene {
        &self.scene
    }

    /// What was asked and answered so far.
    pub const fn tape(&self) -> &Tape {
        &self.tape
    }

    /// What its paths begin with.
    pub fn prefix(&self) -> String {
        format!("/_realm/{}", self.scene.name)
    }

    /// Its address through the recorder, without `/com/v3`.
    pub fn base_url(&self) -> String {
        format!("{}{}", self.scene.origin, self.prefix())
    }

    /// Its address over TLS that is wrong on purpose, or right.
    pub fn https_base(&self, wrong: Option<WrongTls>) -> Option<String> {
        let [right, unknown_authority, another_host] = &self.scene.https;
        match wrong {
            None => right.clone(),
            Some(WrongTls::UnknownAuthority) => unknown_authority.clone(),
            Some(WrongTls::AnotherHost) => another_host.clone(),
        }
    }

    /// The requests below a path, as they were on the wire, after the one with this number.
    pub fn requests(&self, below: &str, after: u64) -> Vec<Recorded> {
        self.ask_now(&format!("requests {below}"), |testbed| testbed.recorder.requests(below, after))
    }

    /// The number of the newest request.
    pub fn newest_request(&self) -> u64 {
        self.ask_now("newest request", |testbed| testbed.recorder.newest())
    }

    /// The stage at which a fault acts, as the mock names it; nothing where there is no such fault.
    pub fn stage_of(&self, fault: &str) -> String {
        self.ask_now(&format!("stage of {fault}"), |testbed| testbed.stages.get(fault).cloned().unwrap_or_default())
    }

    /// The time in milliseconds since 1970.
    pub fn now(&self) -> u64 {
        self.ask_now("time", |_| crate::clock::milliseconds())
    }

    /// What needs no waiting. A tape that has no answer has nothing.
    fn ask_now<T: Serialize + DeserializeOwned + Default>(&self, asked: &str, live: impl FnOnce(&Testbed) -> T) -> T {
        let Some(testbed) = self.testbed else {
            return self.tape.next::<T, String>(asked).ok().and_then(Result::ok).unwrap_or_default();
        };
        let answer = live(testbed);
        self.tape.keep::<_, String>(asked, &Ok(&answer));
        answer
    }

    async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let asked = format!("{method} {path}");
        self.tape
            .ask(&asked, async {
                let testbed = self.testbed.context("there is no testbed")?;
                let (status, answer) = testbed.admin(&self.scene.name, method, path, body).await?;
                if status >= 300 {
                    bail!("the mock refused {path}: {answer}");
                }
                Ok(answer)
            })
            .await
    }

    /// Arms a fault; without a number it strikes for ever.
    ///
    /// # Errors
    /// When there is no such fault.
    pub(super) async fn arm(&self, fault: &str, times: Option<u32>) -> Result<()> {
        let body = times.map_or_else(|| json!({"id": fault}), |times| json!({"id": fault, "times": times}));
        self.admin(Method::POST, "faults", Some(body)).await.map(drop)
    }

    /// Disarms everything.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn disarm(&self) -> Result<()> {
        self.admin(Method::DELETE, "faults", None).await.map(drop)
    }

    /// Changes the clock, as `POST /_mock/clock` says.
    ///
    /// # Errors
    /// When the mock refuses.
    pub async fn clock(&self, change: Value) -> Result<()> {
        self.admin(Method::POST, "clock", Some(change)).await.map(drop)
    }

    /// Puts the clock back to the machine's.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn clock_back(&self) -> Result<()> {
        self.admin(Method::DELETE, "clock", None).await.map(drop)
    }

    /// Changes the service's signing keys, as `POST /_mock/keys` says.
    ///
    /// # Errors
    /// When the mock refuses.
    pub async fn change_keys(&self, change: &str) -> Result<()> {
        self.admin(Method::POST, "keys", Some(json!({"change": change}))).await.map(drop)
    }

    /// Adds or replaces a persona, laid over the canary.
    ///
    /// # Errors
    /// When the mock refuses the document.
    pub async fn persona(&self, id: &str, document: Value) -> Result<()> {
        self.admin(Method::PUT, &format!("personas/{id}?base={CANARY_ID}"), Some(document)).await.map(drop)
    }

    /// The exchanges behind one, persons included; `query` are more conditions.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn exchanges(&self, after: u64, query: &str) -> Result<Vec<Value>> {
        let mut answer = self.admin(Method::GET, &format!("exchanges?after={after}&personal=1{query}"), None).await?;
        Ok(answer.get_mut("exchanges").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default())
    }

    /// The number of the newest exchange.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn newest(&self) -> Result<u64> {
        let answer = self.admin(Method::GET, "exchanges?after=18446744073709551615", None).await?;
        Ok(answer.get("newest").and_then(Value::as_u64).unwrap_or_default())
    }

    /// Sends a browser to an address, logs the persona in without pages, and gives back where it is sent.
    ///
    /// # Errors
    /// When there is no redirect.
    pub async fn visit(&self, url: &str, persona: &str) -> Result<String> {
        self.tape
            .ask("visit", async {
                let testbed = self.testbed.context("there is no testbed")?;
                let request = testbed.http.get(url).header("X-Myinfo-Mock-Persona", persona);
                let answer =
                    request.send().await.with_context(|| format!("the login address `{url}` cannot be visited"))?;
                let Some(location) = answer.headers().get("location") else {
                    let status = answer.status();
                    bail!("the login address `{url}` was answered with {status} instead of a redirect");
                };
                Ok(location.to_str()?.to_owned())
            })
            .await
    }

    /// Ends the realm.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn end(self) -> Result<()> {
        let Some(testbed) = self.testbed else { return Ok(()) };
        testbed.admin("", Method::DELETE, &format!("realms/{}", self.scene.name), None).await.map(drop)
    }
}
