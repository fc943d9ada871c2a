//! The requirements of the documents, by id: what cases cite, and reports explain.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The table as it is written.
const TABLE: &str = include_str!("../clauses.toml");

/// One requirement of one document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// The stable name.
    pub id: String,
    /// The document's short name.
    pub document: String,
    /// The place in it.
    pub section: String,
    /// Where it can be read.
    #[serde(default)]
    pub link: String,
    /// `MUST`, `SHOULD` or `MAY`.
    pub level: String,
    /// The requirement in one line of our own.
    pub says: String,
    /// Why no case tests it, where none does.
    #[serde(default)]
    pub untested: Option<String>,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its whole title.
    pub title: String,
    /// Where it can be read.
    #[serde(default)]
    pub link: String,
    /// When it was published, or as it was read.
    #[serde(default)]
    pub date: String,
}

/// Every clause and document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clauses {
    /// The documents by short name.
    pub documents: BTreeMap<String, Document>,
    /// The clauses in the order of the file.
    pub clause: Vec<Clause>,
}

impl Clauses {
    /// The embedded table.
    ///
    /// # Errors
    /// When it cannot be read: a mistake of ours.
    pub fn load() -> Result<Self> {
        toml::from_str(TABLE).context("clauses.toml cannot be read")
    }

    /// The clause of this id.
    pub fn find(&self, id: &str) -> Option<&Clause> {
        self.clause.iter().find(|clause| clause.id == id)
    }
}
