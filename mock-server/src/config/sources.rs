//! What a configuration was read from: its tables and files, by their fingerprints, for telling whether they changed.

use super::reader::{Findings, TableReader};
use super::secret::Secret;
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
    clients: BTreeMap<String, FromTable>,
    /// The file's name, as it was given; nothing for a text.
    pub(super) file: Option<String>,
    /// The line of each key that is there.
    lines: BTreeMap<String, usize>,
    kept: BTreeMap<String, Kept>,
}

/// What a table says, and which it is: `client[0]`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FromTable {
    content: Fingerprint,
    path: String,
}

/// What is written at a key whose value the configuration has in another form only: the key of a PEM text, for example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The name of a file, with its folder.
    File(PathBuf),
    /// The text itself.
    Text(Secret),
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

    /// Notes a client, and the table that it was read from.
    pub(crate) fn add_client(&mut self, id: &str, path: String, content: Fingerprint) {
        self.clients.insert(id.to_owned(), FromTable { content, path });
    }

    /// Notes what was read beside the tables: files, lines, and what is written there.
    pub(super) fn note(&mut self, findings: &Findings<'_>) {
        self.files = findings.files().to_vec();
        self.lines = findings.lines();
        self.kept = findings.kept().clone();
    }

    /// What the file says of a client; nothing of a built-in one.
    pub(crate) fn client(&self, id: &str) -> Option<&Fingerprint> {
        self.clients.get(id).map(|table| &table.content)
    }

    /// The table that a client was read from: `client[0]`.
    pub(crate) fn table_of_client(&self, id: &str) -> Option<&str> {
        self.clients.get(id).map(|table| table.path.as_str())
    }

    /// Where a key stands: `myinfo.toml:12`.
    pub(crate) fn place(&self, key: &str) -> Option<String> {
        let line = self.lines.get(key)?;
        Some(self.file.as_ref().map_or_else(|| format!("line {line}"), |file| format!("{file}:{line}")))
    }

    /// The line of a key that is there.
    pub(crate) fn line(&self, key: &str) -> Option<usize> {
        self.lines.get(key).copied()
    }

    /// The same with the name of the file; nothing where it was read from none.
    pub(crate) fn place_in_file(&self, key: &str) -> Option<String> {
        self.file.as_ref().and_then(|_| self.place(key))
    }

    /// Forgets where a key stands: something else took its place.
    pub(super) fn forget(&mut self, key: &str) {
        self.lines.remove(key);
    }

    /// What is written at a key.
    pub(crate) fn kept(&self, key: &str) -> Option<&Kept> {
        self.kept.get(key)
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
