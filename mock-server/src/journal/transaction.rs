//! Exchanges put together to transactions: one login from authorise to person.

use super::Exchange;
use super::mask::Mask;
use super::told_error;
use crate::examination::{Link, Verdict};
use crate::protocol::Kind;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The outcome of a transaction to which more may come.
pub(crate) const UNDER_WAY: &str = "under-way";
/// The outcome of one that has all that it was for.
pub(crate) const COMPLETE: &str = "complete";
/// The outcome of one whose last answer told an error that no rule asked for.
const ENDED: &str = "ended";

/// The outcome of one whose answer did not come whole.
const BROKEN_OFF: &str = "broken-off";
/// The outcome of one in which a rule was broken.
const REFUSED: &str = "refused";
/// Every outcome there is.
pub(crate) const OUTCOMES: [&str; 5] = [UNDER_WAY, COMPLETE, ENDED, BROKEN_OFF, REFUSED];

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
    /// How it ended, where the outcome is `ended`: the error code that the application got, or the status of the last answer.
    pub(crate) ended: Option<String>,
    /// `under-way`, `complete`, `ended` (the browser went back with an error), `broken-off` or `refused`.
    pub(crate) outcome: &'static str,
    pub(crate) events: Vec<&'static str>,
    /// The ids of the rules that were broken, also of those that a fault made the server overlook.
    pub(crate) broken: Vec<&'static str>,
    /// What the first refusal rests on.
    pub(crate) cause: Option<String>,
    pub(crate) faults: Vec<&'static str>,
    pub(crate) exchanges: Vec<u64>,
    /// By what else a search finds it, shown or not: the persons in full, and every error that was told.
    #[serde(skip)]
    found_by: Vec<String>,
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
    let outcome = outcome(exchanges);
    let ended =
        exchanges.last().filter(|_| outcome == ENDED).map(|last| mask.text(&told_error::in_words(&last.answer)));
    Some(TransactionView {
        number: first.transaction,
        began: first.at.rfc3339(),
        milliseconds: exchanges.last().map_or(0, |last| last.at.0.saturating_sub(first.at.0)),
        client: exams().find_map(|exam| exam.client.clone()),
        state,
        persona: exams().filter_map(|exam| exam.persona.as_deref()).next_back().map(|persona| mask.text(persona)),
        ended,
        outcome,
        events: exchanges.iter().map(|exchange| exchange.event.name()).collect(),
        broken: broken.collect(),
        cause,
        faults: exams().flat_map(|exam| exam.faults.iter().copied()).collect(),
        exchanges: exchanges.iter().map(|exchange| exchange.number).collect(),
        found_by: found_by(exchanges, mask),
    })
}

/// The persons of a transaction, each with id and name, and the errors that its answers told.
fn found_by(exchanges: &[Arc<Exchange>], mask: Mask<'_>) -> Vec<String> {
    let ids: BTreeSet<&str> = exchanges.iter().filter_map(|exchange| exchange.exam.persona.as_deref()).collect();
    let people = ids.iter().flat_map(|id| {
        let known = mask.book.personas.find(id);
        [Some((*id).to_owned()), known.map(|persona| persona.id.clone()), known.map(|persona| persona.name.clone())]
    });
    let answers = exchanges.iter().map(|exchange| &exchange.answer);
    let errors = answers.flat_map(|answer| [told_error::sent_on(answer), told_error::in_body(answer)]);
    people.chain(errors).flatten().collect()
}

impl TransactionView {
    /// Whether every word stands in it: in its number, outcome, client, person (also in full, where it is shown masked), state,
    /// events, rules, faults, cause or errors.
    pub(crate) fn holds(&self, words: &str) -> bool {
        let number = self.number.to_string();
        let texts = [&self.client, &self.persona, &self.state, &self.cause, &self.ended].into_iter().flatten();
        let texts = texts.chain([&number]).chain(&self.found_by).map(String::as_str);
        let names = self.events.iter().chain(&self.broken).chain(&self.faults).chain([&self.outcome]).copied();
        let struck = ["faults", "fault:"].into_iter().filter(|_| !self.faults.is_empty());
        let told = texts.chain(names).chain(struck).map(str::to_lowercase);
        let told: Vec<String> = told.collect();
        words.to_lowercase().split_whitespace().all(|word| told.iter().any(|text| text.contains(word)))
    }
}

fn outcome(exchanges: &[Arc<Exchange>]) -> &'static str {
    let Some(last) = exchanges.last() else { return UNDER_WAY };
    if exchanges.iter().any(|exchange| exchange.exam.refused()) {
        return REFUSED;
    }
    let ended = told_error::sent_on(&last.answer).is_some();
    let person = last.event.kind() == Some(Kind::Person) || last.exam.completes;
    if exchanges.iter().any(|exchange| exchange.answer.delivery.breaks_off().is_some()) {
        BROKEN_OFF
    } else if ended || last.answer.status.as_u16() >= 400 {
        ENDED
    } else if person {
        COMPLETE
    } else {
        UNDER_WAY
    }
}
