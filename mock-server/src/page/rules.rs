//! The page of all rules, diagnoses and mistakes: what a name that the journal shows stands for.

use super::filters;
use super::render;
use crate::doctor::catalogue::Diagnosis;
use crate::doctor::mistake::MistakeKind;
use crate::http::exchange::Answer;
use crate::refusal::Failure;
use crate::rule::Rule;
use askama::Template;

/// Rules, diagnoses and mistakes in which every word of a search stands.
#[derive(Template)]
#[template(path = "rules.html")]
pub(crate) struct RulesPage<'a> {
    base: &'a str,
    search: &'a str,
    rules: Vec<&'static Rule>,
    diagnoses: Vec<&'static Diagnosis>,
    mistakes: Vec<&'static MistakeKind>,
}

impl<'a> RulesPage<'a> {
    pub(crate) fn new(
        base: &'a str,
        search: &'a str,
        rules: impl Iterator<Item = &'static Rule>,
        diagnoses: impl Iterator<Item = &'static Diagnosis>,
        mistakes: impl Iterator<Item = &'static MistakeKind>,
    ) -> Self {
        let holds = |texts: &[&str]| hold(texts, search);
        let of_rule = |rule: &&'static Rule| holds(&[rule.id, rule.document, rule.section, rule.says, rule.fix]);
        Self {
            base,
            search,
            rules: rules.filter(of_rule).collect(),
            diagnoses: diagnoses.filter(|kind| holds(&[kind.id, kind.when, kind.tells])).collect(),
            mistakes: mistakes.filter(|kind| holds(&[kind.id, kind.says, kind.fix])).collect(),
        }
    }

    /// How many things are shown.
    const fn found(&self) -> usize {
        self.rules.len() + self.diagnoses.len() + self.mistakes.len()
    }
}

/// Whether every word stands in one of the texts, in small letters or capitals.
pub(super) fn hold(texts: &[&str], words: &str) -> bool {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    words.to_lowercase().split_whitespace().all(|word| texts.iter().any(|text| text.contains(word)))
}

/// Renders the rules.
pub(crate) fn rules(page: &RulesPage<'_>) -> Result<Answer, Failure> {
    render(page)
}
