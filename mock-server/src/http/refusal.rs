//! A refusal is a value: what goes on the wire stays faithful, what the developer needs stands beside it.

use crate::doctor::catalogue::{Diagnosis, SCOPE};
use crate::doctor::difference::{Comparison, Details};
use crate::http::exchange::{Answer, BodyProblem, HeaderProblem};
use crate::http::pairs::PairsError;
use crate::rule::Rule;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use warp::http::StatusCode;

/// Why a request was refused.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// The text of the wire's `message` member; never holds a secret.
    pub(crate) message: String,
    /// The rule that was broken.
    pub(crate) rule: &'static Rule,
    /// What is wrong, for the developer: for the log, the journal and the pages, never for the wire. Secrets are masked.
    pub(crate) hint: String,
    /// What to change.
    pub(crate) fix: Cow<'static, str>,
    /// The kind of mistake, where it is one of the catalogue.
    pub(crate) diagnosis: Option<&'static Diagnosis>,
    /// What the diagnosis rests on. Secrets are masked.
    pub(crate) details: Option<Box<Details>>,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        message: impl Into<String>,
        rule: &'static Rule,
        hint: impl Into<String>,
    ) -> Self {
        let fix = Cow::Borrowed(rule.fix);
        Self { status, message: message.into(), rule, hint: hint.into(), fix, diagnosis: None, details: None }
    }

    /// The same refusal with the kind of mistake.
    #[must_use]
    pub(crate) fn diagnosed(mut self, diagnosis: &'static Diagnosis) -> Self {
        self.diagnosis = Some(diagnosis);
        self
    }

    /// The same refusal with better advice than the rule's own.
    #[must_use]
    pub(crate) fn fixed_by(mut self, fix: impl Into<Cow<'static, str>>) -> Self {
        self.fix = fix.into();
        self
    }

    /// The same refusal with the texts side by side.
    #[must_use]
    pub(crate) fn compared(mut self, comparison: Comparison) -> Self {
        self.details.get_or_insert_default().comparison = Some(comparison);
        self
    }

    /// A refusal that any rule about the shape of a request can give: 400, with the hint as message.
    pub(crate) fn malformed(rule: &'static Rule, what: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, what.to_string(), rule, what.to_string())
    }

    /// The `error` of a redirect to the relying party: a bad attribute has its own, everything else is `500`.
    pub(crate) fn wire_error(&self) -> &'static str {
        if self.diagnosis == Some(SCOPE) { "invalid_scope" } else { "500" }
    }

    /// The same refusal with its texts changed.
    pub(crate) fn map_texts(mut self, change: impl Fn(&str) -> String) -> Self {
        self.message = change(&self.message);
        self.hint = change(&self.hint);
        self.fix = Cow::Owned(change(&self.fix));
        self.details = self.details.map(|details| Box::new(details.map(change)));
        self
    }

    /// The JSON error body of the v3 API: `code` and `message`, in the shape that is set (open question 2).
    pub(crate) fn answer(&self, shape: ErrorShape) -> Answer {
        Answer::api(self.status, "application/json", error_body(self.status, &self.message, shape))
    }
}

/// A JSON error body of the API.
pub(crate) fn error_body(status: StatusCode, message: &str, shape: ErrorShape) -> String {
    let number = status.as_u16();
    let mut body = Map::new();
    let code = match shape.code {
        CodeType::Text => json!(number.to_string()),
        CodeType::Number => json!(number),
    };
    body.insert("code".into(), code);
    body.insert("message".into(), Value::from(message));
    if shape.fields {
        body.insert("fields".into(), json!(""));
    }
    Value::Object(body).to_string()
}

/// The shape of a JSON error body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ErrorShape {
    pub(crate) code: CodeType,
    /// Whether the older third member `fields` is there.
    pub(crate) fields: bool,
}

/// The type of the member `code` of an error body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeType {
    /// `"401"`, as the document types it for token.
    Text,
    /// `401`, as the document types it elsewhere.
    Number,
}

impl From<(&'static Rule, BodyProblem)> for Refusal {
    fn from((rule, problem): (&'static Rule, BodyProblem)) -> Self {
        let status = match problem {
            BodyProblem::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            BodyProblem::TooSlow => StatusCode::REQUEST_TIMEOUT,
            BodyProblem::BrokenOff => StatusCode::BAD_REQUEST,
        };
        Self::new(status, problem.to_string(), rule, problem.to_string())
    }
}

impl From<(&'static Rule, PairsError)> for Refusal {
    fn from((rule, problem): (&'static Rule, PairsError)) -> Self {
        Self::malformed(rule, problem)
    }
}

impl From<(&'static Rule, HeaderProblem)> for Refusal {
    fn from((rule, problem): (&'static Rule, HeaderProblem)) -> Self {
        Self::malformed(rule, problem)
    }
}
