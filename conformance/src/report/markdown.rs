//! The run as Markdown: for pull requests and for `docs/`.

use crate::judged::Judged;
use crate::run::Outcome;
use std::fmt::Write;

/// The document.
pub(super) fn text(outcome: &Outcome) -> String {
    let (target, summary) = (&outcome.target, outcome.summary());
    let mut text = format!(
        "# {} {}, judged by myinfo-conformance {}\n\n",
        inert(&target.name),
        inert(&target.connector_version),
        env!("CARGO_PKG_VERSION")
    );
    let _ = writeln!(text, "{}\n", super::terminal::numbers(&summary));
    let failed: Vec<&Judged> = outcome.judged.iter().filter(|judged| !judged.verdict.findings().is_empty()).collect();
    if !failed.is_empty() {
        text.push_str("## What was found\n");
    }
    for judged in failed {
        let case = &judged.case;
        let _ = writeln!(text, "\n### `{}` ({}, {})\n", case.id, judged.verdict.name(), case.level.name());
        let (other, own) = (outcome.side.other(), outcome.side.name());
        let _ = writeln!(text, "The {other} {}. A good {own} {}.\n", case.other, case.good);
        for finding in judged.verdict.findings() {
            let line = format!("{}: expected: {}; found: {}", finding.when, finding.expected, finding.found);
            let fix = finding.fix.map_or_else(String::new, |fix| format!(" To do: {fix}"));
            let _ = writeln!(text, "- {}{fix}", inert(&line));
        }
        if judged.verdict.findings().iter().any(|finding| finding.fix.is_none()) {
            let _ = writeln!(text, "\nTo do: {}", case.fix);
        }
        if let Some(known) = &judged.known {
            let _ = writeln!(text, "\nKnown until {}: {} {}", known.expires, known.reason, known.issue);
        }
    }
    text.push_str("\n## All cases\n\n| case | level | verdict |\n|---|---|---|\n");
    for judged in &outcome.judged {
        let known = if judged.known.is_some() { " (known)" } else { "" };
        let _ = writeln!(
            text,
            "| `{}` | {} | {}{known} |",
            judged.case.id,
            judged.case.level.name(),
            judged.verdict.name()
        );
    }
    text
}

/// A text in which nothing is a tag.
fn inert(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
