//! Cases of the person's data: whatever the server sends arrives unchanged.

use super::authorise::gov;
use crate::case::connector::{ConnectorCase, Plan, verbs};
use crate::connector::session::Session;
use crate::profile::v3::TOKEN;
use crate::verdict::Level;
use crate::verdict::Step;
use serde_json::{Value, json};

/// The cases, in their order.
pub(super) const CASES: &[ConnectorCase] = &[
    ConnectorCase {
        id: "v3.data.absence",
        code: "V3-DATA-01",
        level: Level::Should,
        clauses: &["v3-data-unavailable"],
        other: "leaves an attribute out, marks one unavailable and sends one empty",
        good: "keeps the three apart",
        why: "They mean not asked, no data and an empty value, and a form shows each in another way",
        fix: "Pass items on with their metadata, and do not turn missing and unavailable into empty texts",
        plan: verbs!(three_kinds_of_nothing),
    },
    ConnectorCase {
        id: "v3.data.foreign-address",
        code: "V3-DATA-02",
        level: Level::Must,
        clauses: &["v3-data-address"],
        other: "sends a foreign address of type UNFORMATTED",
        good: "delivers it",
        why: "People who live abroad have such addresses, and a reader of blocks and streets fails on them",
        fix: "Look at type before you read an address, and deliver line1 and line2 for UNFORMATTED",
        plan: verbs!(foreign_address),
    },
    ConnectorCase {
        id: "v3.data.names",
        code: "V3-DATA-03",
        level: Level::Must,
        clauses: &["v3-data-json"],
        other: "sends names with S/O, an apostrophe, é and 中文",
        good: "delivers them byte for byte",
        why: "A name is legal data, and a changed one does not match the documents",
        fix: "Treat all texts as UTF-8 from the decrypted bytes on, and do not strip or change characters",
        plan: verbs!(names),
    },
    ConnectorCase {
        id: "v3.data.quotes",
        code: "V3-DATA-04",
        level: Level::Must,
        clauses: &["v3-data-json", "v3-document-quoted"],
        other: "sends values with double quotes and backslashes",
        good: "delivers them byte for byte",
        why: "Who strips quotes from the whole plain text, or parses by hand, damages such values",
        fix: "Use a JSON parser for the plain text and for the payload, and do not replace characters",
        plan: verbs!(quotes),
    },
    ConnectorCase {
        id: "v3.data.unknown-values",
        code: "V3-DATA-05",
        level: Level::Must,
        clauses: &["v3-data-minor-versions"],
        other: "sends an unknown attribute, an unknown code and a retired country code",
        good: "passes them through",
        why: "New items and codes come without a new version, and old codes stay in old records",
        fix: "Keep unknown members, and hold codes as texts with their desc, not as a closed list",
        plan: Plan::Accept(&["data-extra-item", "data-unknown-codes"]),
    },
    ConnectorCase {
        id: "v3.data.lists",
        code: "V3-DATA-06",
        level: Level::Must,
        clauses: &["v3-data-lists", "v3-data-unavailable"],
        other: "sends lists of 0, 1 and 15 entries",
        good: "delivers them in order",
        why: "A list of one is still a list, and an empty one means that there is no data",
        fix: "Read lists as lists of any length, and keep their order",
        plan: verbs!(lists),
    },
    ConnectorCase {
        id: "v3.data.numbers",
        code: "V3-DATA-07",
        level: Level::Should,
        clauses: &["v3-data-numbers", "v3-data-precision"],
        other: "sends amounts with decimals and large integers",
        good: "delivers them without loss",
        why: "A cent that is lost in a balance is a wrong balance",
        fix: "Parse numbers as decimals or keep their text; do not go through binary floating point",
        plan: Plan::Accept(&["data-precise-numbers"]),
    },
    ConnectorCase {
        id: "v3.data.other-person",
        code: "V3-DATA-08",
        level: Level::Should,
        clauses: &["v3-person-own-user", "v3-person-subject"],
        other: "sends the data of another person than the token's sub",
        good: "refuses it",
        why: "The application would fill the form with the data of a stranger",
        fix: "Where sub is an NRIC or FIN, compare it with the document's uinfin, and refuse if they differ",
        plan: verbs!(somebody_else, with["data-somebody-else"]),
    },
];

/// Goes through a flow as a persona; the data must arrive as sent.
pub(super) async fn arrives(session: &mut Session<'_>, persona: &str, what: &str) -> Step {
    session.when(format!("with {what}"));
    session.mark().await?;
    let login = session.login_as(persona).await?;
    let outcome = session.finish(&login.browser, &login.callback).await?;
    session.accepted(&outcome).await
}

/// An item with a value, verified.
pub(super) fn item(value: &str) -> Value {
    json!({"lastupdated": "2023-01-01", "source": "1", "classification": "C", "value": value, "unavailable": null})
}

/// Names the attributes to ask for, configures, and goes through a control.
pub(super) async fn ask_for(session: &mut Session<'_>, attributes: &[&str]) -> Step {
    session.need("person")?;
    session.setup.v3_mut().attributes = attributes.iter().map(|name| (*name).to_owned()).collect();
    session.configure().await?;
    session.control().await.map(drop)
}

/// Asks for more from here on, without another control: it would meet lists that are empty, which a case is about.
pub(super) async fn ask_for_more(session: &mut Session<'_>, attributes: &[&str]) -> Step {
    session.setup.v3_mut().attributes.extend(attributes.iter().map(|name| (*name).to_owned()));
    session.configure().await
}

pub(super) async fn three_kinds_of_nothing(session: &mut Session<'_>) -> Step {
    ask_for(session, &["name", "email", "sex"]).await?;
    session.realm.persona("S9000002F", json!({"email": null})).await?;
    arrives(session, "S9000002F", "an attribute that is absent").await?;
    session.realm.persona("S9000002F", json!({"email": item("")})).await?;
    arrives(session, "S9000002F", "an attribute that is empty").await?;
    let unavailable =
        json!({"lastupdated": "", "source": "1", "classification": "C", "unavailable": true, "value": null});
    session.realm.persona("S9000002F", json!({"email": unavailable})).await?;
    arrives(session, "S9000002F", "an attribute that is marked as unavailable").await
}

pub(super) async fn foreign_address(session: &mut Session<'_>) -> Step {
    ask_for(session, &["name", "regadd", "mailadd"]).await?;
    let address = |line: &str| {
        json!({
            "lastupdated": "2023-01-01", "source": "2", "classification": "C", "type": "UNFORMATTED",
            "line1": {"value": line}, "line2": {"value": "CH-8001 ZÜRICH"},
            "block": null, "building": null, "country": null, "floor": null, "postal": null, "street": null, "unit": null,
        })
    };
    session.realm.persona("S9000002F", json!({"mailadd": address("RUE DE L'ÎLE 3")})).await?;
    arrives(session, "S9000002F", "an address abroad, without fields").await
}

pub(super) async fn names(session: &mut Session<'_>) -> Step {
    ask_for(session, &["name"]).await?;
    for name in [
        "MUTHU S/O RAMAN",
        "D'ÉLAN O'NEIL",
        "陳大文 CHAN TAI MAN",
        "ANN-MARIE BTE ISMAIL @ ANNA",
        "A  DOUBLE BLANK",
        "E\u{301} DECOMPOSED",
    ] {
        session.realm.persona("S9000002F", json!({"name": item(name)})).await?;
        arrives(session, "S9000002F", &format!("the name {name}")).await?;
    }
    Ok(())
}

pub(super) async fn quotes(session: &mut Session<'_>) -> Step {
    ask_for(session, &["name", "email"]).await?;
    for name in [r#"ANNE "NAN" TAN"#, r"BACK\SLASH TAN", r"A\u0041 \n TAN", "<B>TAN</B> &AMP; ${X}"] {
        session.realm.persona("S9000002F", json!({"name": item(name)})).await?;
        arrives(session, "S9000002F", &format!("the name {name}")).await?;
    }
    Ok(())
}

pub(super) async fn lists(session: &mut Session<'_>) -> Step {
    ask_for(session, &["name"]).await?;
    ask_for_more(session, &["vehicles.vehicleno"]).await?;
    for number in [0_usize, 1, 15] {
        let vehicles: Vec<Value> = (0..number)
            .map(|place| {
                json!({
                    "lastupdated": "2023-01-01", "source": "1", "classification": "C",
                    "vehicleno": {"value": format!("SDF{place:04}A")},
                })
            })
            .collect();
        session.realm.persona("S9000002F", json!({"vehicles": vehicles})).await?;
        arrives(session, "S9000002F", &format!("{number} vehicles")).await?;
    }
    Ok(())
}

pub(super) async fn somebody_else(session: &mut Session<'_>) -> Step {
    gov(session)?;
    session.ready().await?;
    session.when("with somebody else's document, to a token whose subject is the NRIC");
    let outcome = session.flow_with("data-somebody-else").await?;
    session.refused(&outcome);
    let calls = session.calls(TOKEN).len();
    session.expect(calls == 1, "exchanges the code once", || format!("token was called {calls} times"));
    Ok(())
}
