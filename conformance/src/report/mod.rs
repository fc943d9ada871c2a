//! Reports: one run, told in the form that the reader wants.

mod glance;
mod html;
mod json;
mod junit;
mod markdown;
pub(crate) mod terminal;

use crate::case::Side;
use crate::clause::Clauses;
use crate::judged::Judged;
use crate::run::Outcome;
use crate::text::hides;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::str::FromStr;

/// The forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON document.
    Json,
    /// A JSON object a line.
    Ndjson,
    /// `JUnit`'s XML, for CI.
    Junit,
    /// One HTML file.
    Html,
    /// Markdown.
    Markdown,
}

/// A report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// The form.
    pub(crate) format: Format,
    /// The file.
    pub(crate) file: PathBuf,
}

impl FromStr for Report {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (format, file) = text.split_once('=').context("write FORMAT=FILE, for example junit=report.xml")?;
        let format = match format {
            "json" => Format::Json,
            "ndjson" => Format::Ndjson,
            "junit" => Format::Junit,
            "html" => Format::Html,
            "markdown" => Format::Markdown,
            _ => bail!("`{format}` is no format; there are json, ndjson, junit, html and markdown"),
        };
        if file.is_empty() {
            bail!("the file is missing: write FORMAT=FILE");
        }
        Ok(Self { format, file: PathBuf::from(file) })
    }
}

impl Report {
    /// Whether it can be written. A file that is there stays as it is, and none is left behind: there may be no run.
    ///
    /// # Errors
    /// When it cannot.
    pub(crate) fn prepare(&self) -> Result<()> {
        let there = self.file.exists();
        let opened = std::fs::OpenOptions::new().append(true).create(true).open(&self.file);
        opened.map(drop).with_context(|| format!("the report {} cannot be written", self.file.display()))?;
        if !there {
            std::fs::remove_file(&self.file)?;
        }
        Ok(())
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&self, outcome: &Outcome, clauses: &Clauses) -> Result<()> {
        let text = match self.format {
            Format::Json => json::whole(outcome, clauses),
            Format::Ndjson => json::lines(outcome, clauses),
            Format::Junit => junit::xml(outcome),
            Format::Html => html::page(outcome, clauses),
            Format::Markdown => markdown::text(outcome, clauses),
        };
        std::fs::write(&self.file, text)
            .with_context(|| format!("the report {} cannot be written", self.file.display()))
    }
}

/// What a case is called, where it is one of a server.
fn label(outcome: &Outcome, judged: &Judged, clauses: &Clauses) -> Option<&'static str> {
    clauses.label(judged.case.clauses).filter(|_| outcome.side == Side::Server)
}

/// A text for HTML and XML.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, character| {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(character),
            // XML 1.0 has neither other control characters nor these two, not even escaped
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            _ if hides(character) => safe.push('\u{fffd}'),
            _ => safe.push(character),
        }
        safe
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_can_be_written_is_not_there_before_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let report = Report { format: Format::Json, file: folder.path().join("report.json") };
        report.prepare().unwrap();
        assert!(!report.file.exists(), "an unusable target would leave an empty file");
        std::fs::write(&report.file, "of an earlier run").unwrap();
        report.prepare().unwrap();
        assert_eq!(std::fs::read_to_string(&report.file).unwrap(), "of an earlier run");
        let nowhere = Report { format: Format::Json, file: folder.path().join("no/such/folder") };
        assert!(nowhere.prepare().is_err());
    }
}
