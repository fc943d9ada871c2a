//! Journal assertions: what a test expects of the exchanges so far, checked in one call.

use super::clients::unknown as unknown_client;
use super::clock::read_moment;
use super::request::{AdminError, Ask, json};
use crate::http::exchange::Answer;
use crate::journal::Exchange;
use crate::journal::filter::Filter;
use crate::protocol::Protocols;
use crate::text::{counted, meant};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use warp::http::StatusCode;

/// What is expected; everything that is there must hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// Only exchanges of this client count.
    client: Option<String>,
    /// Only exchanges with a greater number count.
    #[serde(default)]
    after: u64,
    /// Only exchanges at this moment or later count.
    since: Option<Value>,
    /// Whether no rule was broken (true), or at least one (false).
    no_rule_broken: Option<bool>,
    /// Rules that must have been broken.
    #[serde(default)]
    broken: Vec<String>,
    /// How often each event happened, exactly.
    #[serde(default)]
    called: BTreeMap<String, usize>,
}

impl Expected {
    /// Whether anything is to hold: conditions alone would pass whatever happened.
    fn expects_something(&self) -> bool {
        self.no_rule_broken.is_some() || !self.broken.is_empty() || !self.called.is_empty()
    }
}

fn nothing_expected(sent: &Value) -> AdminError {
    let sent: String = sent.to_string().chars().take(80).collect();
    AdminError::bad(format!(
        "nothing is expected in what was received, `{sent}`, so that it would always pass: at least one of \
         `no_rule_broken`, `broken` and `called` is needed, the last two not empty (`client`, `after` and `since` only \
         choose exchanges); send {{\"no_rule_broken\": true}}, for example"
    ))
}

/// `POST assertions`: 200 when everything holds, 422 when not; both say what was found.
pub(super) fn check(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let expected: Expected = ask.body()?;
    let since = expected.since.as_ref().map(read_moment).transpose()?;
    if let Some(client) = &expected.client {
        let book = ask.app.book();
        book.client(client).ok_or_else(|| AdminError::bad(unknown_client(&book, client).to_string()))?;
    }
    if !expected.expects_something() {
        return Err(nothing_expected(&ask.body()?));
    }
    let filter = Filter { client: expected.client.clone(), after: expected.after, since, ..Filter::default() };
    let exchanges = ask.app.journal.select(&filter);
    let mut failures = Vec::new();
    let (_, oldest) = ask.app.journal.span();
    if expected.after > 0 && oldest > expected.after + 1 {
        failures.push(json!({
            "expected": format!("every exchange behind {} is kept", expected.after),
            "found": format!("the journal holds those from {oldest} on: raise `journal_exchanges`, or assert more often"),
        }));
    }
    check_rules(&ask.app.protocols, &expected, &exchanges, &mut failures)?;
    for (event, wanted) in &expected.called {
        let names = ask.app.protocols.events();
        if !names.contains(&event.as_str()) {
            let near = meant(event, names.iter().copied());
            return Err(AdminError::bad(format!("`{event}` is no event; there are {}{near}", names.join(", "))));
        }
        let found = exchanges.iter().filter(|exchange| exchange.event.name() == event).count();
        if found != *wanted {
            let (wanted, found) = (counted(*wanted, "time"), counted(found, "time"));
            failures.push(json!({"expected": format!("{event} called {wanted}"), "found": found}));
        }
    }
    let status = if failures.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(json(status, &json!({"passed": failures.is_empty(), "exchanges": exchanges.len(), "failures": failures})))
}

fn check_rules(
    protocols: &Protocols,
    expected: &Expected,
    exchanges: &[Arc<Exchange>],
    failures: &mut Vec<Value>,
) -> Result<(), AdminError> {
    let broken: Vec<(u64, &str)> = exchanges
        .iter()
        .flat_map(|exchange| exchange.exam.verdicts.iter().map(move |verdict| (exchange.number, verdict)))
        .filter_map(|(number, verdict)| Some((number, verdict.refusal()?.rule.id)))
        .collect();
    let list = || broken.iter().map(|(number, rule)| format!("{rule} in exchange {number}")).collect::<Vec<_>>();
    if expected.no_rule_broken == Some(true) && !broken.is_empty() {
        failures.push(json!({"expected": "no rule was broken", "found": list()}));
    }
    if expected.no_rule_broken == Some(false) && broken.is_empty() {
        failures.push(json!({"expected": "a rule was broken", "found": "none was"}));
    }
    for wanted in &expected.broken {
        if !protocols.rules().any(|rule| rule.id == wanted) {
            let known = protocols.rules().map(|rule| rule.id);
            let near = meant(wanted, known);
            return Err(AdminError::bad(format!("there is no rule `{wanted}`{near}; GET /_mock/rules lists them")));
        }
        if !broken.iter().any(|(_, rule)| rule == wanted) {
            failures.push(json!({"expected": format!("{wanted} was broken"), "found": list()}));
        }
    }
    Ok(())
}
