//! Cases of the person's data: what has to arrive as it was sent.

use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::session::Session;
use crate::verdict::{Level, Step};
use serde_json::{Value, json};

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "fapi.data.missing",
        code: "F-UI-14",
        level: Level::Must,
        clauses: &["fapi-person-info"],
        other: "leaves out an item that was asked for, or adds one that was not",
        good: "accepts both, and passes on what is there",
        why: "Some people have no such item; a reader that demands it refuses them after they have consented",
        fix: "Treat every item of person_info as optional, and ignore those that you do not know",
        plan: Plan::Accept(&["fapi-data-missing-item", "fapi-data-extra-item"]),
    },
    ConnectorCase {
        id: "fapi.data.gaps",
        code: "F-UI-20",
        level: Level::Must,
        clauses: &["fapi-person-info"],
        other: "marks an item as unavailable, sends items without metadata, from another source, with unknown codes, and blank ones",
        good: "delivers each as it was sent",
        why: "There are four kinds of nothing, and they mean different things to an application",
        fix: "Pass items on as they are, and let the application decide which ones it cannot do without",
        plan: verbs!(gaps, with["fapi-data-unavailable", "fapi-data-no-metadata", "fapi-data-source-user", "fapi-data-unknown-codes"]),
    },
    ConnectorCase {
        id: "fapi.data.texts",
        code: "F-UI-28",
        level: Level::Must,
        clauses: &["fapi-person-info"],
        other: "sends a name with quotes, backslashes, markup and Chinese characters",
        good: "delivers it byte for byte",
        why: "Names are not ASCII, and a name that is changed is another name",
        fix: "Read JSON with a parser, keep UTF-8 throughout, and encode where you show",
        plan: Plan::Accept(&["fapi-data-nasty-text"]),
    },
    ConnectorCase {
        id: "fapi.data.numbers",
        code: "F-UI-29",
        level: Level::Should,
        clauses: &["fapi-person-info"],
        other: "sends an amount that no 64-bit float holds",
        good: "delivers it to the last digit",
        why: "Amounts are money",
        fix: "Read numbers as decimals, or pass the JSON text on",
        plan: verbs!(numbers, with["fapi-data-precise-numbers"]),
    },
    ConnectorCase {
        id: "fapi.data.people",
        code: "F-UI-23",
        level: Level::Must,
        clauses: &["fapi-person-info"],
        other: "logs in people whom patterns forget: a FIN of the M series, a name of one word, of 66 characters, without a surname",
        good: "delivers each",
        why: "A pattern that was written for the people one knows shuts others out",
        fix: "Check of a number or a name that it is there, not how it looks: the service has checked it",
        plan: verbs!(people),
    },
];

/// Somebody, whose items the cases change.
const SOMEBODY: &str = "S9000002F";
/// A number of the M series, which began in 2022.
const FOREIGNER: &str = "M5012345J";
/// Names that are right: of one word, without a surname, of 66 characters, which is the longest.
const NAMES: [&str; 3] =
    ["SUKARNO", "KUMARAN A/L MUNUSAMY", "PUVANESWARAN VENKATASUBRAMANIAM SATHIYAMOORTHY S/O BALASUBRAMANIAM"];

fn item(value: &str) -> Value {
    json!({"lastupdated": "2023-01-01", "source": "1", "classification": "C", "value": value})
}

/// The flow of somebody, whose person must arrive.
async fn arrives(session: &mut Session<'_>, persona: &str, what: &str) -> Step {
    session.when(format!("with {what}"));
    session.mark().await?;
    let outcome = session.flow_as(persona).await?;
    session.accepted(&outcome).await
}

pub(super) async fn gaps(session: &mut Session<'_>) -> Step {
    session.need("person")?;
    session.ready().await?;
    for fault in session.faults() {
        super::super::accepts(session, fault).await?;
    }
    for name in ["email", "name"] {
        session.realm.persona(SOMEBODY, json!({name: item("")})).await?;
        arrives(session, SOMEBODY, &format!("a blank {name}")).await?;
    }
    Ok(())
}

pub(super) async fn numbers(session: &mut Session<'_>) -> Step {
    session.need("person")?;
    session.setup.fapi_mut().scopes.push_str(" cpfbalances.oa");
    session.ready().await?;
    super::super::accepts(session, "fapi-data-precise-numbers").await
}

pub(super) async fn people(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    for name in NAMES {
        session.realm.persona(SOMEBODY, json!({"name": item(name)})).await?;
        arrives(session, SOMEBODY, &format!("the name {name}")).await?;
    }
    session.realm.persona(FOREIGNER, json!({})).await?;
    arrives(session, FOREIGNER, "a FIN of the M series").await
}
