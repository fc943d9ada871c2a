//! How many of a set of mistakes the doctor names exactly, vaguely or wrongly; the set was written down before the doctor
//! learned its kinds. `docs/doctor.md` has the figures.

mod forms;
mod raw;
mod requests;
mod signed;
mod tokens;
mod unusual;

use serde_json::Value;
use std::collections::BTreeSet;

/// A mistake of the set.
pub(crate) struct Row {
    /// What was done, for the report.
    pub(crate) name: &'static str,
    /// The ids of the mistakes that are to be proved: all of them and no other.
    pub(crate) ids: &'static [&'static str],
    /// A part of what is to be said.
    pub(crate) says: &'static str,
}

/// What the doctor made of a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Exactly,
    Vaguely,
    Wrongly,
    Accepted,
}

/// What came of a row, and what was said.
pub(crate) type Judged = (&'static str, Outcome, String);

impl Row {
    /// Judges the problem of an exchange, `null` where there was none.
    pub(crate) fn judge(&self, problem: &Value) -> Judged {
        let said = problem["cause"].as_str().unwrap_or_default();
        let proved: BTreeSet<&str> =
            problem["mistakes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let wanted: BTreeSet<&str> = self.ids.iter().copied().collect();
        let outcome = if problem.is_null() {
            Outcome::Accepted
        } else if proved == wanted && said.contains(self.says) {
            Outcome::Exactly
        } else if !proved.is_subset(&wanted)
            || said.starts_with("another key signed")
            || said.contains("altered on its way")
        {
            Outcome::Wrongly
        } else {
            Outcome::Vaguely
        };
        (self.name, outcome, format!("{proved:?} {said}"))
    }

    /// Judges a report in text.
    pub(crate) fn judge_text(&self, healthy: bool, text: &str) -> Judged {
        let outcome = match (healthy, text.contains(self.says)) {
            (true, _) => Outcome::Accepted,
            (false, true) => Outcome::Exactly,
            (false, false) => Outcome::Vaguely,
        };
        (self.name, outcome, text.replace('\n', " | "))
    }
}

/// Every id that a row expects.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    signed::ids().chain(raw::ids()).flatten().copied()
}

/// So many rows are there at least, and so many of them are named exactly. None may be named wrongly, or accepted.
#[expect(clippy::print_stdout, reason = "the figures are read with --nocapture")]
fn measured(judged: &[Judged], rows: usize, exactly: usize) {
    let count = |wanted| judged.iter().filter(|(_, outcome, _)| *outcome == wanted).count();
    for (name, outcome, said) in judged.iter().filter(|(_, outcome, _)| *outcome != Outcome::Exactly) {
        println!("{outcome:?}: {name}: {}", said.chars().take(300).collect::<String>());
    }
    let counts = [Outcome::Exactly, Outcome::Vaguely, Outcome::Wrongly, Outcome::Accepted].map(count);
    println!("{} mistakes: {counts:?} exactly, vaguely, wrongly, accepted", judged.len());
    assert!(judged.len() >= rows && counts[0] >= exactly, "{counts:?} of {}", judged.len());
    assert_eq!(counts[2..], [0, 0], "wrong is worse than vague: {counts:?}");
}

#[tokio::test]
async fn the_set_of_mistakes_in_what_was_signed_is_named_as_well_as_measured() {
    measured(&signed::judged().await, 104, 103);
}

#[tokio::test]
async fn the_set_of_mistakes_in_place_of_a_signature_is_named_as_well_as_measured() {
    measured(&forms::judged().await, 29, 29);
}

#[tokio::test]
async fn the_set_of_mistakes_on_the_wire_is_named_as_well_as_measured() {
    measured(&raw::judged().await, 14, 14);
}

#[tokio::test]
async fn the_set_of_mistakes_in_place_of_a_token_is_named_as_well_as_measured() {
    measured(&tokens::judged().await, 31, 30);
}

#[test]
fn the_set_of_mistakes_in_files_is_named_as_well_as_measured() {
    measured(&requests::judged(), 19, 19);
}
