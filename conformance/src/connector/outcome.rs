//! The verbs that judge how a flow ended: refused without a trace, or accepted as it was sent.

use super::session::{Place, Session};
use crate::connector::driver::{Class, Driver, Outcome};
use crate::connector::testbed::CANARY_ID;
use crate::connector::wire::parameters;
use crate::profile::{Endpoint, Secret};
use crate::text::short;
use crate::verdict::Step;
use serde_json::Value;

impl Session<'_> {
    /// The person must have been refused, without a trace of it; gives back the class.
    pub fn refused(&mut self, outcome: &Outcome) -> Option<Class> {
        let class = match outcome {
            Outcome::Accepted { .. } => {
                self.find("refuses, and gives the application no person", "the person was accepted");
                return None;
            }
            Outcome::Crash { message } => {
                self.find("refuses with an error of its own", format!("it crashed: {}", short(message)));
                Class::Other
            }
            Outcome::Rejected { class, .. } => *class,
        };
        self.no_leaks(outcome);
        Some(class)
    }

    /// Neither the canary nor a secret may turn up in what a refusing connector says.
    fn no_leaks(&mut self, outcome: &Outcome) {
        let said = serde_json::to_string(outcome).unwrap_or_default();
        let leaks: Vec<String> = self
            .secrets()
            .iter()
            .flat_map(|secret| {
                [("its answer", &said), ("its log", &self.logs)]
                    .into_iter()
                    .filter(|(_, place)| !secret.text.is_empty() && place.contains(&secret.text))
                    .map(|(name, _)| format!("{} stands in {name}", secret.what))
            })
            .collect();
        for leak in leaks {
            let fix = "Keep names, personal numbers, secrets, keys and tokens out of errors and logs: say what kind of thing was wrong, not its value";
            self.find_beside("keeps personal data and secrets out of errors and logs", &leak, fix);
        }
    }

    /// What must stay out of what the connector says: the canary, what the client keeps to itself, and the tokens it sent.
    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = vec![
            Secret { what: "the person's name", text: self.realm.scene().canary_name.clone() },
            Secret { what: "the person's NRIC", text: CANARY_ID.to_owned() },
        ];
        secrets.extend((self.profile.secrets)());
        let calls = self.profile.person_endpoint().map(|person| self.calls(person)).unwrap_or_default();
        let tokens = calls.iter().filter_map(|call| Some(call.header("authorization")?.rsplit_once(' ')?.1));
        secrets.extend(tokens.map(|token| Secret { what: "an access token", text: token.to_owned() }));
        let proofs: Vec<String> =
            self.all_calls().iter().filter_map(|call| call.header("dpop").map(str::to_owned)).collect();
        secrets.extend(proofs.into_iter().map(|text| Secret { what: "a proof", text }));
        let posted: Vec<(String, String)> = self.all_calls().iter().flat_map(parameters).collect();
        for (name, what) in self.profile.secret_parameters {
            let sent = posted.iter().filter(|(posted, _)| posted == name);
            secrets.extend(sent.map(|(_, value)| Secret { what, text: value.clone() }));
        }
        secrets
    }

    /// The code must have been exchanged once at most, unless the answer to that broke on its way.
    pub fn code_exchanged_once(&mut self, place: &Place) {
        let Some(endpoint) = self.profile.code_endpoint() else { return };
        let may_repeat = place.stage.at == endpoint && place.stage.is_whole_answer;
        if !may_repeat && self.calls(endpoint).len() > 1 {
            self.find("exchanges a code once", format!("{} was called more than once", endpoint.name));
        }
    }

    /// An endpoint must not have been called since the mark.
    pub fn no_call(&mut self, endpoint: &Endpoint) {
        let calls = self.calls(endpoint).len();
        if calls > 0 {
            let (name, times) = (endpoint.name, if calls == 1 { "once".to_owned() } else { format!("{calls} times") });
            self.find(format!("does not call {name}"), format!("{name} was called {times}"));
        }
    }

    /// The person must have been accepted, exactly as the server sent it.
    ///
    /// # Errors
    /// When the mock does not tell what it sent.
    pub async fn accepted(&mut self, outcome: &Outcome) -> Step {
        let person = match outcome {
            Outcome::Accepted { person, .. } => person,
            Outcome::Rejected { class, message, .. } => {
                self.find("accepts", format!("it was refused as {}: {}", class_name(*class), short(message)));
                return Ok(());
            }
            Outcome::Crash { message } => {
                self.find("accepts", format!("it crashed: {}", short(message)));
                return Ok(());
            }
        };
        if !self.driver.can("person") {
            return Ok(());
        }
        let event = self.profile.person_endpoint().map_or("", |person| person.name);
        let sent = self.journal(&format!("&event={event}")).await?;
        let sent = sent.last().map(|exchange| sent_person(exchange, self.profile.person_sent)).unwrap_or_default();
        if *person != sent {
            self.find("gives the application the person as it was sent", difference(&sent, person));
        }
        Ok(())
    }
}

/// The person of an exchange: out of the opened document, or, from the sandbox, the answer itself.
fn sent_person(exchange: &Value, place: &str) -> Value {
    let document = exchange.pointer(place).filter(|person| !person.is_null()).cloned();
    let plain = || serde_json::from_str(exchange.pointer("/answer/body")?.as_str()?).ok();
    document.or_else(plain).unwrap_or_default()
}

/// The wire name of a class.
pub fn class_name(class: Class) -> String {
    serde_json::to_value(class).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The first place at which two documents differ. Personal data are made up, so they may be shown.
pub fn difference(sent: &Value, got: &Value) -> String {
    fn walk(path: &str, sent: &Value, got: &Value) -> Option<String> {
        if sent == got {
            return None;
        }
        if let (Value::Object(one), Value::Object(other)) = (sent, got) {
            let names = one.keys().chain(other.keys());
            return names.into_iter().find_map(|name| {
                let path = format!("{path}/{name}");
                walk(&path, one.get(name).unwrap_or(&Value::Null), other.get(name).unwrap_or(&Value::Null))
            });
        }
        Some(format!("at {path}: {} was sent, {} arrived", short(&sent.to_string()), short(&got.to_string())))
    }
    walk("", sent, got).unwrap_or_else(|| "they differ".to_owned())
}
