//! One case on the page: what it is about, what was found, and the requests and answers that this rests on.

use super::Fold;
use crate::case::Side;
use crate::clause::Clauses;
use crate::evidence::{Diagnosis, Evidence, Exchange};
use crate::judged::Judged;
use crate::report::{escaped, headline};
use crate::verdict::{Finding, Verdict};
use std::fmt::Write;

/// Writes a case.
pub(super) fn write(page: &mut String, judged: &Judged, (side, clauses): (Side, &Clauses), fold: Fold) {
    let (case, standing) = (&judged.case, judged.standing());
    let (class, level) = (standing.name(), case.level.name());
    let told = match headline(judged.verdict.findings()) {
        none if none.is_empty() => none,
        told => format!("<span class=\"headline\">{}</span>", escaped(&told)),
    };
    let _ = write!(
        page,
        "<details class=\"case {class}\" id=\"{id}\" data-standing=\"{class}\" data-profile=\"{profile}\" data-level=\"{level}\"{open}><summary><span class=\"tag\">{class}</span> <span class=\"title\">The {other} {does}</span><span class=\"level\">{level}</span><code class=\"id\">{id}</code>{told}</summary><div class=\"body\">\n<dl>",
        id = case.id,
        profile = case.profile().name(),
        open = if fold == Fold::Open { " open" } else { "" },
        other = side.other(),
        does = escaped(case.other),
    );
    line(page, &format!("a good {}", side.name()), case.good);
    line(page, "why", case.why);
    write_verdict(page, judged);
    write_clauses(page, judged, clauses);
    let _ = writeln!(
        page,
        "<dt>case</dt><dd><a href=\"#{0}\">{0}</a> ({1}), {2} ms</dd></dl>",
        case.id, case.code, judged.milliseconds
    );
    let findings = judged.verdict.findings();
    for (place, finding) in findings.iter().enumerate() {
        write_finding(page, (place, findings.len()), finding);
    }
    for evidence in &judged.evidence {
        write_evidence(page, evidence, findings.len());
    }
    page.push_str("</div></details>\n");
}

fn line(page: &mut String, name: &str, text: &str) {
    let _ = write!(page, "<dt>{name}</dt><dd>{}</dd>", escaped(text));
}

/// What stands with the case as a whole, and not with one finding.
fn write_verdict(page: &mut String, judged: &Judged) {
    match &judged.verdict {
        Verdict::Pass { notes } => notes.iter().for_each(|note| line(page, "seen", note)),
        Verdict::Skip { reason } => line(page, "skipped", reason),
        Verdict::Inconclusive { cause } => line(page, "cause", cause),
        Verdict::Fail { findings } | Verdict::Warn { findings } => {
            if findings.iter().any(|finding| finding.fix.is_none()) {
                line(page, "to do", judged.case.fix);
            }
        }
    }
    if let Some(known) = &judged.known {
        line(page, "known", &format!("{} (until {}) {}", known.reason, known.expires, known.issue));
    }
}

fn write_clauses(page: &mut String, judged: &Judged, clauses: &Clauses) {
    let _ = write!(page, "<dt>rests on</dt><dd>");
    for clause in judged.case.clauses.iter().filter_map(|id| clauses.find(id)) {
        let text = escaped(&format!("{}, {}: {}", clause.document, clause.section, clause.says));
        let _ = match clause.link.as_str() {
            "" => write!(page, "{text}<br>"),
            address => write!(page, "<a rel=\"noreferrer\" href=\"{}\">{text}</a><br>", escaped(address)),
        };
    }
    page.push_str("</dd>");
}

fn write_finding(page: &mut String, (place, all): (usize, usize), finding: &Finding) {
    let name = if all > 1 { format!("Finding {}", place + 1) } else { "Finding".to_owned() };
    let _ = write!(page, "<div class=\"found\"><h3>{name}</h3><dl>");
    line(page, "when", &finding.when);
    line(page, "expected", &finding.expected);
    let _ = write!(page, "<dt>found</dt><dd class=\"hit\">{}</dd>", escaped(&finding.found));
    finding.fix.iter().for_each(|fix| line(page, "to do", fix));
    finding.curl.iter().for_each(|curl| line(page, "repeat", curl));
    page.push_str("</dl></div>\n");
}

/// The exchanges that findings rest on: the decisive one is open.
fn write_evidence(page: &mut String, evidence: &Evidence, all: usize) {
    let which = match evidence.findings.as_slice() {
        _ if all == 1 => "this".to_owned(),
        [one] => format!("finding {}", one + 1),
        several => {
            let numbers: Vec<String> = several.iter().map(|finding| (finding + 1).to_string()).collect();
            format!("findings {}", numbers.join(", "))
        }
    };
    let _ = writeln!(page, "<div class=\"evidence\"><h3>What {which} rests on</h3>");
    for exchange in &evidence.exchanges {
        write_exchange(page, exchange);
    }
    if evidence.left_out > 0 {
        let _ = writeln!(page, "<p class=\"facts\">{} more exchanges are left out.</p>", evidence.left_out);
    }
    page.push_str("</div>\n");
}

fn write_exchange(page: &mut String, exchange: &Exchange) {
    let status = exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let faults = match exchange.faults.as_slice() {
        [] => String::new(),
        faults => format!(" <span class=\"mark\">with {}</span>", escaped(&faults.join(", "))),
    };
    let _ = write!(
        page,
        "<details class=\"exchange\"{}><summary><code>{} {}</code> → {status}{faults}</summary><div class=\"body\">",
        if exchange.decisive { " open" } else { "" },
        escaped(&exchange.method),
        escaped(&exchange.path),
    );
    exchange.diagnosis.iter().for_each(|diagnosis| write_diagnosis(page, diagnosis));
    for (name, class, text) in [
        ("Request", "request", &exchange.request),
        ("Answer", "answer", &exchange.answer),
        ("As curl", "curl", &exchange.curl),
    ] {
        if !text.is_empty() {
            let _ = write!(page, "<h3>{name}</h3><pre class=\"{class}\" tabindex=\"0\">{}</pre>", escaped(text));
        }
    }
    page.push_str("</div></details>\n");
}

/// What the mock says of the request.
fn write_diagnosis(page: &mut String, diagnosis: &Diagnosis) {
    page.push_str("<dl>");
    for (name, text) in [("broken rule", &diagnosis.rule), ("cause", &diagnosis.cause), ("to do", &diagnosis.fix)] {
        if !text.is_empty() {
            line(page, name, text);
        }
    }
    page.push_str("</dl>");
}
