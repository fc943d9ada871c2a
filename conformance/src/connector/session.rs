//! What a case works with: a realm, a driver, two witnesses, and the verbs that cases are written in.

pub use crate::connector::login::{Begun, Login};

use crate::connector::driver::{Configured, Driver, DriverError, Kind};
use crate::connector::realm::Realm;
use crate::connector::recorder::Recorded;
use crate::connector::setup::{Setup, SetupOf};
use crate::connector::tape::Taped;
use crate::notebook::Notebook;
use crate::profile::{Endpoint, Profile, ProfileId, Stage};
use crate::verdict::{Step, Stop};
use anyhow::Result;
use serde_json::Value;
use std::ops::{Deref, DerefMut};

/// Where in the flow a fault acts.
#[derive(Debug)]
pub struct Place {
    /// The stage.
    pub stage: &'static Stage,
    /// The endpoints that must not be called any more once what came there was refused.
    pub later: Vec<&'static Endpoint>,
}

/// In which state a case leaves the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// It can go on.
    Usable,
    /// It is of no more use.
    Broken,
    /// It did not answer in time, and is of no more use.
    Late,
    /// It did not start with a configuration that it has to take, and is of no more use.
    Unstarted,
}

/// One case under way.
pub struct Session<'s> {
    /// The faults that the case may arm.
    faults: &'static [&'static str],
    /// What is spoken.
    pub(super) profile: &'static Profile,
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
    /// What the driver is good for.
    pub(super) left: Left,
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
    pub fn new(
        profile: ProfileId,
        faults: &'static [&'static str],
        realm: Realm<'s>,
        driver: Taped<'s>,
    ) -> Result<Self> {
        let hello = driver.hello();
        let format = hello.key_formats.first().map_or("pkcs8", String::as_str);
        let mut setup = Setup::usual(profile, realm.base_url(), hello.redirect_uri.as_deref(), format)?;
        // others trust it by their environment
        let ca = realm.scene().is_tls() && driver.can("custom_ca");
        setup.common.ca = ca.then(|| realm.scene().authority_pem.clone());
        Ok(Self {
            faults,
            profile: profile.profile(),
            realm,
            driver,
            usual: setup.clone(),
            setup,
            notebook: Notebook::new("in the usual flow"),
            mark: 0,
            journal_mark: 0,
            left: Left::Usable,
            logs: String::new(),
        })
    }

    /// What was written down; what the driver is good for; and the realm, to be ended.
    pub fn close(self) -> (Notebook, Left, Realm<'s>) {
        (self.notebook, self.left, self.realm)
    }

    /// Skips the case unless the target claims a capability.
    ///
    /// # Errors
    /// [`Stop::Skip`].
    pub fn need(&self, capability: &str) -> Step {
        if self.driver.can(capability) {
            return Ok(());
        }
        let kind = self.kind();
        let place = kind.says_in("capabilities");
        Err(Stop::Skip(format!("{} does not claim `{capability}`: {place} has what it can", kind.name())))
    }

    /// What the target is.
    pub fn kind(&self) -> Kind {
        self.driver.kind()
    }

    /// Whether the target claims a capability.
    pub fn can(&self, capability: &str) -> bool {
        self.driver.can(capability)
    }

    /// Makes the application a Login app.
    pub fn make_login_app(&mut self) {
        let Setup { common, of } = &mut self.setup;
        match of {
            SetupOf::V3(_) => {}
            SetupOf::Fapi(fapi) => fapi.make_login_app(common),
            SetupOf::Oidc(oidc) => oidc.make_login_app(common),
        }
    }

    /// Makes the application one whose ID tokens are not encrypted.
    pub fn make_direct(&mut self) {
        if let SetupOf::Oidc(oidc) = &mut self.setup.of {
            oidc.make_direct();
        }
    }

    /// Where the target serves its public JWK Set.
    pub fn jwks_uri(&self) -> Option<String> {
        self.driver.hello().jwks_uri.clone()
    }

    /// The key formats that the driver reads.
    pub fn key_formats(&self) -> Vec<String> {
        self.driver.hello().key_formats.clone()
    }

    /// What came of a driver's answer; a driver that gave none is of no more use.
    pub(super) fn answer<T>(&mut self, answer: Result<T, DriverError>) -> Step<T> {
        answer.map_err(|error| {
            self.left = match error {
                // a driver that lacks a message of the protocol is no target that lacks a capability
                DriverError::Unsupported(_) | DriverError::NoPerson(_) => Left::Usable,
                DriverError::Late(..) | DriverError::Unended { .. } => Left::Late,
                DriverError::NotStarted(_)
                | DriverError::NotUp(_)
                | DriverError::Died(_)
                | DriverError::Garbage { .. } => Left::Broken,
            };
            Stop::Inconclusive(error.to_string())
        })
    }

    /// Configures the connector as the setup says.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn try_configure(&mut self) -> Step<Configured> {
        self.setup.settle();
        let setup = self.setup.clone();
        let answer = self.driver.configure(&setup).await;
        self.answer(answer)
    }

    /// Configures the connector with a setup that it has to take.
    ///
    /// # Errors
    /// When it does not.
    pub async fn configure(&mut self) -> Step {
        let configured = self.try_configure().await;
        if self.driver.unstarted().is_some() {
            self.left = Left::Unstarted;
        }
        match configured? {
            Configured::Ok => Ok(()),
            Configured::Unsupported { message } if self.setup != self.usual => Err(Stop::Skip(message.to_string())),
            Configured::Unsupported { message } => {
                let who = self.driver.kind().name();
                Err(Stop::Inconclusive(format!("{who} does not support the usual configuration: {message}")))
            }
            Configured::ConfigError { message } if self.driver.unstarted().is_some() => {
                Err(Stop::Inconclusive(DriverError::NotUp(message.to_string()).to_string()))
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
        self.notebook.since(self.journal_mark);
        // what the driver logged so far is taken from it, and not looked at
        drop(self.driver.logs());
        self.logs.clear();
        Ok(())
    }

    /// The requests to an endpoint since the mark, as they were on the wire.
    pub fn calls(&self, endpoint: &Endpoint) -> Vec<Recorded> {
        let prefix = self.realm.prefix();
        let mut calls = self.all_calls();
        calls.retain(|call| self.setup.is_call_to(endpoint, call.path(), &prefix));
        calls
    }

    /// Where in the flow a fault acts, as the mock tells it.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when the mock names no stage of this profile.
    pub fn place_of(&self, fault: &str) -> Step<Place> {
        let name = self.realm.stage_of(fault);
        let stage = self.profile.stage(&name).ok_or_else(|| {
            Stop::Inconclusive(format!("the fault {fault} acts at `{name}`, which is no stage of the profile"))
        })?;
        Ok(Place { stage, later: self.profile.later_than(stage).collect() })
    }

    /// The endpoint at which the authorisation code is exchanged.
    pub fn code_endpoint(&self) -> Option<&'static Endpoint> {
        self.profile.code_endpoint()
    }

    /// Whether a fault strikes before the browser is sent away.
    ///
    /// # Errors
    /// Those of [`Self::place_of`].
    pub fn is_before_browser(&self, fault: &str) -> Step<bool> {
        Ok(self.profile.is_before_browser(self.place_of(fault)?.stage))
    }

    /// The one request to an endpoint since the mark.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when there is none.
    pub fn call(&self, endpoint: &Endpoint) -> Step<Recorded> {
        let calls = self.calls(endpoint);
        calls.into_iter().next_back().ok_or_else(|| Stop::Inconclusive(format!("{} was never called", endpoint.name)))
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

    /// The faults that the case names, to be armed one by one.
    pub const fn faults(&self) -> &'static [&'static str] {
        self.faults
    }

    /// Arms a fault that the case names; without a number it strikes for ever.
    ///
    /// # Errors
    /// When the case does not name it, or the mock does not have it.
    pub async fn arm(&self, fault: &str, times: Option<u32>) -> Step {
        if !self.faults.contains(&fault) {
            return Err(Stop::Inconclusive(format!("the case arms `{fault}` without naming it: a mistake of ours")));
        }
        Ok(self.realm.arm(fault, times).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::driver::Hello;
    use crate::connector::realm::Scene;
    use crate::connector::tape::Tape;
    use crate::profile::v3::PERSON;
    use std::time::Duration;

    #[test]
    fn a_call_of_person_basic_or_person_sample_is_none_of_person() {
        let call = |target: &str| Recorded {
            number: 1,
            method: "GET".to_owned(),
            target: format!("/_realm/r/com/v3/{target}"),
            headers: Vec::new(),
            body: Vec::new(),
            at: Duration::ZERO,
        };
        let calls = ["person-sample/S9000001H", "person-basic/S9000001H?client_id=x", "person/S9000001H/?client_id=x"];
        let written = Tape::empty();
        written.keep::<_, String>("requests /_realm/r", &Ok(calls.map(call)));
        let tape = Tape::played(written.entries());
        let scene = Scene {
            name: "r".to_owned(),
            origin: "http://127.0.0.1:9".to_owned(),
            canary_name: String::new(),
            authority_pem: String::new(),
            https: [const { None }; 3],
        };
        let driver = Taped::playing(Hello::default(), tape.clone());
        let session = Session::new(ProfileId::V3, &[], Realm::played(scene, tape), driver).unwrap();
        let found: Vec<String> = session.calls(PERSON).into_iter().map(|call| call.target).collect();
        assert_eq!(found, ["/_realm/r/com/v3/person/S9000001H/?client_id=x"]);
    }
}
