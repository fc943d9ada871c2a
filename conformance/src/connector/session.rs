//! What a case works with: a realm, a driver, two witnesses, and the verbs that cases are written in.

use crate::connector::driver::{Configured, Driver, DriverError, Outcome, Setup, Started};
use crate::connector::keys::key_material;
use crate::connector::outcome::class_name;
use crate::connector::recorder::Recorded;
use crate::connector::tape::Taped;
use crate::connector::testbed::{CANARY_ID, Realm};
use crate::notebook::Notebook;
use crate::verdict::{Step, Stop};
use anyhow::Result;
use myinfo_fixtures::keys;
use serde_json::Value;
use std::ops::{Deref, DerefMut};

/// The attributes that every flow asks for, unless a case changes them.
pub const ATTRIBUTES: [&str; 6] = ["uinfin", "name", "sex", "dob", "email", "regadd"];

/// The endpoints that a connector calls by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST …/token`.
    Token,
    /// `GET …/person/{sub}`.
    Person,
}

impl Endpoint {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Person => "person",
        }
    }
}

/// A login that came back from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The browser's session, as the driver calls it.
    pub browser: String,
    /// The address that the browser was sent to.
    pub url: String,
    /// The address at which it arrived.
    pub callback: String,
}

/// One case under way.
pub struct Session<'s> {
    /// The server of this case.
    pub realm: Realm<'s>,
    pub(super) driver: Taped<'s>,
    /// The configuration of the connector; a case changes it and configures again.
    pub setup: Setup,
    /// The configuration that every target must take.
    usual: Setup,
    notebook: Notebook,
    /// The requests and exchanges up to here are not looked at.
    mark: u64,
    journal_mark: u64,
    /// Whether the driver is of no more use.
    broken: bool,
    pub(super) logs: String,
}

impl Deref for Session<'_> {
    type Target = Notebook;

    fn deref(&self) -> &Notebook {
        &self.notebook
    }
}

impl DerefMut for Session<'_> {
    fn deref_mut(&mut self) -> &mut Notebook {
        &mut self.notebook
    }
}

impl<'s> Session<'s> {
    /// A session in a fresh realm; nothing is configured yet.
    ///
    /// # Errors
    /// When the driver asks for a key format that there is not.
    pub fn new(realm: Realm<'s>, driver: Taped<'s>) -> Result<Self> {
        let format = driver.hello().key_formats.first().map_or("pkcs8", String::as_str).to_owned();
        let mut setup = Setup {
            base_url: realm.base_url(),
            authorise_url: String::new(),
            token_url: String::new(),
            person_url: String::new(),
            context: "com".to_owned(),
            flavour: "test".to_owned(),
            client_id: keys::CLIENT_ID.to_owned(),
            client_secret: keys::CLIENT_SECRET.to_owned(),
            redirect_uri: driver.hello().redirect_uri.clone().unwrap_or_else(|| keys::CLIENT_REDIRECT_URI.to_owned()),
            attributes: ATTRIBUTES.map(str::to_owned).to_vec(),
            purpose: "a conformance test".to_owned(),
            esvc_id: None,
            txn_no: None,
            private_key: key_material(keys::CLIENT_KEY_PEM, &format)?,
            certificate: keys::CLIENT_CERT_PEM.to_owned(),
            myinfo_certificates: vec![keys::MYINFO_CERT_PEM.to_owned()],
            issuer: String::new(),
            ca: None,
        };
        setup.settle();
        setup.issuer = issuer(&setup);
        Ok(Self {
            realm,
            driver,
            usual: setup.clone(),
            setup,
            notebook: Notebook::new("in the usual flow"),
            mark: 0,
            journal_mark: 0,
            broken: false,
            logs: String::new(),
        })
    }

    /// What was written down; whether the driver broke; and the realm, to be ended.
    pub fn close(self) -> (Notebook, bool, Realm<'s>) {
        (self.notebook, self.broken, self.realm)
    }

    /// Skips the case unless the target claims a capability.
    ///
    /// # Errors
    /// [`Stop::Skip`].
    pub fn need(&self, capability: &str) -> Step {
        if self.driver.can(capability) {
            return Ok(());
        }
        Err(Stop::Skip(format!("the driver does not claim `{capability}`")))
    }

    /// The key formats that the driver reads.
    pub fn key_formats(&self) -> Vec<String> {
        self.driver.hello().key_formats.clone()
    }

    /// What came of a driver's answer; a driver that gave none is of no more use.
    fn answer<T>(&mut self, answer: Result<T, DriverError>) -> Step<T> {
        answer.map_err(|error| {
            // a driver that lacks a message of the protocol is no target that lacks a capability
            self.broken = !matches!(error, DriverError::Unsupported(_));
            Stop::Inconclusive(error.to_string())
        })
    }

    /// Configures the connector as the setup says.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn try_configure(&mut self) -> Step<Configured> {
        self.setup.settle();
        if self.setup.issuer.is_empty() {
            self.setup.issuer = issuer(&self.setup);
        }
        let setup = self.setup.clone();
        let answer = self.driver.configure(&setup).await;
        self.answer(answer)
    }

    /// Configures the connector with a setup that it has to take.
    ///
    /// # Errors
    /// When it does not.
    pub async fn configure(&mut self) -> Step {
        match self.try_configure().await? {
            Configured::Ok => Ok(()),
            Configured::Unsupported { message } if self.setup != self.usual => Err(Stop::Skip(message)),
            Configured::Unsupported { message } => {
                Err(Stop::Inconclusive(format!("the driver does not support the usual configuration: {message}")))
            }
            Configured::ConfigError { message } => {
                Err(Stop::Inconclusive(format!("the connector refuses a configuration that is right: {message}")))
            }
        }
    }

    /// From here on only what comes is looked at.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn mark(&mut self) -> Step {
        self.mark = self.realm.newest_request();
        self.journal_mark = self.realm.newest().await?;
        let logs = self.driver.logs();
        self.logs = logs;
        self.logs.clear();
        Ok(())
    }

    /// The requests to an endpoint since the mark, as they were on the wire.
    pub fn calls(&self, endpoint: Endpoint) -> Vec<Recorded> {
        let below = format!("{}/{}/v3/{}", self.realm.prefix(), self.setup.context, endpoint.name());
        let all = self.realm.requests(&below, self.mark);
        all.into_iter()
            .filter(|call| call.path()[below.len().min(call.path().len())..].is_empty() || endpoint == Endpoint::Person)
            .collect()
    }

    /// The one request to an endpoint since the mark.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when there is none.
    pub fn call(&self, endpoint: Endpoint) -> Step<Recorded> {
        let calls = self.calls(endpoint);
        calls.into_iter().next_back().ok_or_else(|| Stop::Inconclusive(format!("{} was never called", endpoint.name())))
    }

    /// Everything below the realm since the mark.
    pub fn all_calls(&self) -> Vec<Recorded> {
        self.realm.requests(&self.realm.prefix(), self.mark)
    }

    /// The mock's exchanges since the mark.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn journal(&self, query: &str) -> Step<Vec<Value>> {
        Ok(self.realm.exchanges(self.journal_mark, query).await?)
    }

    /// Begins a login.
    ///
    /// # Errors
    /// When the driver begins none.
    pub async fn start(&mut self) -> Step<(String, String)> {
        let answer = self.driver.start().await;
        match self.answer(answer)? {
            Started::Url { url, session } => Ok((url, session)),
            Started::Error { message } => Err(Stop::Inconclusive(format!("the connector begins no login: {message}"))),
        }
    }

    /// Begins a login and goes through it as the canary.
    ///
    /// # Errors
    /// When the server does not send the browser back.
    pub async fn login(&mut self) -> Step<Login> {
        self.login_as(CANARY_ID).await
    }

    /// The same as another persona.
    ///
    /// # Errors
    /// When the server does not send the browser back.
    pub async fn login_as(&mut self, persona: &str) -> Step<Login> {
        let (url, browser) = self.start().await?;
        let callback = self.realm.visit(&url, persona).await?;
        Ok(Login { browser, url, callback })
    }

    /// Gives the connector a callback.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn finish(&mut self, browser: &str, callback: &str) -> Step<Outcome> {
        let answer = self.driver.callback(browser, callback).await;
        let outcome = self.answer(answer)?;
        let logs = self.driver.logs();
        self.logs.push_str(&logs);
        Ok(outcome)
    }

    /// A whole flow, whatever comes of it.
    ///
    /// # Errors
    /// When it cannot be gone through.
    pub async fn flow(&mut self) -> Step<Outcome> {
        let login = self.login().await?;
        self.finish(&login.browser, &login.callback).await
    }

    /// A whole flow in which one fault strikes as often as it can; only this flow is looked at from here on.
    ///
    /// # Errors
    /// When it cannot be gone through.
    pub async fn flow_with(&mut self, fault: &str) -> Step<Outcome> {
        self.mark().await?;
        self.realm.arm(fault, None).await?;
        let outcome = self.flow().await?;
        self.realm.disarm().await?;
        Ok(outcome)
    }

    /// A usual flow, and its request to an endpoint.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when the endpoint was not called.
    pub async fn usual_call(&mut self, endpoint: Endpoint) -> Step<Recorded> {
        self.configure().await?;
        self.mark().await?;
        self.flow().await?;
        self.when(format!("in the {} request", endpoint.name()));
        self.call(endpoint)
    }

    /// Configures the connector and goes through the positive control.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when it does not end with the person.
    pub async fn ready(&mut self) -> Step {
        self.configure().await?;
        self.control().await.map(drop)
    }

    /// The positive control: a flow in which nothing is wrong must end with the person.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when it does not.
    pub async fn control(&mut self) -> Step<Value> {
        match self.flow().await? {
            Outcome::Accepted { person } => Ok(person),
            Outcome::Rejected { class, message, .. } => {
                let class = class_name(class);
                Err(Stop::Inconclusive(format!(
                    "the control failed: a flow without any fault was refused as {class}: {message}"
                )))
            }
            Outcome::Crash { message } => {
                Err(Stop::Inconclusive(format!("the control failed: a flow without any fault crashed: {message}")))
            }
        }
    }
}

/// The issuer of the tokens at a setup's server.
fn issuer(setup: &Setup) -> String {
    format!("{}/serviceauth/myinfo-{}", setup.base_url, setup.context)
}
