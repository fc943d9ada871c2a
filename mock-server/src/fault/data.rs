//! Faults of the person's data.

use super::draft::DataDraft;
use super::{Change, Fault};
use serde_json::{Value, json};

const ITEMS: &str = "SPEC, person: exactly the requested items of the person who logged in";
const VALUES: &str = "SPEC, Appendix A: shapes and code tables of the items";

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "data-somebody-else",
        "sends somebody else's data",
        "rejects where uinfin and sub can be compared",
        ITEMS,
        |draft| {
            draft.person = (draft.somebody_else)();
        },
    ),
    fault(
        "data-extra-item",
        "adds an item that nobody asked for",
        "ignores it, or passes it through",
        ITEMS,
        |draft| {
            draft.person.insert("favouritecolour".to_owned(), item("RED"));
        },
    ),
    fault("data-missing-item", "leaves out the first item", "accepts without it", ITEMS, |draft| {
        let first = draft.person.keys().next().cloned().unwrap_or_default();
        draft.person.shift_remove(&first);
    }),
    fault(
        "data-unavailable",
        "marks the first item as unavailable",
        "tells it apart from an empty value",
        VALUES,
        |draft| {
            if let Some(first) = draft.person.values_mut().next() {
                *first = json!({"lastupdated": "", "source": "1", "classification": "C", "unavailable": true});
            }
        },
    ),
    fault(
        "data-no-metadata",
        "sends items without source, classification and lastupdated",
        "does not crash",
        VALUES,
        |draft| {
            for value in draft.person.values_mut() {
                if let Value::Object(members) = value {
                    members.retain(|name, _| !["source", "classification", "lastupdated"].contains(&name.as_str()));
                }
            }
        },
    ),
    fault(
        "data-source-user",
        "marks every item as entered by the person (source 2)",
        "does not show them as verified",
        VALUES,
        |draft| {
            for value in draft.person.values_mut() {
                if let Some(source) = value.get_mut("source") {
                    *source = json!("2");
                }
            }
        },
    ),
    fault("data-unknown-codes", "sends codes that are in no table", "passes them through", VALUES, |draft| {
        for value in draft.person.values_mut() {
            if value.get("code").is_some() {
                value["code"] = json!("ZZ9");
                value["desc"] = json!("NOBODY KNOWS THIS CODE");
            }
        }
    }),
    fault(
        "data-nasty-text",
        "sends a name with quotes, backslashes, markup and 中文",
        "keeps it byte for byte, shows it escaped",
        VALUES,
        |draft| {
            draft.person.insert("name".to_owned(), item(NASTY));
        },
    ),
    fault("data-precise-numbers", "sends an amount that no 64-bit float holds", "loses no digit", VALUES, |draft| {
        draft.person.insert(
            "householdincome".to_owned(),
            json!({
                "lastupdated": "2023-01-01", "source": "2", "classification": "C",
                "high": {"value": 9_007_199_254_740_993_i64}, "low": {"value": 0.1},
            }),
        );
    }),
];

/// What breaks careless templates, shells, logs and parsers.
const NASTY: &str = "D'ÉLAN \"S/O\" \\u0041\\ <b>&amp;</b> ${x} 中文 \u{202e}abc";

const fn fault(
    id: &'static str,
    says: &'static str,
    good_client: &'static str,
    clause: &'static str,
    change: fn(&mut DataDraft<'_>),
) -> Fault {
    Fault { id, says, good_client, clause, change: Change::Data(change) }
}

fn item(value: &str) -> Value {
    json!({"lastupdated": "2023-01-01", "source": "1", "classification": "C", "value": value})
}
