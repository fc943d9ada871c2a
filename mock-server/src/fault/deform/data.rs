//! What can be done to a person's data.

use super::{Deformation, data};
use serde_json::{Value, json};

pub(crate) const SOMEBODY_ELSE: Deformation = data("sends somebody else's data", |draft| {
    draft.person = (draft.somebody_else)();
});
pub(crate) const EXTRA_ITEM: Deformation = data("adds an item that nobody asked for", |draft| {
    draft.person.insert("favouritecolour".to_owned(), item("RED"));
});
pub(crate) const MISSING_ITEM: Deformation = data("leaves out the first item", |draft| {
    let first = draft.person.keys().next().cloned().unwrap_or_default();
    draft.person.shift_remove(&first);
});
pub(crate) const UNAVAILABLE: Deformation = data("marks the first item as unavailable", |draft| {
    if let Some(first) = draft.person.values_mut().next() {
        *first = json!({"lastupdated": "", "source": "1", "classification": "C", "unavailable": true});
    }
});
pub(crate) const NO_METADATA: Deformation =
    data("sends items without source, classification and lastupdated", |draft| {
        for value in draft.person.values_mut() {
            if let Value::Object(members) = value {
                members.retain(|name, _| !METADATA.contains(&name.as_str()));
            }
        }
    });
pub(crate) const ENVELOPE_ALONE: Deformation =
    data("sends nothing of the first item but source, classification and lastupdated", |draft| {
        if let Some(Value::Object(first)) = draft.person.values_mut().next() {
            first.retain(|name, _| METADATA.contains(&name.as_str()));
        }
    });
pub(crate) const SOURCE_USER: Deformation = data("marks every item as entered by the person (source 2)", |draft| {
    for value in draft.person.values_mut() {
        if let Some(source) = value.get_mut("source") {
            *source = json!("2");
        }
    }
});
pub(crate) const UNKNOWN_CODES: Deformation = data("sends codes that are in no table", |draft| {
    for value in draft.person.values_mut() {
        if value.get("code").is_some() {
            value["code"] = json!("ZZ9");
            value["desc"] = json!("NOBODY KNOWS THIS CODE");
        }
    }
});
pub(crate) const NASTY_TEXT: Deformation = data("sends a name with quotes, backslashes, markup and 中文", |draft| {
    draft.person.insert("name".to_owned(), item(NASTY));
});
pub(crate) const PRECISE_NUMBERS: Deformation = data("sends an amount that no 64-bit float holds", |draft| {
    draft.person.insert(
        "householdincome".to_owned(),
        json!({
            "lastupdated": "2023-01-01", "source": "2", "classification": "C",
            "high": {"value": 9_007_199_254_740_993_i64}, "low": {"value": 0.1},
        }),
    );
});

/// The members that say where an item is from.
const METADATA: [&str; 3] = ["source", "classification", "lastupdated"];
/// What breaks careless templates, shells, logs and parsers.
const NASTY: &str = "D'ÉLAN \"S/O\" \\u0041\\ <b>&amp;</b> ${x} 中文 \u{202e}abc";

fn item(value: &str) -> Value {
    json!({"lastupdated": "2023-01-01", "source": "1", "classification": "C", "value": value})
}
