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

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(formatter, "{level}: `{}`: {}", self.path, self.message)
    }
}

/// Gathers findings.
#[derive(Debug, Default)]
pub(super) struct Report(pub(super) Vec<Finding>);

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

    fn push(&mut self, level: Level, path: &str, message: String) {
        self.0.push(Finding { level, path: path.to_owned(), message });
    }
}
