//! A refusal is a value: what goes on the wire stays faithful, what the developer needs stands beside it.

use crate::http::exchange::{Answer, BodyProblem, HeaderProblem};
use crate::http::pairs::PairsError;
use crate::log::visible;
use crate::persona::uinfin::mask_all;
use crate::rule::Rule;
use serde_json::{Map, Value, json};
use warp::http::StatusCode;

/// Why a request was refused.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// The text of the wire's `message` member; never holds a secret.
    pub(crate) message: String,
    /// The rule that was broken.
    pub(crate) rule: &'static Rule,
    /// What the developer should change; for the log, never for the wire. Secrets are masked by the author.
    pub(crate) hint: String,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        message: impl Into<String>,
        rule: &'static Rule,
        hint: impl Into<String>,
    ) -> Self {
        Self { status, message: message.into(), rule, hint: hint.into() }
    }

    /// A refusal that any rule about the shape of a request can give: 400, with the hint as message.
    pub(crate) fn malformed(rule: &'static Rule, what: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, what.to_string(), rule, what.to_string())
    }

    /// The same refusal with its texts changed.
    pub(crate) fn map_texts(mut self, change: impl Fn(&str) -> String) -> Self {
        self.message = change(&self.message);
        self.hint = change(&self.hint);
        self
    }

    /// The JSON error body of the v3 API: `code` and `message`, in the shape that is set (open question 2).
    pub(crate) fn answer(&self, shape: ErrorShape) -> Answer {
        let number = self.status.as_u16();
        let mut body = Map::new();
        let code = match shape.code {
            CodeType::Text => json!(number.to_string()),
            CodeType::Number => json!(number),
        };
        body.insert("code".into(), code);
        body.insert("message".into(), Value::from(self.message.as_str()));
        if shape.fields {
            body.insert("fields".into(), json!(""));
        }
        Answer::api(self.status, "application/json", Value::Object(body).to_string())
    }

    /// Writes the developer's side of the refusal to the log, personal numbers masked.
    pub(crate) fn log(&self) {
        tracing::warn!(
            rule = self.rule.id,
            source = self.rule.source,
            status = self.status.as_u16(),
            answer = visible(&mask_all(&self.message)),
            "refused: {}",
            visible(&mask_all(&self.hint))
        );
    }
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
            BodyProblem::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
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
