//! JSON Schemas of the files that people write for the suite, for editors that complete and check them: `#:schema` in TOML.

use crate::profile::{ProfileId, capabilities};
use crate::program::START_SECONDS;
use serde_json::{Map, Value, json};

mod tables;

pub use self::tables::ALL;

/// A kind of file.
#[derive(Debug)]
pub struct Schema {
    /// As the command line says it.
    pub name: &'static str,
    /// What the files are.
    pub title: &'static str,
    /// A file is of one of these forms.
    pub forms: &'static [Table],
}

/// A table of a file.
#[derive(Debug)]
pub struct Table {
    /// Its keys.
    pub keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it has to be there.
    pub required: bool,
    /// What it means.
    pub says: &'static str,
}

/// What a key holds.
#[derive(Debug)]
pub enum Kind {
    /// A text.
    Text,
    /// A text that is always the same.
    Only(&'static str),
    /// A day.
    Day,
    /// How many seconds a program may take to start.
    StartSeconds,
    /// Yes or no.
    Flag,
    /// A list of texts.
    Texts,
    /// A list of the suite's profiles.
    Profiles,
    /// A list of capabilities.
    Capabilities,
    /// A list of some names.
    OneOf(&'static [&'static str]),
    /// Texts by names of somebody else's.
    ByName,
    /// Another table.
    Table(&'static Table),
    /// Any number of tables.
    Tables(&'static Table),
}

impl Schema {
    /// The kind of files with a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|schema| schema.name == name)
    }

    /// The document.
    pub fn document(&self) -> Value {
        let mut document = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": format!("urn:myinfo-conformance:{}", self.name),
            "title": self.title,
        });
        let forms: Vec<Value> = self.forms.iter().map(Table::document).collect();
        if let Value::Object(members) = &mut document {
            match forms.as_slice() {
                [Value::Object(one)] => members.extend(one.clone()),
                _ => drop(members.insert("anyOf".to_owned(), forms.into())),
            }
        }
        document
    }
}

impl Table {
    fn document(&self) -> Value {
        let properties: Map<String, Value> =
            self.keys.iter().map(|key| (key.name.to_owned(), key.document())).collect();
        let required: Vec<&str> = self.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    }
}

impl Key {
    fn document(&self) -> Value {
        let mut document = self.kind.document();
        if let Value::Object(members) = &mut document {
            members.insert("description".to_owned(), self.says.into());
        }
        document
    }
}

impl Kind {
    fn document(&self) -> Value {
        let names = |names: &[&str]| json!({"type": "array", "items": {"type": "string", "enum": names}});
        match self {
            Self::Text => json!({"type": "string"}),
            Self::Only(text) => json!({"const": text}),
            Self::Day => json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
            Self::StartSeconds => {
                json!({"type": "integer", "minimum": START_SECONDS.start(), "maximum": START_SECONDS.end()})
            }
            Self::Flag => json!({"type": "boolean"}),
            Self::Texts => json!({"type": "array", "items": {"type": "string"}}),
            Self::Profiles => names(&ProfileId::ALL.map(ProfileId::name)),
            Self::Capabilities => names(&capabilities()),
            Self::OneOf(all) => names(all),
            Self::ByName => json!({"type": "object", "additionalProperties": {"type": "string"}}),
            Self::Table(table) => table.document(),
            Self::Tables(table) => json!({"type": "array", "items": table.document()}),
        }
    }
}
