//! A data item as lines of text for the consent page.

use crate::persona::catalogue::Catalogue;
use serde_json::{Map, Value};

/// The item's value in one or more lines.
pub(crate) fn lines(item: &str, value: &Value, catalogue: &Catalogue) -> Vec<String> {
    match value {
        Value::Array(records) if records.is_empty() => vec!["none on record".to_owned()],
        Value::Array(records) => records
            .iter()
            .enumerate()
            .map(|(index, record)| format!("{}. {}", index + 1, of_record(record, catalogue).join("; ")))
            .collect(),
        Value::Object(members) if members.get("unavailable") == Some(&Value::Bool(true)) => {
            vec!["no data available".to_owned()]
        }
        Value::Object(members) => {
            let mut lines = match item {
                "mobileno" | "homeno" => vec![phone(members)],
                "regadd" | "mailadd" | "billadd" => address(members),
                _ => of_record(value, catalogue),
            };
            lines.retain(|line| !line.trim().is_empty());
            if lines.is_empty() {
                lines.push("(empty)".to_owned());
            }
            if members.get("source").is_some_and(|source| source == "3") {
                lines.push("not applicable to this person".to_owned());
            }
            lines
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            vec![value.to_string()]
        }
    }
}

/// One record: its own value, or its fields with their labels; lists and groups inside it indented by their label.
fn of_record(value: &Value, catalogue: &Catalogue) -> Vec<String> {
    let Value::Object(members) = value else {
        return vec![plain(value)];
    };
    if let Some(own) = own_value(members) {
        return vec![own];
    }
    let mut lines = Vec::new();
    for (name, field) in members.iter().filter(|(name, value)| !is_metadata(name, value)) {
        let label = catalogue.member_label(name);
        match field {
            Value::Object(inner) => match own_value(inner) {
                Some(text) if text.is_empty() => {}
                Some(text) => lines.push(format!("{label}: {text}")),
                None if inner.contains_key("street") || inner.contains_key("line1") => {
                    lines.push(format!("{label}: {}", address(inner).join(", ")))
                }
                None => {
                    let inner = of_record(field, catalogue).join(", ");
                    if !inner.is_empty() {
                        lines.push(format!("{label}: {inner}"));
                    }
                }
            },
            Value::Array(records) => {
                lines.extend(
                    records.iter().map(|record| format!("{label}: {}", of_record(record, catalogue).join(", "))),
                );
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                lines.push(format!("{label}: {}", plain(field)))
            }
        }
    }
    lines
}

/// `{value}` or `{code, desc}` as text; nothing for anything else.
fn own_value(members: &Map<String, Value>) -> Option<String> {
    if members.get("unavailable") == Some(&Value::Bool(true)) {
        return Some("no data available".to_owned());
    }
    if let Some(value) = members.get("value") {
        return Some(plain(value));
    }
    let (code, desc) = (members.get("code")?, members.get("desc")?);
    Some(if plain(desc).is_empty() { plain(code) } else { plain(desc) })
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn phone(members: &Map<String, Value>) -> String {
    let part = |name: &str| field(members, name);
    format!("{}{} {}", part("prefix"), part("areacode"), part("nbr")).trim().to_owned()
}

/// An address as it stands on an envelope.
fn address(members: &Map<String, Value>) -> Vec<String> {
    let part = |name: &str| field(members, name);
    if members.contains_key("line1") || members.contains_key("line2") {
        return vec![part("line1"), part("line2")];
    }
    let unit = match (part("floor"), part("unit")) {
        (floor, unit) if floor.is_empty() && unit.is_empty() => String::new(),
        (floor, unit) => format!("#{floor}-{unit}"),
    };
    let country = members.get("country").and_then(Value::as_object).and_then(own_value).unwrap_or_default();
    [join(&[part("block"), part("street"), unit]), part("building"), join(&[country, part("postal")])].into()
}

fn join(parts: &[String]) -> String {
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
}

fn field(members: &Map<String, Value>, name: &str) -> String {
    members.get(name).and_then(Value::as_object).and_then(own_value).unwrap_or_default()
}

fn is_metadata(name: &str, value: &Value) -> bool {
    !value.is_object() && ["lastupdated", "source", "classification", "unavailable", "type"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persona::{Personas, dates};

    fn shown(id: &str, item: &str) -> Vec<String> {
        let personas = Personas::built_in().unwrap();
        let catalogue = Catalogue::load().unwrap();
        let person = personas.find(id).unwrap().person(dates::parse_day("2026-11-21").unwrap());
        lines(item, &person[item], &catalogue)
    }

    #[test]
    fn values_are_shown_as_people_write_them() {
        assert_eq!(shown("S6005048A", "name"), ["ANDY LAU"]);
        assert_eq!(shown("S6005048A", "sex"), ["MALE"]);
        assert_eq!(shown("S6005048A", "regadd"), ["319 ANCHORVALE DRIVE #38-10", "SINGAPORE 542319"]);
        assert_eq!(shown("S6005048A", "mobileno"), ["(empty)"]);
        assert_eq!(shown("S6005048A", "passtype"), ["(empty)", "not applicable to this person"]);
        assert_eq!(shown("S6005048A", "ownerprivate"), ["no"]);
        assert_eq!(shown("S0000001I", "dob"), ["no data available"]);
        assert_eq!(shown("S0000001I", "vehicles"), ["none on record"]);
    }

    #[test]
    fn every_item_of_every_persona_can_be_shown() {
        let personas = Personas::built_in().unwrap();
        let catalogue = Catalogue::load().unwrap();
        for persona in personas.iter() {
            for (item, value) in persona.person(dates::parse_day("2026-11-21").unwrap()).iter() {
                assert!(!lines(item, value, &catalogue).is_empty(), "{} {item}", persona.id);
            }
        }
    }
}
