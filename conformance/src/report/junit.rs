//! The run as `JUnit`'s XML: a failure for each broken requirement, skipped for what was not shown.

use super::escaped;
use crate::judged::Judged;
use crate::run::Outcome;
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
    for judged in &outcome.judged {
        write_case(&mut text, judged);
    }
    text.push_str("</testsuite></testsuites>\n");
    text
}

fn write_case(text: &mut String, judged: &Judged) {
    let case = &judged.case;
    let (group, name) = case.id.rsplit_once('.').unwrap_or(("", case.id));
    let seconds = std::time::Duration::from_millis(judged.milliseconds).as_secs_f64();
    let _ = write!(text, r#"<testcase classname="{group}" name="{name}" time="{seconds:.3}">"#);
    let body = match (&judged.verdict, &judged.known) {
        (Verdict::Pass { .. }, None) => String::new(),
        (Verdict::Pass { .. }, Some(_)) => {
            "<failure message=\"the baseline expects a failure, and it passed\"/>".to_owned()
        }
        (_, Some(known)) => format!("<skipped message=\"known: {}\"/>", escaped(&known.reason)),
        (Verdict::Fail { findings }, None) => {
            format!("<failure message=\"{}\">{}</failure>", escaped(case.good), told(findings))
        }
        (Verdict::Warn { findings }, None) => format!("<system-out>warning\n{}</system-out>", told(findings)),
        (Verdict::Skip { reason }, None) => format!("<skipped message=\"{}\"/>", escaped(reason)),
        (Verdict::Inconclusive { cause }, None) => format!("<error message=\"{}\"/>", escaped(cause)),
    };
    let _ = writeln!(text, "{body}</testcase>");
}

fn told(findings: &[Finding]) -> String {
    let one = |finding: &Finding| {
        escaped(&format!("{}\n  expected  {}\n  found     {}\n", finding.when, finding.expected, finding.found))
    };
    findings.iter().map(one).collect()
}
