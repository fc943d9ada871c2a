//! One transaction: what was wrong in it, its requests as a waterfall, and each of them with all that is known of it.

use super::STYLE;
use super::compare::LENGTH;
use super::curl::{self, Command};
use super::difference::{Cut, cuts};
use super::filters;
use super::waterfall::Bar;
use crate::http::exchange::Answer;
use crate::journal::transaction::TransactionView;
use crate::journal::view::{ExchangeView, ProblemView, RuleView};
use crate::refusal::Failure;
use askama::Template;

/// One transaction as a timeline.
#[derive(Template)]
#[template(path = "transaction.html")]
pub(crate) struct TransactionPage<'a> {
    pub(crate) base: &'a str,
    pub(crate) summary: &'a TransactionView,
    pub(crate) steps: Vec<Sight<'a>>,
    pub(crate) refresh: Option<u32>,
    pub(crate) personal: bool,
    /// Whether it is a file that stands alone, with its style inside.
    pub(crate) standalone: bool,
}

impl TransactionPage<'_> {
    /// The first step at which a rule was broken.
    fn broken(&self) -> Option<&Sight<'_>> {
        self.steps.iter().find(|step| step.exchange.refused.is_some())
    }

    const fn style() -> &'static str {
        STYLE
    }

    const fn length() -> usize {
        LENGTH
    }
}

/// An exchange, prepared for the page.
pub(crate) struct Sight<'a> {
    pub(crate) exchange: &'a ExchangeView,
    bar: Bar,
    /// What was expected, and what was received, each with the range marked in which they differ.
    difference: Option<[Cut; 2]>,
    tokens: Vec<(&'static str, String)>,
    /// The opened document's headers and data, indented.
    document: Option<[String; 3]>,
    curl: Command,
    /// What of it can be held against a text of one's own, in words; may be empty.
    names: String,
}

impl<'a> Sight<'a> {
    pub(crate) fn new(exchange: &'a ExchangeView, bar: Bar, names: String) -> Self {
        let tokens = exchange.tokens.iter().map(|token| {
            let title =
                if token.place == "answer" { "The access token that was given" } else { "The access token that came" };
            (title, format!("{:#}\n{:#}", token.header, token.claims))
        });
        let document = exchange.document.as_ref().map(|document| {
            [&document.jwe_header, &document.jws_header, &document.person].map(|value| format!("{value:#}"))
        });
        Self {
            exchange,
            bar,
            difference: exchange.refused.as_ref().and_then(difference),
            tokens: tokens.collect(),
            document,
            curl: curl::command(&exchange.request),
            names,
        }
    }

    /// How many rules have this verdict.
    fn count(&self, verdict: &str) -> usize {
        self.exchange.rules.iter().filter(|rule| rule.verdict == verdict).count()
    }

    /// How it ended, for the eye: a failure without a refusal is a fault's.
    fn look(&self) -> &'static str {
        match self.exchange.refused {
            Some(_) => "refused",
            None if self.exchange.answer.status >= 400 => "failed",
            None => "kept",
        }
    }

    /// The rule that the wire told of.
    fn told(&self, problem: &ProblemView) -> Option<&RuleView> {
        self.exchange.rules.iter().find(|rule| rule.id == problem.rule)
    }
}

fn difference(problem: &ProblemView) -> Option<[Cut; 2]> {
    cuts(("Expected", problem.expected.as_ref()?), ("Received", problem.received.as_ref()?))
}

/// Renders one transaction.
pub(crate) fn transaction(page: &TransactionPage<'_>) -> Result<Answer, Failure> {
    super::render(page)
}
