//! The reference connector, step by step, with one defect: its requests are changed before they go out, or what it must
//! notice is mended before it looks.

use crate::mend;
use crate::network::{Network, bounded, transport};
use futures_util::future::BoxFuture;
use myinfo_conformance::connector::driver::reference::{KeptTransport, rejected};
use myinfo_conformance::connector::driver::{Class, Configured, Driver, DriverError, Drivers, Hello, Outcome, Started};
use myinfo_conformance::connector::setup::Setup;
use myinfo_conformance::connector::wire::{Pair, decoded};
use myinfo_connector::ambient::{Ambient, Stamp, System};
use myinfo_connector::error::{Error, StateProblem, TransportProblem};
use myinfo_connector::transport::{Network as _, Request, Response, Transport};
use myinfo_connector::v3::authorise::{self, Code};
use myinfo_connector::v3::{Config, person, token};
use myinfo_connector::{Callback, Connector, State};
use myinfo_oracle::v3::{HeaderFields, authorization, base_string, read_authorization, sign};
use rsa::RsaPrivateKey;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// A request in its parts, as a defect changes them.
pub(crate) struct Parts {
    pub(crate) method: &'static str,
    /// The address that is called, without query.
    pub(crate) url: String,
    /// The address that is signed.
    pub(crate) signed_url: String,
    pub(crate) content_type: Option<String>,
    pub(crate) fields: HeaderFields,
    /// What is sent.
    pub(crate) sent: Vec<Pair>,
    /// What is signed, where that is something else.
    pub(crate) signed: Option<Vec<Pair>>,
    pub(crate) bearer: Option<String>,
    /// The last word on the base string.
    pub(crate) base: fn(String) -> String,
    /// The last word on the header.
    pub(crate) header: fn(String) -> String,
}

impl Parts {
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self.sent.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.sent.push((name.to_owned(), value.to_owned())),
        }
    }

    pub(crate) fn drop(&mut self, name: &str) {
        self.sent.retain(|(known, _)| known != name);
    }

    pub(crate) fn value(&self, name: &str) -> String {
        self.sent.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

/// One defect. What is `None` is done as the reference connector does it.
#[derive(Clone, Copy)]
pub(crate) struct Mutant {
    pub(crate) id: &'static str,
    /// What the connector does wrong, in one sentence.
    pub(crate) says: &'static str,
    /// The state of a login, by its number.
    pub(crate) state: Option<fn(u64) -> String>,
    /// The address that the browser is sent to.
    pub(crate) authorise: Option<fn(&Setup, String) -> String>,
    /// The callback, mended by the state that belongs to the session.
    pub(crate) callback: Option<fn(String, &str) -> String>,
    pub(crate) code: Option<fn(String) -> String>,
    pub(crate) token: Option<fn(&mut Parts)>,
    pub(crate) token_answer: Option<fn(&mut Response, &Setup)>,
    pub(crate) person: Option<fn(&mut Parts)>,
    pub(crate) person_answer: Option<fn(&mut Response)>,
    pub(crate) outcome: Option<fn(Outcome) -> Outcome>,
    pub(crate) setup: Option<fn(&mut Setup)>,
    /// Whether a session outlives its callback.
    pub(crate) keeps_sessions: bool,
    /// How often a refused request is sent again as it is.
    pub(crate) repeats: u32,
    /// How the network is used.
    pub(crate) network: Network,
    /// Whether the code is exchanged again when person fails.
    pub(crate) exchanges_again: bool,
    /// Whether a nonce serves for both requests.
    pub(crate) one_nonce: bool,
    /// Whether the answer of the configuration is always yes.
    pub(crate) takes_any_configuration: bool,
}

pub(crate) const NONE: Mutant = Mutant {
    id: "",
    says: "",
    state: None,
    authorise: None,
    callback: None,
    code: None,
    token: None,
    token_answer: None,
    person: None,
    person_answer: None,
    outcome: None,
    setup: None,
    keeps_sessions: false,
    repeats: 0,
    network: Network::AsItShould,
    exchanges_again: false,
    one_nonce: false,
    takes_any_configuration: false,
};

/// Makes drivers of one mutant.
pub(crate) struct Mutants(pub(crate) &'static Mutant);

impl Drivers for Mutants {
    fn fresh(&self) -> BoxFuture<'_, Result<Box<dyn Driver>, DriverError>> {
        let mutant = self.0;
        Box::pin(async move { Ok(Box::new(MutantDriver::new(mutant)) as Box<dyn Driver>) })
    }
}

struct MutantDriver {
    mutant: &'static Mutant,
    hello: Hello,
    setup: Option<Setup>,
    config: Option<Config>,
    transport: Option<Transport>,
    kept: KeptTransport,
    sessions: HashMap<String, String>,
    counter: u64,
}

impl MutantDriver {
    fn new(mutant: &'static Mutant) -> Self {
        let reference = myinfo_conformance::connector::driver::reference::ReferenceDriver::default();
        let hello = Hello { profiles: vec!["v3".to_owned()], ..reference.hello().clone() };
        let (setup, config, transport, kept) = (None, None, None, KeptTransport::default());
        Self { mutant, hello, setup, config, transport, kept, sessions: HashMap::new(), counter: 0 }
    }

    async fn finish(&mut self, session: &str, url: &str) -> Result<Value, Error> {
        let unknown = || Error::State(StateProblem::Unknown);
        let state = if self.mutant.keeps_sessions {
            self.sessions.get(session).cloned()
        } else {
            self.sessions.remove(session)
        };
        let state = state.ok_or_else(unknown)?;
        let callback = self.mutant.callback.map_or_else(|| url.to_owned(), |mend| mend(url.to_owned(), &state));
        authorise::accept(&Callback::read(&callback), State::from_session(state))?;
        let query = callback.split_once('?').map_or("", |(_, query)| query);
        let code = decoded(query).into_iter().find(|(name, _)| name == "code").map(|(_, code)| code);
        let mut code = code.unwrap_or_default();
        if let Some(change) = self.mutant.code {
            code = change(code);
        }
        match self.redeem(&code).await {
            Err(_) if self.mutant.exchanges_again => self.redeem(&code).await,
            other => other,
        }
    }

    async fn redeem(&self, code: &str) -> Result<Value, Error> {
        let (Some(config), Some(setup)) = (&self.config, &self.setup) else {
            return Err(Error::Configuration("not configured".to_owned()));
        };
        let stamp = Stamp::fresh(&System)?;
        let request = token::prepare(config, &Code::new(code), &stamp)?;
        let mut answer = self.send(request, self.mutant.token, setup).await?;
        let original = mend::access_token(&answer.body);
        if let Some(mend) = self.mutant.token_answer {
            mend(&mut answer, setup);
        }
        let token = token::accept(config, &answer, System.now_seconds())?;
        let mended = mend::access_token(&answer.body);
        let mut tries = 0;
        loop {
            let fresh = Stamp::fresh(&System)?;
            let stamp = if self.mutant.one_nonce { Stamp { nonce: stamp.nonce.clone(), ..fresh } } else { fresh };
            let mut request = person::prepare(config, &token, &stamp)?;
            // the server gets the token that it gave out, whatever was mended for the connector's eyes
            for (_, value) in &mut request.headers {
                *value = value.replace(&mended, &original);
            }
            let mut answer = self.send(request, self.mutant.person, setup).await?;
            tries += 1;
            let patience = u64::from(self.mutant.network != Network::DoesNotWait);
            if matches!(answer.status, 429 | 502..=504) && tries < 3 {
                tokio::time::sleep(Duration::from_secs(answer.retry_after.unwrap_or(1) * patience)).await;
                continue;
            }
            if let Some(mend) = self.mutant.person_answer {
                mend(&mut answer);
            }
            let person = person::accept(config, &token, &answer, System.now_seconds())?;
            return Ok(serde_json::from_str(person.json()).unwrap_or_default());
        }
    }

    async fn send(&self, request: Request, change: Option<fn(&mut Parts)>, setup: &Setup) -> Result<Response, Error> {
        let request = match change {
            Some(change) => changed(request, change, setup),
            None => request,
        };
        let mut left = self.mutant.repeats;
        loop {
            let answer = self.once(request.clone()).await?;
            if matches!(answer.status, 401 | 500) && left > 0 {
                left -= 1;
                continue;
            }
            return Ok(answer);
        }
    }

    async fn once(&self, request: Request) -> Result<Response, Error> {
        let Some(transport) = &self.transport else { return Err(Error::Configuration("no transport".to_owned())) };
        let follows: fn(u16) -> bool = match self.mutant.network {
            Network::FollowsRedirects => |_| true,
            Network::FollowsPreserving => |status| matches!(status, 307 | 308),
            _ => return transport.send(request).await,
        };
        let endpoint = request.endpoint;
        let failed = |_| Error::Transport { endpoint, problem: TransportProblem::BrokenOff };
        let client = bounded(self.setup.as_ref()).build().map_err(failed)?;
        let build = |url: &str| {
            let mut outgoing = match &request.body {
                Some(body) => client.post(url).body(body.clone()),
                None => client.get(url),
            };
            for (name, value) in &request.headers {
                outgoing = outgoing.header(*name, value);
            }
            outgoing
        };
        let mut incoming = build(&request.url).send().await.map_err(failed)?;
        let location = incoming.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
        if let Some(location) = location.filter(|_| follows(incoming.status().as_u16())) {
            incoming = build(&location).send().await.map_err(failed)?;
        }
        let status = incoming.status().as_u16();
        let body = incoming.bytes().await.map_err(failed)?.to_vec();
        Ok(Response { status, body, ..Response::default() })
    }
}

/// The request with a defect, signed once more by the oracle's rules.
fn changed(request: Request, change: fn(&mut Parts), setup: &Setup) -> Request {
    let header = request.headers.iter().find(|(name, _)| *name == "Authorization").map(|(_, value)| value.clone());
    let Some(Ok(read)) = header.as_deref().map(read_authorization) else { return request };
    let (url, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
    let sent = decoded(request.body.as_deref().unwrap_or(query));
    let mut parts = Parts {
        method: if request.body.is_some() { "POST" } else { "GET" },
        url: url.to_owned(),
        signed_url: url.to_owned(),
        content_type: request.body.as_ref().map(|_| "application/x-www-form-urlencoded".to_owned()),
        fields: read.fields,
        sent,
        signed: None,
        bearer: read.bearer,
        base: |text| text,
        header: |text| text,
    };
    change(&mut parts);
    let signed = parts.signed.as_ref().unwrap_or(&parts.sent);
    let base = (parts.base)(base_string(parts.method, &parts.signed_url, &parts.fields, signed));
    let mut header = authorization(&parts.fields, &sign(&base, &key(setup)));
    if let Some(token) = &parts.bearer {
        header = format!("{header},Bearer {token}");
    }
    let mut headers = vec![("Cache-Control", "no-cache".to_owned()), ("Authorization", (parts.header)(header))];
    headers.extend(parts.content_type.map(|kind| ("Content-Type", kind)));
    let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&parts.sent).finish();
    let (url, body) =
        if parts.method == "POST" { (parts.url, Some(encoded)) } else { (format!("{}?{encoded}", parts.url), None) };
    Request { endpoint: request.endpoint, url, headers, body }
}

fn key(setup: &Setup) -> RsaPrivateKey {
    let own = setup.v3().private_key.text.as_deref().and_then(|pem| myinfo_oracle::key::private(pem).ok());
    own.unwrap_or_else(|| myinfo_oracle::key::private(myinfo_fixtures::keys::CLIENT_KEY_PEM).unwrap())
}

impl Driver for MutantDriver {
    fn hello(&self) -> &Hello {
        &self.hello
    }

    fn configure<'a>(&'a mut self, setup: &'a Setup) -> BoxFuture<'a, Result<Configured, DriverError>> {
        Box::pin(async move {
            self.sessions.clear();
            let mut setup = setup.clone();
            if let Some(change) = self.mutant.setup {
                change(&mut setup);
            }
            let transport = transport(self.mutant.network, &setup, &mut self.kept);
            self.transport = Some(transport.clone());
            let connector = myinfo_conformance::connector::driver::reference::connector(&setup, transport);
            match connector.as_ref().map(Connector::v3_config) {
                Ok(config) => self.config = config.cloned(),
                // the old configuration stays: the defect is that nobody is told
                Err(_) if self.mutant.takes_any_configuration => return Ok(Configured::Ok),
                Err(error) => {
                    self.config = None;
                    return Ok(Configured::ConfigError { message: error.to_string().into() });
                }
            }
            self.setup = Some(setup);
            Ok(Configured::Ok)
        })
    }

    fn start(&mut self) -> BoxFuture<'_, Result<Started, DriverError>> {
        Box::pin(async move {
            let (Some(config), Some(setup)) = (&self.config, &self.setup) else {
                return Ok(Started::failed("not configured"));
            };
            self.counter += 1;
            let fresh = State::fresh(&System).unwrap().as_str().to_owned();
            let state = self.mutant.state.map_or(fresh, |state| state(self.counter));
            let mut url = authorise::prepare(config, &State::from_session(state.clone()));
            if let Some(change) = self.mutant.authorise {
                url = change(setup, url);
            }
            let session = format!("s{}", self.counter);
            self.sessions.insert(session.clone(), state);
            Ok(Started::Url { url, session })
        })
    }

    fn callback<'a>(&'a mut self, session: &'a str, url: &'a str) -> BoxFuture<'a, Result<Outcome, DriverError>> {
        Box::pin(async move {
            let outcome = match self.finish(session, url).await {
                Ok(person) => Outcome::Accepted { person, claims: None },
                Err(error) => rejected(&error),
            };
            Ok(self.mutant.outcome.map_or(outcome.clone(), |change| change(outcome)))
        })
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<(), DriverError>> {
        self.sessions.clear();
        Box::pin(async { Ok(()) })
    }
}

/// A refusal of which nothing is told.
pub(crate) fn untold(_: Outcome) -> Outcome {
    Outcome::Rejected { class: Class::Other, native: "error".into(), message: "something went wrong".into() }
}
