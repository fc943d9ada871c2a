//! The verbs that judge how a flow ended: refused without a trace, or accepted as it was sent.

use super::session::{Place, Session};
use crate::connector::driver::{Class, Driver, Outcome};
use crate::masked::masked;
use crate::profile::Endpoint;
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
                self.find("refuses with an error of its own", format!("it crashed: {}", message.short()));
                Class::Other
            }
            Outcome::Rejected { class, .. } => *class,
        };
        self.no_leaks(outcome);
        Some(class)
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
                self.find("accepts", format!("it was refused as {}: {}", class_name(*class), message.short()));
                return Ok(());
            }
            Outcome::Crash { message } => {
                self.find("accepts", format!("it crashed: {}", message.short()));
                return Ok(());
            }
        };
        if !self.driver.can("person") {
            return Ok(());
        }
        let event = self.profile.person_endpoint().map_or("", |person| person.name);
        let sent = self.journal(&format!("&event={event}")).await?;
        let sent = sent.last().map(|exchange| sent_person(exchange, self.profile.person_sent)).unwrap_or_default();
        let (person, sent) = (self.items(person.clone()), self.items(sent));
        if person.is_null() {
            self.find("gives the application the person as it was sent", "it accepted, and gave no person");
        } else if person != sent {
            self.find("gives the application the person as it was sent", difference(&sent, &person));
        }
        Ok(())
    }

    /// The person without what stands beside the items.
    fn items(&self, mut person: Value) -> Value {
        if let Value::Object(members) = &mut person {
            members.retain(|name, _| !self.profile.beside_person.contains(&name.as_str()));
        }
        person
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

/// The first place at which two documents differ. What was sent is made up and may be shown; what arrived may be anything.
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
        let path = if path.is_empty() { "the root" } else { path };
        Some(format!("at {path}: {} was sent, {} arrived", short(&sent.to_string()), short(&masked(&got.to_string()))))
    }
    walk("", sent, got).unwrap_or_else(|| "they differ".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_arrived_is_shown_without_what_looks_secret() {
        let sent = json!({"name": {"value": "TAN"}});
        let told = difference(&sent, &json!("<p>Welcome, S9000001H</p>"));
        assert!(told.starts_with("at the root: ") && told.contains("*****001H"), "{told}");
        assert!(!told.contains("S9000001H"), "{told}");
    }
}
