//! The run as Markdown: for pull requests and for `docs/`.

use super::moved::Moved;
use super::{label, numbers};
use crate::clause::Clauses;
use crate::judged::Judged;
use crate::run::{MendFirst, Outcome};
use crate::text::hides;
use std::fmt::Write;

/// The document.
pub(super) fn text(outcome: &Outcome, clauses: &Clauses) -> String {
    let (target, summary) = (&outcome.target, outcome.summary());
    let mut text = format!(
        "# {} {}, judged by myinfo-conformance {}\n\n",
        inert(&target.name),
        inert(&target.connector_version),
        env!("CARGO_PKG_VERSION")
    );
    let _ = writeln!(text, "{}\n", numbers(&summary));
    if let Some(first) = &outcome.mend_first {
        write_first(&mut text, outcome, first);
    }
    if let Some(moved) = Moved::of(outcome) {
        let _ = writeln!(text, "{}", moved.markdown("##"));
    }
    let failed: Vec<&Judged> = outcome.judged.iter().filter(|judged| !judged.verdict.findings().is_empty()).collect();
    if !failed.is_empty() {
        text.push_str("## What was found\n");
    }
    for judged in failed {
        let case = &judged.case;
        let label = label(outcome, judged, clauses).map_or_else(String::new, |label| format!("; {label}"));
        let _ = writeln!(text, "\n### `{}` ({}, {}{label})\n", case.id, judged.verdict.name(), case.level.name());
        let (other, own) = (outcome.side.other(), outcome.side.name());
        let _ = writeln!(text, "The {other} {}. A good {own} {}.\n", case.other, case.good);
        // a finding's line of curl stays out: this form is committed and compared, and ports, nonces and times change in it
        for finding in judged.verdict.findings() {
            let (when, expected, found) = (inert(&finding.when), inert(&finding.expected), inert(&finding.found));
            let fix = finding.fix.map_or_else(String::new, |fix| format!(" To do: {fix}"));
            let _ = writeln!(text, "- {when}: expected: {expected}; found: {found}{fix}");
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

/// What is to be mended before anything else.
fn write_first(text: &mut String, outcome: &Outcome, first: &MendFirst) {
    let _ = writeln!(text, "**The usual flow fails: {}.**\n\nCause: {}\n", outcome.first_of_all(), inert(&first.cause));
    if let Some(fix) = &first.fix {
        let _ = writeln!(text, "To do: {}\n", inert(fix));
    }
    if let Some(seen) = &first.seen {
        let _ = writeln!(text, "Seen: {}\n", inert(seen));
    }
    if !first.log.is_empty() {
        text.push_str("The last lines of its log:\n\n");
        first.log.iter().for_each(|line| {
            let _ = writeln!(text, "- {}", code(line));
        });
        text.push('\n');
    }
}

/// A text in which nothing is alive: what could be a tag, a link, an image, a mention or a line of its own is code.
pub(super) fn inert(text: &str) -> String {
    let alive = ["<", "&", "[", "]", "://", "@", "#", "\n", "\r", "\\"];
    let lower = text.to_lowercase();
    // an odd number of backticks would open code that ends elsewhere
    let closed = text.matches('`').count().is_multiple_of(2) && !text.contains("``");
    if closed && !lower.contains("www.") && !alive.iter().any(|part| lower.contains(part)) {
        return text.to_owned();
    }
    code(text)
}

/// A text as code, on one line, whatever backticks are in it.
fn code(text: &str) -> String {
    let line: String = text.chars().map(|character| if hides(character) { ' ' } else { character }).collect();
    let line = line.replace(['\n', '\r', '\t'], " ");
    let longest = line.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let blank = if longest > 0 || line.trim().is_empty() { " " } else { "" };
    format!("{fence}{blank}{line}{blank}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_has_no_live_links_images_tags_or_lines() {
        for (foreign, told) in [
            ("![x](https://tracker.example/a.png)", "`![x](https://tracker.example/a.png)`"),
            ("see [here](javascript:alert(1))", "`see [here](javascript:alert(1))`"),
            ("http://example.com", "`http://example.com`"),
            ("WWW.example.com", "`WWW.example.com`"),
            ("<b>&amp;", "`<b>&amp;`"),
            ("@everyone in #1", "`@everyone in #1`"),
            ("one\n\n# two", "`one  # two`"),
            ("`` ` <img src=x>", "``` `` ` <img src=x> ```"),
            ("an open ` and no end", "`` an open ` and no end ``"),
        ] {
            assert_eq!(inert(foreign), told);
        }
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        for text in ["status 200", "`client_id` is missing", "{\"code\":\"401\"}", "a * b_c ~ d"] {
            assert_eq!(inert(text), text);
        }
    }
}
