//! The run as `JUnit`'s XML: a failure for each broken requirement, skipped for what was not shown.

use super::{escaped, headline};
use crate::case::About;
use crate::judged::Judged;
use crate::run::{MendFirst, Outcome};
use crate::verdict::{Finding, Verdict};
use std::fmt::Write;

/// The document.
pub(super) fn xml(outcome: &Outcome) -> String {
    let summary = outcome.summary();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        text,
        r#"<testsuites><testsuite name="myinfo-conformance: {}" tests="{}" failures="{}" errors="{}" skipped="{}" time="{:.3}">"#,
        escaped(&outcome.target.name),
        summary.cases,
        summary.failed + summary.stale,
        summary.inconclusive,
        summary.skipped + summary.known,
        outcome.took.as_secs_f64(),
    );
    if let Some(first) = &outcome.mend_first {
        let name = format!("the usual flow fails: {}", outcome.first_of_all());
        let _ = writeln!(
            text,
            r#"<properties><property name="{}" value="{}"/></properties>"#,
            escaped(&name),
            escaped(&told_first(first))
        );
    }
    for judged in &outcome.judged {
        write_case(&mut text, judged, outcome.mend_first.is_some());
    }
    text.push_str("</testsuite></testsuites>\n");
    text
}

/// The cause and what to do about it.
fn told_first(first: &MendFirst) -> String {
    let parts = [Some(&first.cause), first.fix.as_ref(), first.seen.as_ref()];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("; ")
}

fn write_case(text: &mut String, judged: &Judged, usual_fails: bool) {
    let case = &judged.case;
    let (group, name) = case.id.rsplit_once('.').unwrap_or(("", case.id));
    let seconds = std::time::Duration::from_millis(judged.milliseconds).as_secs_f64();
    let _ = write!(text, r#"<testcase classname="{group}" name="{name}" time="{seconds:.3}">"#);
    let body = match (&judged.verdict, &judged.known) {
        (Verdict::Pass { .. }, None) => String::new(),
        (Verdict::Pass { .. }, Some(_)) => {
            "<failure type=\"stale\" message=\"the baseline expects a failure, and it passed\"/>".to_owned()
        }
        (_, Some(known)) => format!("<skipped message=\"known: {}\"/>", escaped(&known.reason)),
        (Verdict::Fail { findings }, None) => format!(
            "<failure type=\"{}\" message=\"{}\">{}</failure>",
            case.level.name(),
            escaped(&headline(findings)),
            told(case, findings)
        ),
        (Verdict::Warn { findings }, None) => {
            format!("<system-out>warning: {}\n{}</system-out>", escaped(&headline(findings)), told(case, findings))
        }
        (Verdict::Skip { reason }, None) => format!("<skipped message=\"{}\"/>", escaped(reason)),
        (Verdict::Inconclusive { .. }, None) if usual_fails => {
            "<error message=\"waits for the usual flow, which fails\"/>".to_owned()
        }
        (Verdict::Inconclusive { cause }, None) => format!("<error message=\"{}\"/>", escaped(cause)),
    };
    let _ = writeln!(text, "{body}</testcase>");
}

/// What was found, and what to do about it.
fn told(case: &About, findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let fix = finding.fix.unwrap_or(case.fix);
        let curl = finding.curl.as_ref().map_or_else(String::new, |curl| format!("  repeat    {curl}\n"));
        let _ = write!(
            text,
            "{}\n  expected  {}\n  found     {}\n  to do     {fix}\n{curl}",
            finding.when, finding.expected, finding.found
        );
    }
    let _ = writeln!(text, "{} ({}): myinfo-conformance explain {0}", case.id, case.code);
    escaped(&text)
}
