//! The pages that a person sees: checked templates, everything escaped, no script.

use crate::http::exchange::Answer;
use crate::http::refusal::Refusal;
use crate::profile::v3::page_failed;
use askama::Template;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use warp::http::StatusCode;

/// The style sheet, served at [`STYLE_PATH`].
pub(crate) const STYLE: &str = include_str!("../../templates/style.css");
/// Where the style sheet is served.
pub(crate) const STYLE_PATH: &str = "/_mock/style.css";

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes a value for a query.
pub(crate) fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

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
    message: &'a str,
    hint: &'a str,
    rule: &'a str,
    says: &'a str,
    source: &'a str,
}

/// The start page: what this is and how to point a connector at it.
#[derive(Template)]
#[template(path = "start.html")]
pub(crate) struct StartPage<'a> {
    pub(crate) origin: &'a str,
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

/// Renders the login page.
pub(crate) fn login(page: &LoginPage<'_>) -> Result<Answer, Refusal> {
    render(page)
}

/// Renders the consent page.
pub(crate) fn consent(page: &ConsentPage<'_>) -> Result<Answer, Refusal> {
    render(page)
}

/// Renders the start page.
pub(crate) fn start(page: &StartPage<'_>) -> Result<Answer, Refusal> {
    render(page)
}

fn render(template: &impl Template) -> Result<Answer, Refusal> {
    let html = template.render().map_err(|error| page_failed(&error))?;
    Ok(Answer::page(StatusCode::OK, html))
}

/// A page's answer, or the page that says why there is none; the reason goes to the log, too.
pub(crate) fn or_problem(result: Result<Answer, Refusal>) -> Answer {
    result.unwrap_or_else(|refusal| {
        refusal.log();
        problem(&refusal)
    })
}

/// The page for a refusal that must not redirect.
pub(crate) fn problem(refusal: &Refusal) -> Answer {
    let page = ProblemPage {
        message: &refusal.message,
        hint: &refusal.hint,
        rule: refusal.rule.id,
        says: refusal.rule.says,
        source: refusal.rule.source,
    };
    Answer::page(refusal.status, page.render().unwrap_or_else(|_| "The request was refused.".to_owned()))
}
