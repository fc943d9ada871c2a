//! The playground: the next request of a login, to be changed and sent, and what the last one brought.

use super::filters;
use super::render;
use crate::http::exchange::Answer;
use crate::journal::view::{ExchangeView, ProblemView};
use crate::refusal::Failure;
use askama::Template;
use serde_json::Value;

/// The page.
#[derive(Template)]
#[template(path = "playground.html")]
pub(crate) struct PlaygroundPage<'a> {
    pub(crate) base: &'a str,
    /// What is played, and all that can be.
    pub(crate) play: &'static str,
    pub(crate) titles: Vec<(&'static str, &'static str)>,
    /// What its steps are called, each with what it is for.
    pub(crate) steps: Vec<(&'static str, &'static str)>,
    pub(crate) persona: &'a str,
    pub(crate) personas: Vec<(&'a str, &'a str)>,
    /// What is known so far, as JSON.
    pub(crate) memo: String,
    pub(crate) prepared: Prepared,
    pub(crate) heard: Option<Heard>,
    /// The login page, where the last request led there: nobody was named who logs in.
    pub(crate) login: Option<&'a str>,
    /// The address that was pasted as its end, where it is none.
    pub(crate) pasted: &'a str,
    /// Why the request was not sent, or brought nothing to go on with.
    pub(crate) problem: Option<String>,
}

impl PlaygroundPage<'_> {
    fn is_played(&self, id: &str) -> bool {
        id == self.play
    }

    fn logs_in(&self, id: &str) -> bool {
        id == self.persona
    }

    /// Whether the login has all that it was for.
    fn done(&self) -> bool {
        let last = self.prepared.place + 1 == self.steps.len();
        last && self.heard.as_ref().is_some_and(|heard| heard.place == self.prepared.place && heard.whole)
    }

    /// Whether the last request has to be sent again.
    fn again(&self) -> bool {
        self.heard.as_ref().is_some_and(|heard| heard.place == self.prepared.place) && !self.done()
    }
}

/// A request that is ready to be sent.
pub(crate) struct Prepared {
    pub(crate) place: usize,
    pub(crate) method: String,
    pub(crate) url: String,
    /// A line each.
    pub(crate) headers: String,
    pub(crate) body: String,
    /// Whether it can be signed anew.
    pub(crate) signs: bool,
}

/// What an answer was.
pub(crate) struct Heard {
    pub(crate) place: usize,
    status: String,
    good: bool,
    /// Whether a client has all of it: it came whole, succeeded, what was encrypted in it opens, and it is of this login.
    whole: bool,
    headers: String,
    body: String,
    /// What was signed and encrypted in it.
    opened: Vec<Opened>,
    unlike: Vec<Unlike>,
    /// The armed faults that struck.
    faults: Vec<&'static str>,
    /// What it asks for that the request below has now.
    pub(crate) demand: Option<&'static str>,
    problem: Option<ProblemView>,
    /// What the broken rule demands.
    rule: &'static str,
    notes: Vec<String>,
    transaction: Option<u64>,
    exchange: u64,
}

/// What came back otherwise than it was sent: a relying party refuses it.
pub(crate) struct Unlike {
    /// Where it came, as a sentence begins with it.
    pub(crate) place: &'static str,
    pub(crate) name: &'static str,
    pub(crate) expected: String,
    pub(crate) came: String,
}

/// What an answer brought.
pub(crate) struct Brought<'a> {
    pub(crate) answer: &'a Answer,
    pub(crate) opened: Vec<Opened>,
    pub(crate) unlike: Vec<Unlike>,
}

/// A document that was opened with a client's key, as far as that went.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) title: &'static str,
    /// Its layers from outside to inside, each with its JSON.
    pub(crate) layers: Vec<(&'static str, String)>,
    /// Why there is no more of it.
    pub(crate) problem: Option<String>,
}

impl Heard {
    /// An answer and what was found in it, with what the journal knows of it.
    pub(crate) fn new(place: usize, brought: Brought<'_>, seen: Option<ExchangeView>) -> Self {
        let Brought { answer, opened, unlike } = brought;
        let headers = answer.headers.iter();
        let headers = headers.map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())));
        let status = answer.status;
        let broken = |seen: &ExchangeView| seen.refused.as_ref().map(|problem| problem.rule);
        let broken =
            |seen: &ExchangeView| seen.rules.iter().find(|rule| Some(rule.id) == broken(seen)).map(|rule| rule.says);
        let broken_off = answer.delivery.breaks_off().map(|how| format!("An armed fault {how}."));
        let believed = unlike.is_empty() && opened.iter().all(|document| document.problem.is_none());
        let notes = seen.iter().flat_map(|seen| seen.notes.iter().map(|note| note.text.clone()));
        Self {
            place,
            status: status.to_string(),
            good: broken_off.is_none() && (status.is_success() || status.is_redirection()),
            whole: broken_off.is_none() && status.is_success() && !answer.body.is_empty() && believed,
            headers: headers.collect::<Vec<_>>().join("\n"),
            body: body(answer),
            opened,
            unlike,
            faults: seen.as_ref().map(|seen| seen.faults.clone()).unwrap_or_default(),
            demand: None,
            notes: broken_off.into_iter().chain(notes).collect(),
            transaction: seen.as_ref().map(|seen| seen.transaction),
            exchange: seen.as_ref().map_or(0, |seen| seen.number),
            rule: seen.as_ref().and_then(broken).unwrap_or_default(),
            problem: seen.and_then(|seen| seen.refused),
        }
    }
}

/// A body for a person to read: JSON indented.
fn body(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    match serde_json::from_str::<Value>(&text) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => format!("{value:#}"),
        _ => text.into_owned(),
    }
}

/// Renders the playground.
pub(crate) fn playground(page: &PlaygroundPage<'_>) -> Result<Answer, Failure> {
    render(page)
}
