//! The run for GitHub: a summary of the step, as Markdown, and annotations, which are lines of the job's log.

use super::markdown::inert;
use super::moved::Moved;
use super::{headline, numbers};
use crate::judged::{Judged, Standing};
use crate::run::Outcome;
use crate::verdict::Verdict;
use std::fmt::Write;

/// How many annotations of a kind GitHub shows for a step.
const MOST_ANNOTATIONS: usize = 10;
/// How many cases the summary tells of one by one: GitHub takes no more than a mebibyte of it.
const MOST_TOLD: usize = 100;

/// The summary of a step.
pub(crate) fn summary(outcome: &Outcome) -> String {
    let summary = outcome.summary();
    let mark = if summary.failed + summary.stale > 0 {
        "❌"
    } else if summary.inconclusive > 0 {
        "⚠️"
    } else {
        "✅"
    };
    let version = [&outcome.target.name, &outcome.target.connector_version].map(|text| inert(text)).join(" ");
    let mut text = format!("### {mark} Myinfo conformance: {}\n\n{}\n\n", version.trim_end(), numbers(&summary));
    if let Some(first) = &outcome.mend_first {
        let _ =
            writeln!(text, "**The usual flow fails: {}.** Cause: {}\n", outcome.first_of_all(), inert(&first.cause));
        first.fix.iter().for_each(|fix| {
            let _ = writeln!(text, "To do: {}\n", inert(fix));
        });
    }
    if let Some(moved) = Moved::of(outcome) {
        let _ = writeln!(text, "{}", moved.markdown("####"));
    }
    let told: Vec<&Judged> = worth_telling(outcome).collect();
    if !told.is_empty() {
        text.push_str("| | case | found | to do |\n|---|---|---|---|\n");
    }
    for judged in told.iter().take(MOST_TOLD) {
        let (word, case) = (judged.standing().name(), &judged.case);
        let (found, fix) = (cell(&found(judged)), cell(fix(judged)));
        let _ = writeln!(text, "| {word} | `{}` ({}) | {found} | {fix} |", case.id, case.level.name());
    }
    if let more @ 1.. = told.len().saturating_sub(MOST_TOLD) {
        let _ = writeln!(text, "\nAnd {more} more.");
    }
    text.push('\n');
    text
}

/// The annotations, each a line: an error for what fails, a warning for what is merely warned of.
pub(crate) fn annotations(outcome: &Outcome) -> String {
    let mut text = String::new();
    for (command, standings) in [("error", [Standing::Fail, Standing::Stale]), ("warning", [Standing::Warn; 2])] {
        let all = worth_telling(outcome).filter(|judged| standings.contains(&judged.standing()));
        for judged in all.take(MOST_ANNOTATIONS) {
            let case = &judged.case;
            let title = property(&format!("{} ({})", case.id, case.level.name()));
            let told = data(&format!("{}\nTo do: {}", found(judged), fix(judged)));
            let _ = writeln!(text, "::{command} title={title}::{told}");
        }
    }
    text
}

/// The cases that somebody has to look at, the gravest first. What shows nothing for another's sake is not told again.
fn worth_telling(outcome: &Outcome) -> impl Iterator<Item = &Judged> {
    let waits = outcome.mend_first.is_some();
    let grave = [Standing::Fail, Standing::Stale, Standing::Warn, Standing::Inconclusive];
    let told = grave.into_iter().filter(move |standing| !(waits && *standing == Standing::Inconclusive));
    told.flat_map(|standing| outcome.judged.iter().filter(move |judged| judged.standing() == standing))
}

fn found(judged: &Judged) -> String {
    match (&judged.verdict, judged.standing()) {
        (_, Standing::Stale) => "the baseline expects a failure, and it passed".to_owned(),
        (Verdict::Inconclusive { cause }, _) => cause.clone(),
        (verdict, _) => headline(verdict.findings()),
    }
}

fn fix(judged: &Judged) -> &'static str {
    match judged.standing() {
        Standing::Stale => "Take the case out of the baseline",
        Standing::Inconclusive => "",
        Standing::Pass | Standing::Fail | Standing::Warn | Standing::Skip | Standing::Known => {
            judged.verdict.findings().first().and_then(|finding| finding.fix).unwrap_or(judged.case.fix)
        }
    }
}

/// A text of somebody else's in a cell of a table, which a bar would end, even in code.
fn cell(text: &str) -> String {
    inert(&text.replace('|', "¦"))
}

/// The message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{finding, judged, outcome};

    #[test]
    fn an_annotation_is_one_line_whatever_was_found() {
        let hostile = finding("50%\r\n::add-mask::x", "a: b, c");
        let outcome = outcome(vec![judged("F-CB-01", Verdict::Fail { findings: vec![hostile] })]);
        let text = annotations(&outcome);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(
            text.starts_with(
                "::error title=fapi.callback.state-different (MUST)::50%25%0D%0A::add-mask::x; expected: a: b, c%0ATo do: "
            ),
            "{text}"
        );
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }

    #[test]
    fn no_more_annotations_are_written_than_github_shows() {
        let warned = |code: &str| judged(code, Verdict::Warn { findings: vec![finding("f", "e")] });
        let cases = crate::case::of_connectors().take(30).map(|case| warned(case.code)).collect();
        assert_eq!(annotations(&outcome(cases)).matches("::warning title=").count(), MOST_ANNOTATIONS);
    }

    #[test]
    fn the_summary_is_a_table_that_foreign_text_cannot_leave() {
        let hostile = finding("a | b <img src=x>", "`|`");
        let text = summary(&outcome(vec![judged("F-CB-01", Verdict::Fail { findings: vec![hostile] })]));
        let row = text.lines().find(|line| line.starts_with("| fail |")).unwrap();
        assert_eq!(row.matches('|').count(), 5, "{row}");
        assert!(row.contains("| `` a ¦ b <img src=x>; expected: `¦` `` |"), "{row}");
        assert!(text.starts_with("### ❌ Myinfo conformance: "), "{text}");
    }
}
