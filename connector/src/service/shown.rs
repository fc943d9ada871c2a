//! The person as a page shows it: a row for each item, with the meaning of a code, and an address in one line.

use super::answer::{data_of, meanings_in, page};
use crate::person::Person;
use askama::Template;
use serde_json::Value;
use warp::http::StatusCode;
use warp::reply::Response;

/// What is shown, in this order: the name of each item, and what people call it.
const LABELS: [(&str, &str); 12] = [
    ("name", "Name"),
    ("uinfin", "NRIC or FIN"),
    ("sex", "Sex"),
    ("dob", "Date of birth"),
    ("nationality", "Nationality"),
    ("birthcountry", "Country of birth"),
    ("regadd", "Registered address"),
    // of a Login app
    ("identity_number", "NRIC, FIN or foreign number"),
    ("identity_coi", "Issued by"),
    ("email", "Email"),
    ("mobileno", "Mobile number"),
    ("sub", "Singpass id"),
];

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    label: &'static str,
    value: String,
}

/// The page with the person.
pub(super) fn person_page(person: &Person) -> Response {
    let (data, meanings) = (data_of(person), meanings_in(person));
    let told = |name: &str, value: &Value| match name {
        "regadd" => address(value),
        _ => text(meanings.get(name).unwrap_or(value)),
    };
    let row = |(name, label): (&'static str, &'static str)| {
        // an address without any line is none, too
        let value = Some(told(name, data.get(name)?)).filter(|told| !told.is_empty());
        Some(Row { name, label, value: value.unwrap_or_else(|| "not provided".to_owned()) })
    };
    page(StatusCode::OK, &PersonPage { rows: LABELS.into_iter().filter_map(row).collect() })
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// An address in one line; nothing where there is none.
fn address(item: &Value) -> String {
    if item.get("unavailable") == Some(&Value::Bool(true)) {
        return String::new();
    }
    let said = |part: Option<&Value>| part.and_then(Value::as_str).unwrap_or_default().to_owned();
    let value = |name: &str| said(item.get(name).and_then(|part| part.get("value")));
    if item.get("type").and_then(Value::as_str) != Some("SG") {
        return joined(", ", [value("line1"), value("line2")]);
    }
    let (floor, unit) = (value("floor"), value("unit"));
    let unit = if floor.is_empty() && unit.is_empty() { String::new() } else { format!("#{floor}-{unit}") };
    let country = said(item.get("country").and_then(|country| country.get("desc")));
    let street = joined(" ", [value("block"), value("street"), unit]);
    joined(", ", [street, value("building"), joined(" ", [country, value("postal")])])
}

/// The parts that there are.
fn joined<const N: usize>(between: &str, parts: [String; N]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_is_one_line_of_what_there_is() {
        let full = json!({
            "type": "SG", "block": {"value": "319"}, "street": {"value": "ANCHORVALE DRIVE"}, "building": {"value": ""},
            "floor": {"value": "38"}, "unit": {"value": "10"}, "postal": {"value": "542319"},
            "country": {"code": "SG", "desc": "SINGAPORE"},
        });
        assert_eq!(address(&full), "319 ANCHORVALE DRIVE #38-10, SINGAPORE 542319");
        let foreign = json!({"type": "Unformatted", "line1": {"value": "10 HILL RD"}, "line2": {"value": ""}});
        assert_eq!(address(&foreign), "10 HILL RD");
        for none in
            [json!(null), json!({"type": "SG"}), json!({"unavailable": true, "type": "SG", "block": {"value": "1"}})]
        {
            assert_eq!(address(&none), "", "{none}");
        }
    }
}
