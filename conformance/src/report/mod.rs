//! Reports: one run, told in the form that the reader wants.

mod html;
mod json;
mod junit;
mod markdown;
pub(crate) mod terminal;

use crate::clause::Clauses;
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
    /// Whether it can be written: makes the file, or leaves it as it is.
    ///
    /// # Errors
    /// When it cannot.
    pub(crate) fn prepare(&self) -> Result<()> {
        let opened = std::fs::OpenOptions::new().append(true).create(true).open(&self.file);
        opened.map(drop).with_context(|| format!("the report {} cannot be written", self.file.display()))
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&self, outcome: &Outcome, clauses: &Clauses) -> Result<()> {
        let text = match self.format {
            Format::Json => json::whole(outcome),
            Format::Ndjson => json::lines(outcome),
            Format::Junit => junit::xml(outcome),
            Format::Html => html::page(outcome, clauses),
            Format::Markdown => markdown::text(outcome),
        };
        std::fs::write(&self.file, text)
            .with_context(|| format!("the report {} cannot be written", self.file.display()))
    }
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
