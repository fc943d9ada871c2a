//! The person document: from a persona's whole record to exactly the requested items.

use super::catalogue::{Catalogue, Version};
use serde_json::{Map, Value, json};

/// How a document is written where versions and settings differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writing {
    /// What a requested item is sent as that the persona's record does not have.
    pub(crate) missing: MissingItems,
    /// How the type of an unformatted address is spelt.
    pub(crate) unformatted: &'static str,
}

/// What is sent for a requested item that the persona's record does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissingItems {
    /// `unavailable: true`, or an empty list: the agency has no data.
    Unavailable,
    /// The key is left out.
    Omitted,
}

/// All that a version sends of a person's record.
pub(crate) fn whole(person: &Map<String, Value>, version: Version, catalogue: &Catalogue) -> Map<String, Value> {
    let items: Vec<String> = catalogue.items_of(version).map(str::to_owned).collect();
    select(person, &items, catalogue, Writing { missing: MissingItems::Omitted, unformatted: "UNFORMATTED" })
}

/// The items and members that `attributes` names, in the order in which they were asked for.
///
/// A dotted name takes one member out of an item, or out of each record of a list, and leaves the envelope.
pub(crate) fn select(
    person: &Map<String, Value>,
    attributes: &[String],
    catalogue: &Catalogue,
    writing: Writing,
) -> Map<String, Value> {
    let mut document = Map::new();
    for attribute in attributes {
        let (item, member) =
            attribute.split_once('.').map_or((attribute.as_str(), None), |(item, member)| (item, Some(member)));
        let derived = if person.contains_key(item) { None } else { assessment(item, person) };
        match person.get(item).or(derived.as_ref()) {
            // `null` in a persona's file: this person has no such item
            Some(Value::Null) => {}
            None if writing.missing == MissingItems::Omitted => {}
            None => {
                document.entry(item).or_insert_with(|| unavailable(item, catalogue));
            }
            Some(value) => match member {
                None => {
                    document.insert(item.to_owned(), value.clone());
                }
                Some(member) => merge(document.entry(item).or_insert_with(|| envelope_of(value)), value, member),
            },
        }
    }
    document.values_mut().for_each(|value| spell_unformatted(value, writing.unformatted));
    document
}

/// The four tax items show the same assessments; from a record with the longest one the others follow.
///
/// `noahistory` has every field of every year, newest first; `noa` is its first year; the `-basic` ones have two fields.
fn assessment(item: &str, person: &Map<String, Value>) -> Option<Value> {
    let Value::Object(history) = person.get("noahistory")? else { return None };
    let years = history.get("noas").and_then(Value::as_array)?;
    let basic = |year: &Value| -> Map<String, Value> {
        let fields = year.as_object().into_iter().flatten();
        fields
            .filter(|(name, _)| ["amount", "yearofassessment"].contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    let mut derived: Map<String, Value> =
        history.iter().filter(|(name, _)| *name != "noas").map(|(name, value)| (name.clone(), value.clone())).collect();
    match item {
        "noa" => derived.extend(years.first()?.as_object()?.clone()),
        "noa-basic" => derived.extend(basic(years.first()?)),
        "noahistory-basic" => {
            derived.insert("noas".to_owned(), years.iter().map(|year| Value::Object(basic(year))).collect());
        }
        _ => return None,
    }
    Some(Value::Object(derived))
}

/// An item for which the agency has no data: the envelope with `unavailable`, or an empty list.
fn unavailable(item: &str, catalogue: &Catalogue) -> Value {
    if catalogue.item(item).is_some_and(|entry| entry.shape == "array of records") {
        return json!([]);
    }
    json!({"lastupdated": "", "source": "1", "classification": "C", "unavailable": true})
}

/// The metadata of an item, or of each record of a list, without any data.
fn envelope_of(value: &Value) -> Value {
    match value {
        Value::Array(records) => records.iter().map(envelope_of).collect(),
        Value::Object(members) => {
            let metadata =
                members.iter().filter(|(name, value)| METADATA.contains(&name.as_str()) && !value.is_object());
            Value::Object(metadata.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// Copies the member at `path` from `source` into `target`, in every record of a list.
fn merge(target: &mut Value, source: &Value, path: &str) {
    match (target, source) {
        (Value::Array(targets), Value::Array(sources)) => {
            for (target, source) in targets.iter_mut().zip(sources) {
                merge(target, source, path);
            }
        }
        (Value::Object(target), Value::Object(source)) => {
            let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
            let Some(value) = source.get(name) else {
                return;
            };
            match rest {
                None => {
                    target.insert(name.to_owned(), value.clone());
                }
                Some(rest) => merge(target.entry(name).or_insert_with(|| json!({})), value, rest),
            }
        }
        _ => {}
    }
}

/// Gives the address type one spelling: capitals since version 3.2.0, while published data still have both.
fn spell_unformatted(value: &mut Value, spelling: &str) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if name == "type" && value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(spelling)) {
                    *value = json!(spelling);
                } else {
                    spell_unformatted(value, spelling);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| spell_unformatted(item, spelling)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

const METADATA: [&str; 4] = ["lastupdated", "source", "classification", "unavailable"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persona::Personas;

    const PLAIN: Writing = Writing { missing: MissingItems::Unavailable, unformatted: "UNFORMATTED" };

    fn selected(id: &str, attributes: &[&str], writing: Writing) -> Value {
        let personas = Personas::built_in().unwrap();
        let attributes: Vec<String> = attributes.iter().map(ToString::to_string).collect();
        let catalogue = Catalogue::load().unwrap();
        Value::Object(select(personas.find(id).unwrap().written(), &attributes, &catalogue, writing))
    }

    fn names(value: &Value) -> Vec<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn only_the_requested_items_are_sent_in_the_order_of_the_request() {
        let document = selected("S6005048A", &["sex", "name"], PLAIN);
        assert_eq!(names(&document), ["sex", "name"]);
        assert_eq!(document["name"]["value"], "ANDY LAU");
    }

    #[test]
    fn a_dotted_name_takes_one_member_of_each_record_and_keeps_the_envelope() {
        let document = selected("S9812351B", &["vehicles.vehicleno", "vehicles.make"], PLAIN);
        let vehicles = document["vehicles"].as_array().unwrap();
        assert_eq!(vehicles.len(), 3);
        for vehicle in vehicles {
            let mut members = names(vehicle);
            members.sort_unstable();
            assert_eq!(members, ["classification", "lastupdated", "make", "source", "vehicleno"]);
        }
    }

    #[test]
    fn three_levels_keep_their_nesting() {
        let document = selected("S9912363Z", &["drivinglicence.qdl.expirydate"], PLAIN);
        assert_eq!(names(&document["drivinglicence"]["qdl"]), ["expirydate"]);
        assert!(document["drivinglicence"].get("pdl").is_none());
    }

    #[test]
    fn a_missing_item_is_unavailable_or_left_out_as_set() {
        let document = selected("S6005048A", &["cpfbalances", "gstvoucher", "vehicles.make"], PLAIN);
        assert_eq!(document["gstvoucher"]["unavailable"], true);
        assert_eq!(document["vehicles"], json!([]));
        let omitting = Writing { missing: MissingItems::Omitted, ..PLAIN };
        assert!(selected("S6005048A", &["gstvoucher"], omitting).as_object().unwrap().is_empty());
    }

    #[test]
    fn the_shorter_tax_items_follow_from_the_longest() {
        let document = selected("S6005048A", &["noa-basic", "noa", "noahistory-basic"], PLAIN);
        let members = |value: &Value| {
            let mut members: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            members.sort();
            members.join(" ")
        };
        assert_eq!(members(&document["noa-basic"]), "amount classification lastupdated source yearofassessment");
        assert_eq!(document["noa"]["employment"]["value"], 200_000);
        assert_eq!(document["noahistory-basic"]["noas"].as_array().unwrap().len(), 2);
        assert_eq!(members(&document["noahistory-basic"]["noas"][1]), "amount yearofassessment");
    }

    #[test]
    fn an_item_that_is_null_in_the_file_is_not_sent() {
        let document = selected("M5012345J", &["regadd", "name"], PLAIN);
        assert_eq!(names(&document), ["name"]);
    }

    #[test]
    fn the_older_spelling_of_the_address_type_is_a_setting() {
        let older = Writing { unformatted: "Unformatted", ..PLAIN };
        assert_eq!(selected("S9912364H", &["regadd"], PLAIN)["regadd"]["type"], "UNFORMATTED");
        assert_eq!(selected("S9912364H", &["regadd"], older)["regadd"]["type"], "Unformatted");
    }
}
