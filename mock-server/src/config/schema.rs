//! The JSON Schema of the configuration file, for editors that complete and check it: made of what the readers ask for, so that no
//! key can be missing in it.

use super::Config;
use super::reader::{Findings, Kind, TableReader};
use super::section::Section;
use serde_json::{Map, Value, json};
use std::path::Path;
use toml::de::DeTable;

/// The document for the profiles with these sections.
pub(crate) fn document(sections: &[&Section]) -> Value {
    let text = every_table(sections);
    let mut findings = Findings::new(&text);
    if let (Ok(mut config), Ok(table)) = (Config::of(sections), DeTable::parse(&text)) {
        config.apply(TableReader::new(table.get_ref(), "", 0..0), sections, Path::new("."), &mut findings);
    }
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:myinfo-mock:configuration",
        "title": "The configuration of myinfo-mock (docs/configuration.md)",
        "type": "object",
        "properties": {},
        "additionalProperties": false,
    });
    for (key, kind) in findings.asked() {
        add(&mut document, &key.replace("[0]", ""), kind);
    }
    document
}

/// A file with every table there is, so that whoever reads it asks for every key.
fn every_table(sections: &[&Section]) -> String {
    let own = ["server", "service.rsa", "tls"].map(|name| format!("[{name}]\n")).concat();
    let of_each =
        |form: fn(&str) -> String| sections.iter().map(|section| form(section.name)).collect::<Vec<_>>().concat();
    let settings = of_each(|name| format!("[{name}]\n"));
    let client = of_each(|name| format!("[client.{name}]\n"));
    format!("{own}{settings}[[client]]\n{client}")
}

/// Adds a key to the table that it stands in, which was asked for before it.
fn add(document: &mut Value, key: &str, kind: &Kind) {
    let Some((name, tables)) =
        key.split('.').collect::<Vec<_>>().split_last().map(|(name, tables)| (*name, tables.to_vec()))
    else {
        return;
    };
    let table = tables.into_iter().try_fold(document, |table, name| {
        let below = table.get_mut("properties")?.get_mut(name)?;
        if below.get("items").is_some() { below.get_mut("items") } else { Some(below) }
    });
    let properties = table.and_then(|table| table.get_mut("properties")).and_then(Value::as_object_mut);
    // a table may be asked for in more than one place; a choice is asked for as a text first
    if let Some(properties) = properties.filter(|known| !known.contains_key(name) || matches!(kind, Kind::OneOf(_))) {
        properties.insert(name.to_owned(), described(kind));
    }
}

fn described(kind: &Kind) -> Value {
    let table = || json!({"type": "object", "properties": Map::new(), "additionalProperties": false});
    match kind {
        Kind::Text => json!({"type": "string"}),
        Kind::OneOf(names) => json!({"type": "string", "enum": names}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Number(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Kind::Table => table(),
        Kind::Tables => json!({"type": "array", "items": table()}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{ALL, protocols};

    #[test]
    fn every_table_has_keys_and_a_choice_has_its_names() {
        let document = document(&protocols(ALL).sections());
        let mut tables = vec![("", &document)];
        let mut seen = 0;
        while let Some((name, table)) = tables.pop() {
            let properties = table["properties"].as_object().unwrap();
            assert!(!properties.is_empty(), "`{name}` has no keys: no file of every_table() has it");
            seen += 1;
            for (name, below) in properties {
                let inner = if below["type"] == "array" { &below["items"] } else { below };
                tables.extend((inner["type"] == "object").then_some((name.as_str(), inner)));
            }
        }
        assert!(seen > 8, "{seen} tables");
        assert_eq!(document["properties"]["server"]["properties"]["flavour"]["enum"], json!(["test", "sandbox"]));
        assert_eq!(document["properties"]["client"]["items"]["properties"]["id"]["type"], "string");
    }
}
