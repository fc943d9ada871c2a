//! The reference connector with one defect, as a driver.

use crate::document::Document;
use crate::served::Served;
use crate::world::{Context, Seen, Wire, World};
use futures_util::future::BoxFuture;
use myinfo_conformance::connector::driver::reference::{
    KeptTransport, ReferenceDriver, accepted, fapi_config, oidc_config, rejected, time_limit,
};
use myinfo_conformance::connector::driver::{Class, Configured, Driver, DriverError, Drivers, Hello, Outcome, Started};
use myinfo_conformance::connector::setup::{Setup, SetupOf};
use myinfo_conformance::connector::wire::Pair;
use myinfo_conformance::profile::ProfileId;
use myinfo_connector::error::{Endpoint, Error, StateProblem};
use myinfo_connector::transport::{Request, Response, Transport};
use myinfo_connector::{Connector, Kept, Settings};
use myinfo_fixtures::keys::ec;
use myinfo_oracle::ec::EcPrivateKey;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Changes the claims of a proof; gives another key where that is the defect.
pub(crate) type ChangeProof = fn(&Request, &mut Map<String, Value>) -> Option<EcPrivateKey>;
/// Changes header and claims of a client assertion.
pub(crate) type ChangeAssertion = fn(&Request, &mut Map<String, Value>, &mut Map<String, Value>);
/// Makes another document of one that came; nothing where it stays.
pub(crate) type Mend = fn(&str, Document, &Context<'_>) -> Option<String>;

/// One defect. What is `None` is done as the reference connector does it.
#[derive(Clone, Copy)]
pub(crate) struct Mutant {
    pub(crate) id: &'static str,
    /// What the relying party does wrong, in one sentence.
    pub(crate) says: &'static str,
    /// The profile that it speaks.
    pub(crate) speaks: ProfileId,
    /// The form of PAR and token.
    pub(crate) form: Option<fn(Endpoint, &mut Vec<Pair>)>,
    /// Header and claims of the client assertion.
    pub(crate) assertion: Option<ChangeAssertion>,
    pub(crate) proof: Option<ChangeProof>,
    /// The request before it goes out.
    pub(crate) request: Option<fn(&mut Request)>,
    /// The answer before it looks.
    pub(crate) answer: Option<fn(Endpoint, &mut Response, &Context<'_>)>,
    /// The ID token before it looks.
    pub(crate) id_token: Option<Mend>,
    /// Userinfo before it looks.
    pub(crate) userinfo: Option<Mend>,
    /// The address that the browser is sent to.
    pub(crate) login: Option<fn(String) -> String>,
    /// The callback, mended by what the browser kept and the issuer.
    pub(crate) callback: Option<fn(String, &Value, &str) -> String>,
    /// What the browser keeps.
    pub(crate) kept: Option<fn(&mut Value)>,
    pub(crate) outcome: Option<fn(Outcome) -> Outcome>,
    /// What becomes of a login that cannot begin.
    pub(crate) refusal: Option<fn(Started) -> Started>,
    /// What it writes into its log after a callback.
    pub(crate) log: Option<fn(&Told<'_>) -> Option<String>>,
    /// What it serves as its public JWK Set, made of the right one.
    pub(crate) jwks: fn(&Value) -> String,
    pub(crate) wire: Wire,
    pub(crate) habit: Habit,
}

/// What a relying party has at hand when a login is over.
pub(crate) struct Told<'t> {
    pub(crate) setup: &'t Setup,
    pub(crate) outcome: &'t Outcome,
    pub(crate) seen: &'t Seen,
}

/// What a relying party makes of its logins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    Good,
    /// A session outlives its callback.
    KeepsSessions,
    /// Whoever brings the state is taken for the browser that began.
    AnyBrowser,
    /// Nonce, verifier and key are those of the latest login.
    OneLogin,
    /// Everything that is published is fetched for every login.
    ForgetsWhatIsPublished,
    /// The first login's address is used for the others.
    KeepsTheAddress,
    /// Every configuration will do.
    TakesAnyConfiguration,
    /// The words of the callback are shown.
    Echoes,
}

pub(crate) const NONE: Mutant = Mutant {
    id: "",
    says: "",
    speaks: ProfileId::Fapi,
    form: None,
    assertion: None,
    proof: None,
    request: None,
    answer: None,
    id_token: None,
    userinfo: None,
    login: None,
    callback: None,
    kept: None,
    outcome: None,
    refusal: None,
    log: None,
    jwks: Value::to_string,
    wire: Wire::AsItShould,
    habit: Habit::Good,
};

/// The same before FAPI.
pub(crate) const BEFORE: Mutant = Mutant { speaks: ProfileId::Oidc, ..NONE };

/// Makes drivers of one mutant.
pub(crate) struct Mutants(pub(crate) &'static Mutant);

impl Drivers for Mutants {
    fn fresh(&self) -> BoxFuture<'_, Result<Box<dyn Driver>, DriverError>> {
        let mutant = self.0;
        Box::pin(async move {
            let served = Served::start((mutant.jwks)(&public_keys())).await;
            Ok(Box::new(MutantDriver::new(mutant, served)) as Box<dyn Driver>)
        })
    }
}

struct MutantDriver {
    mutant: &'static Mutant,
    hello: Hello,
    kept: KeptTransport,
    world: Option<World>,
    connector: Option<Connector>,
    sessions: HashMap<String, Value>,
    latest: Value,
    address: Option<(String, Value)>,
    counter: u64,
    log: String,
    /// What serves its JWK Set.
    _served: Served,
}

/// The keys that the testbed's applications have.
fn public_keys() -> Value {
    json!({"keys": [ec::public("client-sig-p256"), ec::public("client-enc-p256")]})
}

impl MutantDriver {
    fn new(mutant: &'static Mutant, served: Served) -> Self {
        let (profiles, jwks_uri) = (vec![mutant.speaks.name().to_owned()], Some(served.address.clone()));
        let hello = Hello { profiles, jwks_uri, ..ReferenceDriver::default().hello().clone() };
        let nothing = (None, None, HashMap::new(), Value::Null, None);
        let (world, connector, sessions, latest, address) = nothing;
        Self {
            mutant,
            hello,
            kept: KeptTransport::default(),
            world,
            connector,
            sessions,
            latest,
            address,
            counter: 0,
            log: String::new(),
            _served: served,
        }
    }

    fn make(&mut self) -> Result<(), Error> {
        let Some(world) = self.world.clone() else { return Ok(()) };
        let common = &world.setup.common;
        let settings: Settings = match &world.setup.of {
            SetupOf::V3(_) => return Ok(()),
            SetupOf::Fapi(fapi) => fapi_config(common, fapi)?.into(),
            SetupOf::Oidc(oidc) => oidc_config(common, oidc)?.into(),
        };
        self.connector = Some(Connector::with_network(settings, world));
        Ok(())
    }

    async fn begin(&mut self) -> Result<(String, Value), Error> {
        if self.mutant.habit == Habit::ForgetsWhatIsPublished {
            self.make()?;
        }
        if let (Habit::KeepsTheAddress, Some(first)) = (self.mutant.habit, &self.address) {
            return Ok(first.clone());
        }
        let connector = self.connector.as_ref().ok_or_else(|| Error::Configuration("not configured".to_owned()))?;
        let login = connector.begin().await?;
        let mut kept = serde_json::to_value(&login.kept).unwrap();
        if let Some(change) = self.mutant.kept {
            change(&mut kept);
        }
        let url = self.mutant.login.map_or(login.url.clone(), |change| change(login.url));
        self.latest = kept.clone();
        self.address = Some((url.clone(), kept.clone()));
        Ok((url, kept))
    }

    /// What the browser kept, as this mutant finds it.
    fn take(&mut self, session: &str, url: &str) -> Option<Value> {
        let mut kept = match self.mutant.habit {
            Habit::KeepsSessions => self.sessions.get(session).cloned()?,
            Habit::AnyBrowser => {
                let of_url = |kept: &Value| kept["state"].as_str().is_some_and(|state| url.contains(state));
                let name = self.sessions.iter().find(|(_, kept)| of_url(kept)).map(|(name, _)| name.clone());
                self.sessions.remove(&name.unwrap_or_else(|| session.to_owned()))?
            }
            _ => self.sessions.remove(session)?,
        };
        if self.mutant.habit == Habit::OneLogin {
            kept["fapi"] = self.latest["fapi"].clone();
        }
        Some(kept)
    }

    async fn finish(&mut self, session: &str, url: &str) -> Outcome {
        let Some(kept) = self.take(session, url) else { return rejected(&Error::State(StateProblem::Unknown)) };
        let (Some(connector), Some(world)) = (&self.connector, &self.world) else {
            return rejected(&Error::Configuration("not configured".to_owned()));
        };
        world.seen.lock().unwrap().kept = kept.clone();
        let issuer = world.setup.common.issuer.clone();
        let url = self.mutant.callback.map_or(url.to_owned(), |mend| mend(url.to_owned(), &kept, &issuer));
        let kept: Kept = serde_json::from_value(kept).unwrap();
        let outcome = match connector.finish(&url, kept).await {
            Ok(person) => accepted(&person),
            Err(error) => rejected(&error),
        };
        match (outcome, self.mutant.habit) {
            (Outcome::Rejected { class, native, .. }, Habit::Echoes) => {
                let words = myinfo_conformance::connector::wire::decoded(&url);
                Outcome::Rejected { class, native, message: format!("{words:?}").into() }
            }
            (outcome, _) => outcome,
        }
    }
}

impl MutantDriver {
    fn write_log(&mut self, outcome: &Outcome) {
        let (Some(write), Some(world)) = (self.mutant.log, &self.world) else { return };
        let seen = world.seen.lock().unwrap();
        let line = write(&Told { setup: &world.setup, outcome, seen: &seen });
        self.log.extend(line.map(|line| format!("login: {line}\n")));
    }
}

fn transport(mutant: &Mutant, setup: &Setup, kept: &mut KeptTransport) -> Transport {
    let client = || {
        let limit = time_limit(setup).unwrap_or(Duration::from_secs(30));
        reqwest::Client::builder().no_proxy().timeout(limit)
    };
    match mutant.wire {
        Wire::FollowsRedirects => Transport::with_client(client().build().unwrap()),
        Wire::TrustsAnyCertificate => {
            let client = client().redirect(reqwest::redirect::Policy::none());
            Transport::with_client(client.tls_danger_accept_invalid_certs(true).build().unwrap())
        }
        Wire::WaitsForEver => {
            let client = client().timeout(Duration::from_secs(60)).redirect(reqwest::redirect::Policy::none());
            Transport::with_client(client.build().unwrap())
        }
        _ => kept.of(setup).unwrap(),
    }
}

impl Driver for MutantDriver {
    fn hello(&self) -> &Hello {
        &self.hello
    }

    fn configure<'a>(&'a mut self, setup: &'a Setup) -> BoxFuture<'a, Result<Configured, DriverError>> {
        Box::pin(async move {
            self.sessions.clear();
            (self.connector, self.address) = (None, None);
            let (seen, setup) = (Arc::new(Mutex::new(Seen::default())), Arc::new(setup.clone()));
            let transport = transport(self.mutant, &setup, &mut self.kept);
            self.world = Some(World { mutant: self.mutant, setup, transport, seen });
            match self.make() {
                Err(error) if self.mutant.habit != Habit::TakesAnyConfiguration => {
                    Ok(Configured::ConfigError { message: error.to_string().into() })
                }
                _ => Ok(Configured::Ok),
            }
        })
    }

    fn start(&mut self) -> BoxFuture<'_, Result<Started, DriverError>> {
        Box::pin(async move {
            let started = match self.begin().await {
                Ok((url, kept)) => {
                    self.counter += 1;
                    let session = format!("s{}", self.counter);
                    self.sessions.insert(session.clone(), kept);
                    Started::Url { url, session }
                }
                Err(error) => match rejected(&error) {
                    Outcome::Rejected { class, native, message } => Started::Error { message, class, native },
                    _ => Started::failed(error.to_string()),
                },
            };
            Ok(self.mutant.refusal.map_or(started.clone(), |change| change(started)))
        })
    }

    fn callback<'a>(&'a mut self, session: &'a str, url: &'a str) -> BoxFuture<'a, Result<Outcome, DriverError>> {
        Box::pin(async move {
            let outcome = self.finish(session, url).await;
            self.write_log(&outcome);
            Ok(self.mutant.outcome.map_or(outcome.clone(), |change| change(outcome)))
        })
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<(), DriverError>> {
        self.sessions.clear();
        Box::pin(async { Ok(()) })
    }

    fn logs(&mut self) -> String {
        std::mem::take(&mut self.log)
    }
}

/// A refusal of another kind than it was.
pub(crate) fn untold(outcome: Outcome, class: Class) -> Outcome {
    match outcome {
        Outcome::Rejected { class: known, native, message } if known == class => {
            Outcome::Rejected { class: Class::Other, native, message }
        }
        other => other,
    }
}
