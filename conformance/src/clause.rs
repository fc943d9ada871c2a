//! The requirements of the documents, by id: what cases cite, and reports explain.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The tables as they are written: what the standards demand, and what each profile does.
const TABLES: [(&str, &str); 4] = [
    ("common.toml", include_str!("../clauses/common.toml")),
    ("v3.toml", include_str!("../clauses/v3.toml")),
    ("fapi.toml", include_str!("../clauses/fapi.toml")),
    ("oidc.toml", include_str!("../clauses/oidc.toml")),
];

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
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clauses {
    /// The documents by short name.
    pub documents: BTreeMap<String, Document>,
    /// The clauses in the order of the files.
    pub clause: Vec<Clause>,
}

impl Clauses {
    /// The embedded tables.
    ///
    /// # Errors
    /// When one cannot be read: a mistake of ours.
    pub fn load() -> Result<Self> {
        let mut all = Self::default();
        for (name, table) in TABLES {
            let read: Self = toml::from_str(table).with_context(|| format!("clauses/{name} cannot be read"))?;
            all.documents.extend(read.documents);
            all.clause.extend(read.clause);
        }
        Ok(all)
    }

    /// What a case of a server is called that rests on Singpass' documents alone: a server of the same standards need not keep it.
    pub fn label(&self, clauses: &[&str]) -> Option<&'static str> {
        let own = |id: &&str| {
            self.find(id).is_some_and(|clause| ["DOC", "NOTICE", "LEG"].contains(&clause.document.as_str()))
        };
        clauses.iter().all(own).then_some("Singpass alone demands this")
    }

    /// The clause of this id.
    pub fn find(&self, id: &str) -> Option<&Clause> {
        self.clause.iter().find(|clause| clause.id == id)
    }
}
