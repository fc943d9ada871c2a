//! What the check of a persona notices, and how bad it is.

use serde_json::Value;
use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The service could never send this.
    Error,
    /// The service could send it, and some published personas do, but it is odd.
    Warning,
}

/// One thing that the check noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    /// Where: `regadd.postal`.
    pub(crate) path: String,
    pub(crate) message: String,
}

impl Finding {
    /// Something odd.
    pub(crate) fn warning(path: &str, message: String) -> Self {
        Self { level: Level::Warning, path: path.to_owned(), message }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(formatter, "{level}: `{}`: {}", self.path, self.message)
    }
}

/// How many findings of a level are told; of the others only how many there are.
const TOLD: usize = 100;

/// Gathers findings.
#[derive(Debug, Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
    errors: usize,
    warnings: usize,
}

impl Report {
    pub(super) fn error(&mut self, path: &str, message: impl Into<String>) {
        self.push(Level::Error, path, message.into());
    }

    pub(super) fn warn(&mut self, path: &str, message: impl Into<String>) {
        self.push(Level::Warning, path, message.into());
    }

    /// Whether there is a `null`; then it is told what to write.
    pub(super) fn is_null(&mut self, path: &str, value: &Value) -> bool {
        if value.is_null() {
            self.null(path);
        }
        value.is_null()
    }

    pub(super) fn null(&mut self, path: &str) {
        self.error(
            path,
            "is null: write \"\" where the value is empty, or `null` for the whole item where there is none",
        );
    }

    /// Whether another error is told in words, and deserves a search for what was meant.
    pub(super) const fn has_room(&self) -> bool {
        self.errors < TOLD
    }

    fn push(&mut self, level: Level, path: &str, message: String) {
        let count = match level {
            Level::Error => &mut self.errors,
            Level::Warning => &mut self.warnings,
        };
        *count += 1;
        if *count <= TOLD {
            self.findings.push(Finding { level, path: path.to_owned(), message });
        }
    }

    /// The findings, errors first, each level with how many more there are.
    pub(super) fn into_told(mut self) -> Vec<Finding> {
        for (level, count) in [(Level::Error, self.errors), (Level::Warning, self.warnings)] {
            if count > TOLD {
                let message = format!("and {} more like these", count - TOLD);
                self.findings.push(Finding { level, path: "…".to_owned(), message });
            }
        }
        self.findings.sort_by_key(|finding| finding.level);
        self.findings
    }
}
