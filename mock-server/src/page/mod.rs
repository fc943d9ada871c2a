//! The pages that a person sees: checked templates, everything escaped. All work without their script.

pub(crate) mod api;
pub(crate) mod clients;
pub(crate) mod compare;
mod curl;
mod difference;
mod excerpt;
pub(crate) mod faults;
mod filters;
pub(crate) mod manual;
pub(crate) mod missing;
pub(crate) mod people;
pub(crate) mod playground;
pub(crate) mod realms;
pub(crate) mod rules;
pub(crate) mod start;
pub(crate) mod transaction;
pub(crate) mod transactions;
pub(crate) mod waterfall;

use crate::http::exchange::Answer;
use crate::refusal::{Failure, Refusal};
use askama::Template;
use warp::http::StatusCode;

/// The style sheet.
pub(crate) const STYLE: &str = include_str!("../../templates/style.css");
/// What makes the mock's own pages handier; the pages of a login have no script.
pub(crate) const SCRIPT: &str = include_str!("../../templates/page.js");

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

/// Renders the consent page.
pub(crate) fn consent(page: &ConsentPage<'_>) -> Result<Answer, Failure> {
    Ok(Answer::page(StatusCode::OK, written(page)?))
}

/// A page of the mock's own.
fn render(template: &impl Template) -> Result<Answer, Failure> {
    Ok(Answer::own_page(StatusCode::OK, written(template)?))
}

fn written(template: &impl Template) -> Result<String, Failure> {
    // a mistake in the template, which the tests rule out
    template.render().map_err(|error| Failure::new("the mock could not write this page", &error))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_without_a_purpose_has_no_row_for_it() {
        let page = |purpose| {
            let (application, transaction, persona, persona_id) = ("A", "1", "ANDY LAU", "S6005048A");
            let page = ConsentPage { application, purpose, transaction, persona, persona_id, groups: Vec::new() };
            written(&page).unwrap()
        };
        assert!(page("a test").contains("<dt>Purpose</dt><dd data-test=\"purpose\">a test</dd>"));
        assert!(!page("").contains("Purpose"));
    }
}
