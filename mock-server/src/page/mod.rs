//! The pages that a person sees: checked templates, everything escaped, no script.

use crate::http::exchange::Answer;
use crate::journal::notices::Notice;
use crate::journal::transaction::TransactionView;
use crate::journal::view::ExchangeView;
use crate::refusal::{Failure, Refusal};
use crate::text::visible;
use askama::Template;
use warp::http::StatusCode;

/// The style sheet, served at [`STYLE_PATH`].
pub(crate) const STYLE: &str = include_str!("../../templates/style.css");
/// Where the style sheet is served.
pub(crate) const STYLE_PATH: &str = "/_mock/style.css";

/// The login page.
#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage<'a> {
    pub(crate) application: &'a str,
    pub(crate) transaction: &'a str,
    pub(crate) search: &'a str,
    pub(crate) groups: Vec<PersonaGroup>,
}

/// Personas under one heading.
pub(crate) struct PersonaGroup {
    pub(crate) title: &'static str,
    pub(crate) rows: Vec<PersonaRow>,
}

/// A persona to choose.
pub(crate) struct PersonaRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) why: String,
    /// What is to be known of the account; may be empty.
    pub(crate) account: String,
}

/// The consent page.
#[derive(Template)]
#[template(path = "consent.html")]
pub(crate) struct ConsentPage<'a> {
    pub(crate) application: &'a str,
    pub(crate) purpose: &'a str,
    pub(crate) transaction: &'a str,
    pub(crate) persona: &'a str,
    pub(crate) persona_id: &'a str,
    pub(crate) groups: Vec<ConsentGroup>,
}

/// Requested items under one heading.
pub(crate) struct ConsentGroup {
    pub(crate) title: String,
    pub(crate) rows: Vec<ConsentRow>,
}

/// A requested item with its value.
pub(crate) struct ConsentRow {
    pub(crate) attribute: String,
    pub(crate) label: String,
    pub(crate) values: Vec<String>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    base: &'a str,
    message: &'a str,
    hint: &'a str,
    fix: &'a str,
    rule: &'a str,
    says: &'a str,
    source: String,
}

/// The start page: what this is and how to point a connector at it.
#[derive(Template)]
#[template(path = "start.html")]
pub(crate) struct StartPage<'a> {
    pub(crate) origin: &'a str,
    pub(crate) base: &'a str,
    pub(crate) clients: Vec<ClientRow<'a>>,
    pub(crate) personas: usize,
    pub(crate) flavour: &'a str,
}

/// A registered client on the start page.
pub(crate) struct ClientRow<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) redirect_uris: String,
}

/// The list of transactions.
#[derive(Template)]
#[template(path = "transactions.html")]
pub(crate) struct TransactionsPage<'a> {
    pub(crate) base: &'a str,
    pub(crate) origin: &'a str,
    pub(crate) transactions: &'a [TransactionView],
    /// After how many seconds the page loads itself again.
    pub(crate) refresh: Option<u32>,
    pub(crate) armed: Vec<&'static str>,
    pub(crate) queued: usize,
    /// The newest configurations that were read again, newest first.
    pub(crate) reloads: Vec<ReloadRow>,
}

/// A configuration that was read again.
pub(crate) struct ReloadRow {
    pub(crate) at: String,
    pub(crate) taken: bool,
    pub(crate) says: Vec<String>,
}

impl ReloadRow {
    pub(crate) fn new(notice: &Notice) -> Self {
        Self { at: notice.at.rfc3339(), taken: notice.taken, says: notice.says.clone() }
    }
}

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
}

/// An exchange, prepared for the page.
pub(crate) struct Sight<'a> {
    pub(crate) exchange: &'a ExchangeView,
    /// What was expected, and what was received, each cut at the first difference.
    pub(crate) difference: Option<[Cut; 2]>,
    pub(crate) tokens: Vec<(&'static str, String)>,
    /// The opened document's headers and data, indented.
    pub(crate) document: Option<[String; 3]>,
}

/// A text cut at the first difference.
pub(crate) struct Cut {
    pub(crate) title: &'static str,
    pub(crate) same: String,
    pub(crate) mark: String,
    pub(crate) rest: String,
}

impl Cut {
    fn new(title: &'static str, text: &str, same: usize) -> Self {
        let mut characters = text.chars();
        let before: String = characters.by_ref().take(same).collect();
        // an end that comes too early is a difference, too
        let mark = characters.next().map_or_else(|| "⟨end⟩".to_owned(), |character| visible(&character.to_string()));
        Self { title, same: visible(&before), mark, rest: visible(characters.as_str()) }
    }
}

impl<'a> Sight<'a> {
    pub(crate) fn new(exchange: &'a ExchangeView) -> Self {
        let problem = exchange.refused.as_ref();
        let difference = problem.and_then(|problem| {
            let same = problem.first_difference?;
            let received = problem.received.as_ref()?;
            let expected = problem.expected.as_ref()?;
            Some([Cut::new("Expected", expected, same), Cut::new("Received", received, same)])
        });
        let tokens = exchange.tokens.iter().map(|token| {
            let title =
                if token.place == "answer" { "The access token that was given" } else { "The access token that came" };
            (title, format!("{:#}\n{:#}", token.header, token.claims))
        });
        let document = exchange.document.as_ref().map(|document| {
            [&document.jwe_header, &document.jws_header, &document.person].map(|value| format!("{value:#}"))
        });
        Self { exchange, difference, tokens: tokens.collect(), document }
    }

    /// How many rules have this verdict.
    fn count(&self, verdict: &str) -> usize {
        self.exchange.rules.iter().filter(|rule| rule.verdict == verdict).count()
    }
}

/// Renders the list of transactions.
pub(crate) fn transactions(page: &TransactionsPage<'_>) -> Result<Answer, Failure> {
    render(page)
}

/// Renders one transaction.
pub(crate) fn transaction(page: &TransactionPage<'_>) -> Result<Answer, Failure> {
    render(page)
}

/// Renders the login page.
pub(crate) fn login(page: &LoginPage<'_>) -> Result<Answer, Failure> {
    render(page)
}

/// Renders the consent page.
pub(crate) fn consent(page: &ConsentPage<'_>) -> Result<Answer, Failure> {
    render(page)
}

/// Renders the start page.
pub(crate) fn start(page: &StartPage<'_>) -> Result<Answer, Failure> {
    render(page)
}

fn render(template: &impl Template) -> Result<Answer, Failure> {
    // a mistake in the template, which the tests rule out
    let html = template.render().map_err(|error| Failure::new("the mock could not write this page", &error))?;
    Ok(Answer::page(StatusCode::OK, html))
}

/// The page for a refusal that must not redirect; `base` is what the realm's paths begin with.
pub(crate) fn problem(refusal: &Refusal, base: &str) -> Answer {
    let page = ProblemPage {
        base,
        message: &refusal.message,
        hint: &refusal.hint,
        fix: &refusal.fix,
        rule: refusal.rule.id,
        says: refusal.rule.says,
        source: refusal.rule.source(),
    };
    Answer::page(refusal.status, page.render().unwrap_or_else(|_| "The request was refused.".to_owned()))
}

/// The page for a failure of the mock.
pub(crate) fn failure(failure: &Failure) -> Answer {
    // the template for this could be what failed
    Answer::page(Failure::STATUS, format!("<!doctype html><title>Failure</title><p>{}.</p>", failure.message))
}
