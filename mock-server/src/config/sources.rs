//! What a configuration was read from: its tables and files, by their fingerprints, for telling whether they changed.

use super::reader::{Findings, TableReader};
use openssl::sha::Sha256;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The tables and files of a configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sources {
    /// The files that tables name, keys and certificates, with their content's fingerprint.
    files: Vec<(PathBuf, Fingerprint)>,
    /// `[server]`, `[v3]` and their like.
    tables: BTreeMap<String, Fingerprint>,
    clients: BTreeMap<String, Fingerprint>,
}

/// Stands for a content; two are the same where the contents are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn of(content: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(content);
        Self(hasher.finish())
    }
}

/// Where a table begins, for [`Sources`].
#[derive(Debug)]
pub(crate) struct Begun {
    text: String,
    files: usize,
}

impl Begun {
    /// To be made before the table is read.
    pub(crate) fn new(table: &TableReader<'_, '_>, findings: &Findings<'_>) -> Self {
        Self { text: table.text(), files: findings.files().len() }
    }

    /// The table with the content of the files that were read since.
    pub(crate) fn ended(self, findings: &Findings<'_>) -> Fingerprint {
        let mut whole = self.text.into_bytes();
        let files = findings.files().get(self.files..).unwrap_or_default();
        whole.extend(files.iter().flat_map(|(_, content)| content.0));
        Fingerprint::of(&whole)
    }
}

impl Sources {
    /// Notes a table of the file.
    pub(crate) fn table(&mut self, name: &str, content: Fingerprint) {
        self.tables.insert(name.to_owned(), content);
    }

    /// Notes a client.
    pub(crate) fn add_client(&mut self, id: &str, content: Fingerprint) {
        self.clients.insert(id.to_owned(), content);
    }

    /// Notes the files that were read.
    pub(crate) fn set_files(&mut self, files: &[(PathBuf, Fingerprint)]) {
        self.files = files.to_vec();
    }

    /// What the file says of a client; nothing of a built-in one.
    pub(crate) fn client(&self, id: &str) -> Option<&Fingerprint> {
        self.clients.get(id)
    }

    /// The files that tables name.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|(path, _)| path.as_path())
    }

    /// The names of the tables that say something else in another configuration, in brackets.
    pub(crate) fn other_tables(&self, other: &Self) -> Vec<String> {
        let names: std::collections::BTreeSet<&String> = self.tables.keys().chain(other.tables.keys()).collect();
        let changed = names.into_iter().filter(|name| self.tables.get(*name) != other.tables.get(*name));
        changed.map(|name| format!("[{name}]")).collect()
    }
}
