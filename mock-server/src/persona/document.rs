//! A person document: at hand, or written into the program and read when somebody first wants it.

use serde_json::{Map, Value};
use std::sync::OnceLock;

/// A person document. As read it takes ten times the memory of its text, and most of those that are built in are never asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    /// The text of the persona file, where it is one of the program's own.
    text: &'static str,
    read: OnceLock<Map<String, Value>>,
}

impl Document {
    /// One that is at hand.
    pub(super) fn held(person: Map<String, Value>) -> Self {
        Self { text: "", read: OnceLock::from(person) }
    }

    /// That of a persona file of the program's own, which was read before: it is no text that could be wrong.
    pub(super) const fn embedded(text: &'static str) -> Self {
        Self { text, read: OnceLock::new() }
    }

    /// What it says.
    pub(super) fn get(&self) -> &Map<String, Value> {
        self.read.get_or_init(|| serde_json::from_str(self.text).map(taken_out).unwrap_or_default())
    }
}

/// The person document out of a persona file: below `person`, or the file itself.
pub(super) fn taken_out(mut file: Map<String, Value>) -> Map<String, Value> {
    match file.remove("person") {
        Some(Value::Object(person)) => person,
        Some(other) => {
            file.insert("person".to_owned(), other);
            file
        }
        None => file,
    }
}
