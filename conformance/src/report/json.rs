//! The run as JSON, whole or line by line. `schema` counts the form's versions.

use super::label;
use super::moved::Moved;
use crate::case::Side;
use crate::clause::Clauses;
use crate::judged::Judged;
use crate::run::Outcome;
use serde_json::{Value, json};

fn head(outcome: &Outcome) -> Value {
    json!({
        "schema": 1,
        "suite": {"name": "myinfo-conformance", "version": env!("CARGO_PKG_VERSION")},
        "side": outcome.side,
        "target": target(outcome),
        "seed": outcome.seed,
        "strict": outcome.strict,
        "milliseconds": u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX),
        "summary": outcome.summary(),
        "mend_first": outcome.mend_first,
        "migration": Moved::of(outcome).map(|moved| moved.json()),
    })
}

/// What is known of the target: a driver tells more of itself than a server does.
fn target(outcome: &Outcome) -> Value {
    match outcome.side {
        Side::Connector => json!(outcome.target),
        Side::Server => json!({"name": outcome.target.name, "version": outcome.target.connector_version}),
    }
}

fn case(judged: &Judged, outcome: &Outcome, clauses: &Clauses) -> Value {
    let (case, side) = (&judged.case, outcome.side);
    let mut value = json!({
        "id": case.id,
        "code": case.code,
        "level": case.level.name(),
        "clauses": case.clauses,
        (side.other()): case.other,
        "good": case.good,
        "fix": case.fix,
    });
    if let (Value::Object(value), Some(label)) = (&mut value, label(outcome, judged, clauses)) {
        value.insert("label".to_owned(), label.into());
    }
    if let (Value::Object(value), Ok(Value::Object(result))) = (&mut value, serde_json::to_value(judged)) {
        value.extend(result);
    }
    value
}

/// One document.
pub(super) fn whole(outcome: &Outcome, clauses: &Clauses) -> String {
    let mut value = head(outcome);
    if let Value::Object(members) = &mut value {
        members
            .insert("cases".to_owned(), outcome.judged.iter().map(|judged| case(judged, outcome, clauses)).collect());
    }
    format!("{value:#}\n")
}

/// The run in the first line, then a line for each case.
pub(super) fn lines(outcome: &Outcome, clauses: &Clauses) -> String {
    let lines =
        std::iter::once(head(outcome)).chain(outcome.judged.iter().map(|judged| case(judged, outcome, clauses)));
    lines.fold(String::new(), |mut text, line| {
        text.push_str(&line.to_string());
        text.push('\n');
        text
    })
}
