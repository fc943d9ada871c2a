//! The verbs that go through a login: one by one, the whole flow, with a fault, and the control in which nothing is wrong.

use super::driver::{Class, Configured, Driver, DriverError, Outcome, Started, Words};
use super::login::{Begun, Login};
use super::outcome::class_name;
use super::recorder::Recorded;
use super::session::{Left, Session};
use super::testbed::CANARY_ID;
use crate::profile::{Endpoint, Role};
use crate::verdict::{Step, Stop};
use serde_json::Value;
use std::time::Duration;

impl Session<'_> {
    /// Begins a login.
    ///
    /// # Errors
    /// When the driver begins none.
    pub async fn start(&mut self) -> Step<Begun> {
        let answer = self.driver.start().await;
        match self.answer(answer)? {
            Started::Url { url, session } => Ok(Begun { browser: session, url }),
            Started::Error { message, .. } => {
                Err(Stop::Inconclusive(format!("the connector begins no login: {message}")))
            }
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
        let Begun { browser, url } = self.start().await?;
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
        self.keep_logs();
        Ok(outcome)
    }

    /// The same with a connector that may never answer: nothing, where it did not within the limit. The driver is of no
    /// more use then.
    ///
    /// # Errors
    /// When the driver does not answer for another reason.
    pub async fn finish_within(&mut self, login: &Login, limit: Duration) -> Step<Option<Outcome>> {
        let answer = self.driver.callback_within(&login.browser, &login.callback, limit).await;
        if matches!(answer, Err(DriverError::Late(..) | DriverError::Unended { .. })) {
            self.left = Left::Broken;
            return Ok(None);
        }
        let outcome = self.answer(answer)?;
        self.keep_logs();
        Ok(Some(outcome))
    }

    pub(super) fn keep_logs(&mut self) {
        let logs = self.driver.logs();
        self.logs.push_str(&logs);
    }

    /// A whole flow, whatever comes of it: a login that the connector does not begin is a refusal.
    ///
    /// # Errors
    /// When it cannot be gone through.
    pub async fn flow(&mut self) -> Step<Outcome> {
        self.flow_as(CANARY_ID).await
    }

    /// The same as another persona.
    ///
    /// # Errors
    /// When it cannot be gone through.
    pub async fn flow_as(&mut self, persona: &str) -> Step<Outcome> {
        match self.begin().await? {
            Ok(Begun { browser, url }) => {
                let callback = self.realm.visit(&url, persona).await?;
                self.finish(&browser, &callback).await
            }
            Err(refusal) => Ok(refusal),
        }
    }

    /// Begins a login; the refusal, where there is none.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn begin(&mut self) -> Step<Result<Begun, Outcome>> {
        let answer = self.driver.start().await;
        let started = self.answer(answer)?;
        Ok(match started {
            Started::Url { url, session } => Ok(Begun { browser: session, url }),
            Started::Error { message, class, native } => {
                self.keep_logs();
                Err(Outcome::Rejected { class, native, message })
            }
        })
    }

    /// Begins a login in a connector that has forgotten what the service publishes; the refusal, where there is none.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn begins_anew(&mut self) -> Step<Result<Begun, Outcome>> {
        match self.try_configure().await? {
            Configured::Ok => {}
            Configured::ConfigError { message } => {
                return Ok(Err(Outcome::Rejected { class: Class::Config, native: Words::default(), message }));
            }
            Configured::Unsupported { message } => return Err(Stop::Skip(message.to_string())),
        }
        self.begin().await
    }

    /// A whole flow of a connector that has forgotten what the service publishes.
    ///
    /// # Errors
    /// When it cannot be gone through.
    pub async fn flow_anew(&mut self) -> Step<Outcome> {
        match self.try_configure().await? {
            Configured::Ok => self.flow().await,
            Configured::ConfigError { message } => {
                Ok(Outcome::Rejected { class: Class::Config, native: Words::default(), message })
            }
            Configured::Unsupported { message } => Err(Stop::Skip(message.to_string())),
        }
    }

    /// A whole flow in which one fault strikes as often as it can; only this flow is looked at from here on.
    ///
    /// # Errors
    /// When it cannot be gone through.
    pub async fn flow_with(&mut self, fault: &str) -> Step<Outcome> {
        let published = self.place_of(fault)?.stage.at.role == Role::Publishes;
        self.mark().await?;
        self.arm(fault, None).await?;
        let outcome = if published { self.flow_anew().await? } else { self.flow().await? };
        self.realm.disarm().await?;
        Ok(outcome)
    }

    /// The beginning of a flow in which one fault strikes before the browser comes: the outcome, where no login begins.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn begin_with(&mut self, fault: &str) -> Step<Option<Outcome>> {
        self.mark().await?;
        self.arm(fault, None).await?;
        let began = self.begins_anew().await?;
        self.realm.disarm().await?;
        Ok(began.err())
    }

    /// A usual flow, and its request to an endpoint.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`] when the endpoint was not called.
    pub async fn usual_call(&mut self, endpoint: &Endpoint) -> Step<Recorded> {
        self.configure().await?;
        self.mark().await?;
        self.flow().await?;
        self.when(format!("in the {} request", endpoint.name));
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
            Outcome::Accepted { person, .. } => Ok(person),
            Outcome::Rejected { class, message, .. } => {
                let (class, message) = (class_name(class), message.first_line());
                Err(Stop::Inconclusive(format!(
                    "the control failed: a flow without any fault was refused as {class}: {message}"
                )))
            }
            Outcome::Crash { message } => {
                let message = message.first_line();
                Err(Stop::Inconclusive(format!("the control failed: a flow without any fault crashed: {message}")))
            }
        }
    }
}
