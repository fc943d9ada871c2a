//! What was found in a configuration file: every mistake with its line and key, what was asked for, and where it stands.

use super::sources::{Fingerprint, Kept};
use crate::quote::without_keys;
use crate::text::{counted, meant};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

/// One mistake in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1; 0 where the mistake has no place of its own.
    pub line: usize,
    /// The key, with the tables that it stands in: `client[0].redirect_uris`.
    pub key: String,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(formatter, "line {}: ", self.line)?;
        }
        if self.key.is_empty() {
            return formatter.write_str(&self.message);
        }
        write!(formatter, "`{}`: {}", self.key, self.message)
    }
}

/// All mistakes of a configuration file; with one of them no server starts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The file, or what stands for it.
    pub origin: String,
    /// The mistakes, in the order of the file.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.origin)?;
        for problem in &self.problems {
            write!(formatter, "\n  {problem}")?;
        }
        Ok(())
    }
}

/// The text of a file and the mistakes found in it so far.
#[derive(Debug)]
pub(crate) struct Findings<'a> {
    text: &'a str,
    /// The first of them; the others are counted.
    problems: Vec<Problem>,
    count: usize,
    /// What can be used although it is not as it should be.
    remarks: Vec<Problem>,
    /// The files that were read because a table names them.
    files: Vec<(PathBuf, Fingerprint)>,
    /// The keys that were asked for, whether they are there or not.
    asked: Vec<(String, Kind)>,
    /// The keys that are there, with their places.
    places: Vec<(String, usize)>,
    /// What was written at keys whose value is kept in another form.
    kept: BTreeMap<String, Kept>,
}

/// What a key may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    OneOf(Vec<&'static str>),
    Flag,
    Number(u64, u64),
    Texts,
    Table,
    Tables,
}

/// How many mistakes are told; of the others only how many there are.
const TOLD: usize = 100;

impl<'a> Findings<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self {
            text,
            problems: Vec::new(),
            count: 0,
            remarks: Vec::new(),
            files: Vec::new(),
            asked: Vec::new(),
            places: Vec::new(),
            kept: BTreeMap::new(),
        }
    }

    /// The keys that were asked for, in that order.
    pub(crate) fn asked(&self) -> &[(String, Kind)] {
        &self.asked
    }

    /// Notes that a key is asked for.
    pub(super) fn ask(&mut self, key: String, kind: Kind) {
        self.asked.push((key, kind));
    }

    /// Notes where a key stands.
    pub(super) fn place(&mut self, key: String, span: &Range<usize>) {
        self.places.push((key, span.start));
    }

    /// The lines of the keys that are there.
    pub(super) fn lines(&self) -> BTreeMap<String, usize> {
        let ends: Vec<usize> = self.text.match_indices('\n').map(|(end, _)| end).collect();
        let line = |place: usize| ends.partition_point(|end| *end < place) + 1;
        self.places.iter().map(|(key, place)| (key.clone(), line(*place))).collect()
    }

    /// Keeps what is written at a key.
    pub(super) fn keep(&mut self, key: String, kept: Kept) {
        self.kept.insert(key, kept);
    }

    /// What is written at keys whose value is kept in another form.
    pub(super) const fn kept(&self) -> &BTreeMap<String, Kept> {
        &self.kept
    }

    /// Notes a file that a table names.
    pub(crate) fn read_file(&mut self, path: PathBuf, content: &[u8]) {
        self.files.push((path, Fingerprint::of(content)));
    }

    /// The files that were read up to now.
    pub(crate) fn files(&self) -> &[(PathBuf, Fingerprint)] {
        &self.files
    }

    /// How many mistakes there are so far.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Whether another mistake is told in words, and deserves a search for what was meant.
    pub(crate) const fn has_room(&self) -> bool {
        self.count < TOLD
    }

    /// `; did you mean …?` with the nearest name, as long as mistakes are told.
    pub(crate) fn meant<'n>(&self, name: &str, candidates: impl Iterator<Item = &'n str>) -> String {
        if self.has_room() { meant(name, candidates) } else { String::new() }
    }

    /// What can be used although it is not as it should be, and the mistakes in the order of the file.
    pub(crate) fn into_told(mut self) -> (Vec<Problem>, Vec<Problem>) {
        self.problems.sort_by_key(|problem| problem.line);
        if self.count > TOLD {
            let message = format!("and {}", counted(self.count - TOLD, "more mistake"));
            self.problems.push(Problem { line: 0, key: String::new(), message });
        }
        (self.remarks, self.problems)
    }

    /// Notes a mistake at a place of the file. What it quotes is never a key.
    pub(crate) fn note(&mut self, span: &Range<usize>, key: impl Into<String>, message: impl Into<String>) {
        if self.has_room() {
            let problem = self.at(span, &key.into(), &message.into());
            self.problems.push(problem);
        }
        self.count += 1;
    }

    /// Notes what can be used although it is not as it should be.
    pub(crate) fn remark(&mut self, span: &Range<usize>, key: impl Into<String>, message: impl Into<String>) {
        if self.remarks.len() < TOLD {
            let remark = self.at(span, &key.into(), &message.into());
            self.remarks.push(remark);
        }
    }

    fn at(&self, span: &Range<usize>, key: &str, message: &str) -> Problem {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        Problem { line: before.matches('\n').count() + 1, key: without_keys(key), message: without_keys(message) }
    }
}
