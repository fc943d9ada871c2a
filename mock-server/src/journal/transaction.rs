//! Exchanges put together to transactions: one login from authorise to person.

use super::Exchange;
use super::mask::Mask;
use crate::examination::{Link, Verdict};
use crate::http::exchange::Delivery;
use crate::protocol::Kind;
use serde::Serialize;
use std::sync::Arc;
use warp::http::header;

/// The outcome of a transaction to which more may come.
pub(crate) const UNDER_WAY: &str = "under-way";
/// The outcome of one that has all that it was for.
pub(crate) const COMPLETE: &str = "complete";

/// One transaction.
#[derive(Debug, Serialize)]
pub(crate) struct TransactionView {
    pub(crate) number: u64,
    pub(crate) began: String,
    /// From its first exchange to its last.
    pub(crate) milliseconds: u64,
    pub(crate) client: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) persona: Option<String>,
    /// `under-way`, `complete`, `ended` (the browser went back with an error), `broken-off` or `refused`.
    pub(crate) outcome: &'static str,
    pub(crate) events: Vec<&'static str>,
    /// The ids of the rules that were broken, also of those that a fault made the server overlook.
    pub(crate) broken: Vec<&'static str>,
    /// What the first refusal rests on.
    pub(crate) cause: Option<String>,
    pub(crate) faults: Vec<&'static str>,
    pub(crate) exchanges: Vec<u64>,
}

/// One transaction out of its exchanges.
pub(crate) fn transaction(exchanges: &[Arc<Exchange>], mask: Mask<'_>) -> Option<TransactionView> {
    let first = exchanges.first()?;
    let exams = || exchanges.iter().map(|exchange| &exchange.exam);
    let state = exams().flat_map(|exam| &exam.links).find_map(|link| match link {
        Link::State { state, .. } => Some(mask.value("state", state)),
        Link::RequestUri(_) | Link::Login(_) | Link::Code(_) | Link::Token(_) => None,
    });
    let cause = exams().find_map(|exam| exam.refusal()).map(|refusal| mask.text(&refusal.hint));
    let broken = exams().flat_map(|exam| &exam.verdicts).filter_map(Verdict::refusal).map(|refusal| refusal.rule.id);
    Some(TransactionView {
        number: first.transaction,
        began: first.at.rfc3339(),
        milliseconds: exchanges.last().map_or(0, |last| last.at.0.saturating_sub(first.at.0)),
        client: exams().find_map(|exam| exam.client.clone()),
        state,
        persona: exams().filter_map(|exam| exam.persona.as_deref()).next_back().map(|persona| mask.text(persona)),
        outcome: outcome(exchanges),
        events: exchanges.iter().map(|exchange| exchange.event.name()).collect(),
        broken: broken.collect(),
        cause,
        faults: exams().flat_map(|exam| exam.faults.iter().copied()).collect(),
        exchanges: exchanges.iter().map(|exchange| exchange.number).collect(),
    })
}

impl TransactionView {
    /// Whether every word stands in it: in its number, outcome, client, person, state, events, rules, faults or cause.
    pub(crate) fn holds(&self, words: &str) -> bool {
        let number = self.number.to_string();
        let texts =
            [Some(&number), self.client.as_ref(), self.persona.as_ref(), self.state.as_ref(), self.cause.as_ref()];
        let names = self.events.iter().chain(&self.broken).chain(&self.faults).chain([&self.outcome]).copied();
        let told = texts.into_iter().flatten().map(String::as_str).chain(names).map(str::to_lowercase);
        let told: Vec<String> = told.collect();
        words.to_lowercase().split_whitespace().all(|word| told.iter().any(|text| text.contains(word)))
    }
}

fn outcome(exchanges: &[Arc<Exchange>]) -> &'static str {
    let Some(last) = exchanges.last() else { return UNDER_WAY };
    if exchanges.iter().any(|exchange| exchange.exam.refused()) {
        return "refused";
    }
    let location = last.answer.headers.iter().find(|(name, _)| name == header::LOCATION);
    let ended = location
        .and_then(|(_, value)| value.to_str().ok())
        .is_some_and(|text| text.contains("?error=") || text.contains("&error="));
    let person = last.event.kind() == Some(Kind::Person) || last.exam.completes;
    if exchanges.iter().any(|exchange| matches!(exchange.answer.delivery, Delivery::Cut | Delivery::Stalled)) {
        "broken-off"
    } else if ended || last.answer.status.as_u16() >= 400 {
        "ended"
    } else if person {
        COMPLETE
    } else {
        UNDER_WAY
    }
}
