//! A refusal is a value: what goes on the wire stays faithful, what the developer needs stands beside it.

use crate::doctor::catalogue::Diagnosis;
use crate::doctor::difference::{Comparison, Details};
use crate::http::exchange::{BodyProblem, HeaderProblem};
use crate::http::pairs::PairsError;
use crate::rule::Rule;
use std::borrow::Cow;
use warp::http::StatusCode;

/// Why a request was refused.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// The text of the wire's `message` member; never holds a secret.
    pub(crate) message: String,
    /// The error's code of the profile, where its wire has names for errors and not only a status: `invalid_scope`.
    pub(crate) error: Option<&'static str>,
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
        Self {
            status,
            message: message.into(),
            error: None,
            rule,
            hint: hint.into(),
            fix,
            diagnosis: None,
            details: None,
        }
    }

    /// The same refusal with the wire's name for it.
    #[must_use]
    pub(crate) fn with_error(mut self, error: &'static str) -> Self {
        self.error = Some(error);
        self
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

    /// The same refusal with more for the developer behind its hint; nothing of it goes to the wire.
    #[must_use]
    pub(crate) fn explained(mut self, more: &str) -> Self {
        self.hint.push_str(more);
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

    /// How much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let fix = match &self.fix {
            Cow::Borrowed(_) => 0,
            Cow::Owned(text) => text.capacity(),
        };
        let details = self.details.as_ref().map_or(0, |details| details.bytes());
        size_of::<Self>() + self.message.capacity() + self.hint.capacity() + fix + details
    }

    /// The same refusal with its texts changed.
    pub(crate) fn map_texts(mut self, change: impl Fn(&str) -> String) -> Self {
        self.message = change(&self.message);
        self.hint = change(&self.hint);
        self.fix = Cow::Owned(change(&self.fix));
        self.details = self.details.map(|details| Box::new(details.map(change)));
        self
    }
}

/// Why a request gets no answer of its own.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It breaks a rule.
    Refused(Box<Refusal>),
    /// The mock itself failed.
    Failed(Failure),
}

/// Something broke inside the mock. It is nobody's broken rule: it is neither told, nor counted, nor asserted as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What the wire says.
    pub(crate) message: &'static str,
    /// What the log and the journal say.
    pub(crate) cause: String,
}

impl Failure {
    /// The status of the answer: the client may try again.
    pub(crate) const STATUS: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

    pub(crate) fn new(message: &'static str, cause: &dyn std::fmt::Display) -> Self {
        Self { message, cause: cause.to_string() }
    }

    /// Signing with a key that was read at start does not fail; if it ever does, the client may try again.
    pub(crate) fn signing(cause: &dyn std::fmt::Display) -> Self {
        Self::new("the mock could not sign its answer", cause)
    }

    /// A handler that neither answers nor refuses is a mistake of the mock, which the tests rule out.
    pub(crate) fn nothing_to_say() -> Self {
        Self { message: "the mock failed to answer", cause: "a handler neither answered nor refused".to_owned() }
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
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
