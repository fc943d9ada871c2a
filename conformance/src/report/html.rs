//! The run as one HTML file that needs nothing else.

use super::escaped;
use crate::case::Side;
use crate::clause::Clauses;
use crate::judged::{Judged, Standing};
use crate::run::{MendFirst, Outcome};
use crate::verdict::Verdict;
use std::fmt::Write;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328;background:#fff}\
h1{font-size:1.5rem}code{font-size:.9em}.pass{color:#116329}.fail,.stale{color:#a40e26}.warn{color:#7d4e00}.skip,.known,.inconclusive{color:#57606a}\
details{border:1px solid #d0d7de;border-radius:.4rem;margin:.4rem 0;padding:.4rem .8rem}summary{cursor:pointer}\
dl{display:grid;grid-template-columns:6rem 1fr;gap:.2rem .8rem;margin:.5rem 0}dt{color:#57606a}dd{margin:0;overflow-wrap:anywhere}\
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}details{border-color:#30363d}dt{color:#9198a1}.pass{color:#3fb950}.fail,.stale{color:#ff7b72}.warn{color:#d29922}.skip,.known,.inconclusive{color:#9198a1}a{color:#58a6ff}}";

/// The page.
pub(super) fn page(outcome: &Outcome, clauses: &Clauses) -> String {
    let target = &outcome.target;
    let title = format!("{} {}", target.name, target.connector_version);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{0}: Myinfo conformance</title><style>{STYLE}</style></head><body>\n<h1>{0}</h1>\n<p>{1}</p>\n",
        escaped(&title),
        escaped(&super::terminal::numbers(&outcome.summary())),
    );
    if let Some(first) = &outcome.mend_first {
        write_first(&mut page, outcome, first);
    }
    for judged in &outcome.judged {
        write_case(&mut page, judged, (outcome.side, clauses));
    }
    let _ = write!(
        page,
        "<p class=\"skip\">myinfo-conformance {}, {}{:.1} s</p>\n</body></html>\n",
        env!("CARGO_PKG_VERSION"),
        outcome.seed.map_or_else(String::new, |seed| format!("seed {seed}, ")),
        outcome.took.as_secs_f64()
    );
    page
}

/// What is to be mended before anything else.
fn write_first(page: &mut String, outcome: &Outcome, first: &MendFirst) {
    let _ = write!(page, "<h2 class=\"fail\">The usual flow fails: {}</h2>\n<dl>", outcome.first_of_all());
    let rows = [("cause", Some(&first.cause)), ("to do", first.fix.as_ref()), ("seen", first.seen.as_ref())];
    for (name, text) in rows.into_iter().filter_map(|(name, text)| Some((name, text?))) {
        let _ = write!(page, "<dt>{name}</dt><dd>{}</dd>", escaped(text));
    }
    page.push_str("</dl>\n");
    if !first.log.is_empty() {
        let _ = writeln!(page, "<pre>{}</pre>", escaped(&first.log.join("\n")));
    }
}

fn write_case(page: &mut String, judged: &Judged, (side, clauses): (Side, &Clauses)) {
    let case = &judged.case;
    let standing = judged.standing();
    let class = standing.name();
    let settled = matches!(standing, Standing::Pass | Standing::Known | Standing::Skip);
    let open = if settled { "" } else { " open" };
    let _ = write!(
        page,
        "<details{open}><summary><strong class=\"{class}\">{class}</strong> <code>{}</code> {}</summary>\n<dl>",
        case.id,
        case.level.name()
    );
    let mut line = |name: &str, text: &str| {
        let _ = write!(page, "<dt>{name}</dt><dd>{}</dd>", escaped(text));
    };
    line(&format!("the {}", side.other()), case.other);
    line("a good one", case.good);
    for finding in judged.verdict.findings() {
        line("when", &finding.when);
        line("expected", &finding.expected);
        line("found", &finding.found);
        finding.fix.iter().for_each(|fix| line("to do", fix));
        finding.curl.iter().for_each(|curl| line("repeat", curl));
    }
    match &judged.verdict {
        Verdict::Pass { notes } => notes.iter().for_each(|note| line("seen", note)),
        Verdict::Skip { reason } => line("skipped", reason),
        Verdict::Inconclusive { cause } => line("cause", cause),
        Verdict::Fail { findings } | Verdict::Warn { findings } => {
            if findings.iter().any(|finding| finding.fix.is_none()) {
                line("to do", case.fix);
            }
        }
    }
    line("why", case.why);
    if let Some(known) = &judged.known {
        line("known", &format!("{} (until {}) {}", known.reason, known.expires, known.issue));
    }
    let _ = write!(page, "<dt>rests on</dt><dd>");
    for clause in case.clauses.iter().filter_map(|id| clauses.find(id)) {
        let text = escaped(&format!("{}, {}: {}", clause.document, clause.section, clause.says));
        let _ = match clause.link.as_str() {
            "" => write!(page, "{text}<br>"),
            address => write!(page, "<a href=\"{}\">{text}</a><br>", escaped(address)),
        };
    }
    page.push_str("</dd></dl></details>\n");
}
