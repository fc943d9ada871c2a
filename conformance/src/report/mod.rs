//! Reports: one run, told in the form that the reader wants.

mod badge;
pub(crate) mod github;
mod glance;
mod html;
mod json;
mod junit;
mod markdown;
pub(crate) mod moved;
mod sarif;
pub(crate) mod terminal;

use crate::case::Side;
use crate::clause::Clauses;
use crate::judged::Judged;
use crate::run::{Outcome, Summary};
use crate::text::{hides, meant};
use crate::verdict::Finding;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
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
    /// SARIF 2.1.0, for services that keep findings.
    Sarif,
    /// Markdown as a summary of a step on GitHub.
    Github,
    /// A picture with the numbers.
    Badge,
}

impl Format {
    const ALL: [(&'static str, Self); 8] = [
        ("html", Self::Html),
        ("json", Self::Json),
        ("ndjson", Self::Ndjson),
        ("junit", Self::Junit),
        ("markdown", Self::Markdown),
        ("sarif", Self::Sarif),
        ("github", Self::Github),
        ("badge", Self::Badge),
    ];

    /// As the command line says it.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
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
        let Some((name, format)) = Format::ALL.iter().find(|(name, _)| *name == format) else {
            let names: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).collect();
            let meant = meant(format, names.iter().copied());
            bail!("`{format}` is no format; there are {}{meant}", names.join(", "));
        };
        if file.is_empty() {
            bail!("the file is missing: write FORMAT=FILE");
        }
        if file == "-" {
            bail!(
                "a report goes into a file, for standard output has what the run says: write {name}=FILE, or {name}=./- for a file of that name"
            );
        }
        Ok(Self { format: *format, file: PathBuf::from(file) })
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

    /// Refuses several reports of which one would be written over another.
    ///
    /// # Errors
    /// When there are such.
    pub(crate) fn are_apart(reports: &[Self]) -> Result<()> {
        let mut seen: Vec<(PathBuf, &Self)> = Vec::new();
        for report in reports {
            let place = place(&report.file);
            if let Some((_, other)) = seen.iter().find(|(before, _)| *before == place) {
                let (file, one, other) = (report.file.display(), other.format.name(), report.format.name());
                bail!("two reports, {one} and {other}, would go to the same file {file}: give each a file of its own");
            }
            seen.push((place, report));
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
            Format::Html => html::page(outcome, clauses, &crate::clock::date()?),
            Format::Markdown => markdown::text(outcome, clauses),
            Format::Sarif => sarif::log(outcome, clauses),
            Format::Github => github::summary(outcome),
            Format::Badge => badge::picture(&outcome.summary()),
        };
        std::fs::write(&self.file, text)
            .with_context(|| format!("the report {} cannot be written", self.file.display()))
    }
}

/// Where a file is, however its path is written.
fn place(file: &Path) -> PathBuf {
    let whole = file.canonicalize().ok().or_else(|| {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(file.file_name()?))
    });
    whole.unwrap_or_else(|| file.to_owned())
}

/// What was found, in one line: the first finding, and how many there are beside it.
fn headline(findings: &[Finding]) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let more = match findings.len() {
        1 => String::new(),
        2 => " (and 1 more finding)".to_owned(),
        all => format!(" (and {} more findings)", all - 1),
    };
    format!("{}; expected: {}{more}", first.found, first.expected)
}

/// The numbers in one sentence.
pub(crate) fn numbers(summary: &Summary) -> String {
    let mut parts = vec![format!("{} of {} cases kept", summary.passed, summary.cases)];
    for (number, what) in [
        (summary.failed, "failed"),
        (summary.warned, "warned"),
        (summary.known, "known to fail"),
        (summary.stale, "expected to fail, but kept"),
        (summary.skipped, "skipped"),
        (summary.inconclusive, "inconclusive"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    parts.join(", ")
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
pub(crate) mod tests {
    use super::*;
    use crate::case::of_connectors;
    use crate::connector::driver::Hello;
    use crate::verdict::Verdict;
    use std::time::Duration;

    pub(super) fn finding(found: &str, expected: &str) -> Finding {
        let (when, expected, found) = ("in the usual flow".to_owned(), expected.to_owned(), found.to_owned());
        Finding { when, expected, found, weight: None, fix: None, curl: None }
    }

    /// What came of the case with a short name.
    pub(super) fn judged(code: &str, verdict: Verdict) -> Judged {
        let case = of_connectors().find(|case| case.code == code).unwrap().about();
        Judged { case, verdict, known: None, milliseconds: 1, evidence: Vec::new(), replay: None }
    }

    /// A run of a connector that comes to this.
    pub(super) fn outcome(judged: Vec<Judged>) -> Outcome {
        let target = Hello { name: "a connector".to_owned(), ..Hello::default() };
        let took = Duration::from_secs(1);
        let (seed, mend_first, migrating_from) = (Some(1), None, None);
        Outcome { side: Side::Connector, target, seed, strict: false, migrating_from, mend_first, judged, took }
    }

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

    #[test]
    fn one_file_for_two_reports_is_refused_however_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| Report { format: Format::Json, file: folder.path().join(name) };
        Report::are_apart(&[file("a"), file("b"), file("no/such/a")]).unwrap();
        let told = Report::are_apart(&[file("a"), file("b"), file("./a")]).unwrap_err().to_string();
        assert!(told.contains("two reports, json and json, would go to the same file"), "{told}");
    }
}
