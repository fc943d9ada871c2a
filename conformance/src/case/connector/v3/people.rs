//! Cases of people whom patterns forget: numbers, names, children, homes and blanks as real people have them.

use super::authorise::gov;
use super::data::{arrives, ask_for, ask_for_more, item};
use crate::case::connector::{ConnectorCase, accepts, verbs};
use crate::connector::session::Session;
use crate::verdict::{Level, Step};
use serde_json::{Value, json};

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "v3.data.people",
        code: "V3-DATA-09",
        level: Level::Must,
        clauses: &["v3-data-people", "v3-data-json"],
        other: "logs in people with a FIN of the M series, a name of one word, of 66 characters or without a surname, and a birth date that has not come yet where the client is",
        good: "delivers each",
        why: "A pattern that was written for the people one knows shuts others out, and they have no other way to log in",
        fix: "Check of a number, a name or a date of birth that it is there, not how it looks: the service has checked it",
        plan: verbs!(people),
    },
    ConnectorCase {
        id: "v3.data.members-missing",
        code: "V3-DATA-10",
        level: Level::Must,
        clauses: &["v3-data-members-missing", "v3-data-lists"],
        other: "sends a child of 21 or more, of whom there is the certificate's number alone, a child without a name, no vehicles, and a home without floor and unit",
        good: "delivers what is there, without a crash",
        why: "Reading a member of a record that has not got it ends in an exception, for a few people and on no test account",
        fix: "Look whether a member is there before you read it, and pass records on as they are",
        plan: verbs!(members_missing),
    },
    ConnectorCase {
        id: "v3.data.blank",
        code: "V3-DATA-11",
        level: Level::Must,
        clauses: &["v3-data-unavailable", "v3-data-json"],
        other: "sends a blank occupation, e-mail address, Hanyu Pinyin name and building with all that says where they are from, and an item that has nothing else",
        good: "delivers them: blank is blank, neither an error nor absent",
        why: "Most people have a blank item, and a check that wants a value refuses them after they have consented",
        fix: "Let every item be blank, and decide in the application which ones it cannot do without",
        plan: verbs!(blank, with["data-envelope-alone"]),
    },
];

/// Somebody, whose items the cases change.
const SOMEBODY: &str = "S9000002F";
/// A number of the M series, which began in 2022.
const FOREIGNER: &str = "M5012345J";
/// Names that are right, and what is particular about them. The longest has 66 characters, the most that there can be.
const NAMES: [(&str, &str); 3] = [
    ("a name of one word", "SUKARNO"),
    ("a name without a surname", "KUMARAN A/L MUNUSAMY"),
    ("a name of 66 characters", "PUVANESWARAN VENKATASUBRAMANIAM SATHIYAMOORTHY S/O BALASUBRAMANIAM"),
];

pub(super) async fn people(session: &mut Session<'_>) -> Step {
    ask_for(session, &["uinfin", "name", "dob"]).await?;
    for (what, name) in NAMES {
        session.realm.persona(SOMEBODY, json!({"name": item(name)})).await?;
        arrives(session, SOMEBODY, what).await?;
    }
    session.realm.persona(SOMEBODY, json!({"dob": item("today+1d")})).await?;
    arrives(session, SOMEBODY, "a date of birth of tomorrow, as a clock in another time zone sees it").await?;
    session.realm.persona(FOREIGNER, json!({})).await?;
    arrives(session, FOREIGNER, "a FIN of the M series").await?;
    if gov(session).is_err() {
        let who = session.kind().name();
        session.note(format!("not for government: {who} does not claim it"));
        return Ok(());
    }
    session.configure().await?;
    arrives(session, FOREIGNER, "a FIN of the M series, for government").await
}

pub(super) async fn members_missing(session: &mut Session<'_>) -> Step {
    let child = ["birthcertno", "name", "dob"].map(|member| format!("childrenbirthrecords.{member}"));
    let [number, name, born] = &child;
    ask_for(session, &["name", "regadd"]).await?;
    ask_for_more(session, &["vehicles.vehicleno", number, name, born]).await?;
    let grown = child_record(&[("birthcertno", "S9000101A"), ("name", "GROWN UP"), ("dob", "today-30y")]);
    session.realm.persona(SOMEBODY, json!({"childrenbirthrecords": [grown]})).await?;
    arrives(session, SOMEBODY, "a child of 30 years, of whom there is the number alone").await?;
    let unnamed = child_record(&[("birthcertno", "T2400102B"), ("dob", "today-1y")]);
    session.realm.persona(SOMEBODY, json!({"childrenbirthrecords": [unnamed]})).await?;
    arrives(session, SOMEBODY, "a child without a name").await?;
    session.realm.persona(SOMEBODY, json!({"vehicles": []})).await?;
    arrives(session, SOMEBODY, "no vehicles").await?;
    session.realm.persona(SOMEBODY, json!({"regadd": {"floor": null, "unit": null}})).await?;
    arrives(session, SOMEBODY, "a home without floor and unit").await
}

/// The record of a child with some members.
fn child_record(members: &[(&str, &str)]) -> Value {
    let envelope = [("lastupdated", "2023-01-01"), ("source", "1"), ("classification", "C")];
    let envelope = envelope.map(|(name, value)| (name.to_owned(), json!(value)));
    let members = members.iter().map(|(name, value)| ((*name).to_owned(), json!({"value": value})));
    Value::Object(envelope.into_iter().chain(members).collect())
}

pub(super) async fn blank(session: &mut Session<'_>) -> Step {
    ask_for(session, &["email", "name", "occupation", "hanyupinyinname", "regadd"]).await?;
    for name in ["occupation", "email", "hanyupinyinname"] {
        session.realm.persona(SOMEBODY, json!({name: item("")})).await?;
        arrives(session, SOMEBODY, &format!("a blank {name}")).await?;
    }
    session.realm.persona(SOMEBODY, json!({"regadd": {"building": {"value": ""}}})).await?;
    arrives(session, SOMEBODY, "a blank building").await?;
    accepts(session, "data-envelope-alone").await
}
