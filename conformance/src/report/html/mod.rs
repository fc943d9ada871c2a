//! The run as one HTML file that needs nothing else: what failed first, with what it rests on. A script of its own adds search
//! and filters; without it the page says the same.

mod case;
mod summary;

use super::moved::Moved;
use super::{escaped, numbers};
use crate::clause::Clauses;
use crate::judged::{Judged, Standing};
use crate::run::{MendFirst, Outcome};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::fmt::Write;

const STYLE: &str = include_str!("../../../templates/report/page.css");
const SCRIPT: &str = include_str!("../../../templates/report/page.js");

/// How many cases of a group are open when the page is: of more, a reader wants the list.
const MOST_OPEN: usize = 10;

/// Whether a case shows all of itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fold {
    Open,
    Closed,
}

/// The groups of the page, those first that somebody has to look at.
const GROUPS: [(Standing, &str); 7] = [
    (Standing::Fail, "Failed"),
    (Standing::Stale, "Expected to fail, but kept"),
    (Standing::Warn, "Warned"),
    (Standing::Inconclusive, "Inconclusive"),
    (Standing::Known, "Known to fail"),
    (Standing::Skip, "Skipped"),
    (Standing::Pass, "Kept"),
];

/// The page; `at` is when the run was done.
pub(super) fn page(outcome: &Outcome, clauses: &Clauses, at: &str) -> String {
    let mut page = head(outcome);
    write_facts(&mut page, outcome, at);
    page.push_str("</header>\n<main>\n");
    if let Some(first) = &outcome.mend_first {
        write_first(&mut page, outcome, first);
    }
    summary::write(&mut page, outcome);
    page.extend(Moved::of(outcome).map(|moved| moved.html()));
    write_jumps(&mut page, outcome);
    write_filter(&mut page, outcome);
    for (standing, name) in GROUPS {
        write_group(&mut page, outcome, clauses, (standing, name));
    }
    let _ = write!(
        page,
        "</main>\n<footer>myinfo-conformance {}. Secrets, tokens and personal data are left out of requests and answers.</footer>\n<script>{SCRIPT}</script>\n</body></html>\n",
        env!("CARGO_PKG_VERSION")
    );
    page
}

fn title(outcome: &Outcome) -> String {
    let target = &outcome.target;
    escaped(format!("{} {}", target.name, target.connector_version).trim_end())
}

/// Everything before the first word. Whatever else were to come into the page as markup, nothing of it would run.
fn head(outcome: &Outcome) -> String {
    let hash = BASE64_STANDARD.encode(openssl::sha::sha256(SCRIPT.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
    );
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{0}: Myinfo conformance</title><style>{STYLE}</style></head><body>\n<header>\n<h1>{1}</h1>\n",
        title(outcome),
        whole_words(&title(outcome))
    )
}

/// An escaped text whose words with a hyphen are not broken at it, as an option of a command is none any more then.
fn whole_words(text: &str) -> String {
    let whole = |word: &str| {
        if word.contains('-') { format!("<span class=\"whole\">{word}</span>") } else { word.to_owned() }
    };
    text.split(' ').map(whole).collect::<Vec<_>>().join(" ")
}

/// A text with the documents of this project in it marked as what they are: names of files.
fn with_files(text: &str) -> String {
    let marked = |word: &str| match word.find(".md").filter(|_| word.starts_with("docs/")) {
        Some(place) => {
            let (name, behind) = word.split_at(place + ".md".len());
            format!("<code>{name}</code>{behind}")
        }
        None => word.to_owned(),
    };
    escaped(text).split(' ').map(marked).collect::<Vec<_>>().join(" ")
}

/// What was judged, when, by what.
fn write_facts(page: &mut String, outcome: &Outcome, at: &str) {
    let target = &outcome.target;
    let mut facts =
        vec![format!("A {} judged by myinfo-conformance {}", outcome.side.name(), env!("CARGO_PKG_VERSION"))];
    facts.push(at.to_owned());
    facts.extend((!target.language.is_empty()).then(|| target.language.clone()));
    facts.extend((!target.profiles.is_empty()).then(|| format!("speaks {}", target.profiles.join(", "))));
    facts.extend(outcome.seed.map(|seed| format!("seed {seed}")));
    facts.extend(outcome.strict.then(|| "strict: a SHOULD counts like a MUST".to_owned()));
    facts.push(format!("{:.1} s", outcome.took.as_secs_f64()));
    let summary = outcome.summary();
    let class = if summary.failed + summary.stale > 0 {
        "fail"
    } else if summary.inconclusive > 0 {
        "inconclusive"
    } else {
        "pass"
    };
    let _ = writeln!(page, "<p class=\"facts\">{}</p>", escaped(&facts.join(" · ")));
    let _ = writeln!(page, "<p class=\"numbers {class}\">{}</p>", escaped(&numbers(&summary)));
}

/// What is to be mended before anything else.
fn write_first(page: &mut String, outcome: &Outcome, first: &MendFirst) {
    let _ = write!(
        page,
        "<div class=\"first\"><h2 class=\"fail\">The usual flow fails: {}</h2>\n<dl>",
        outcome.first_of_all()
    );
    let rows = [("cause", Some(&first.cause)), ("to do", first.fix.as_ref()), ("seen", first.seen.as_ref())];
    for (name, text) in rows.into_iter().filter_map(|(name, text)| Some((name, text?))) {
        let _ = write!(page, "<dt>{name}</dt><dd>{}</dd>", with_files(text));
    }
    page.push_str("</dl>\n");
    if !first.log.is_empty() {
        let _ = writeln!(page, "<pre>{}</pre>", escaped(&first.log.join("\n")));
    }
    page.push_str("</div>\n");
}

/// Which groups there are, and how many cases are in each.
fn groups(outcome: &Outcome) -> impl Iterator<Item = (Standing, &'static str, usize)> {
    let count = |standing| outcome.judged.iter().filter(|judged| judged.standing() == standing).count();
    GROUPS.into_iter().map(move |(standing, name)| (standing, name, count(standing))).filter(|(.., count)| *count > 0)
}

fn write_jumps(page: &mut String, outcome: &Outcome) {
    page.push_str("<nav aria-label=\"Groups\">");
    for (standing, name, count) in groups(outcome) {
        let class = standing.name();
        let _ = write!(page, "<a class=\"{class}\" href=\"#group-{class}\">{name} {count}</a>");
    }
    page.push_str("</nav>\n");
}

/// What the script works with; hidden where none runs.
fn write_filter(page: &mut String, outcome: &Outcome) {
    page.push_str("<form class=\"filter\" hidden><input type=\"search\" name=\"words\" aria-label=\"Search\" placeholder=\"Search: an id, a word, a clause\">");
    let mut boxes = |name: &str, values: Vec<(&str, &str)>| {
        let _ = write!(page, "<fieldset><legend>{name}</legend>");
        for (value, shown) in values {
            let _ = write!(
                page,
                "<label><input type=\"checkbox\" name=\"{name}\" value=\"{value}\" checked> {shown}</label>"
            );
        }
        page.push_str("</fieldset>");
    };
    boxes("standing", groups(outcome).map(|(standing, ..)| (standing.name(), standing.name())).collect());
    let once = |of: fn(&Judged) -> &'static str| {
        let all: Vec<&'static str> = outcome.judged.iter().map(of).collect();
        super::glance::in_order(all.into_iter()).into_iter().map(|value| (value, value)).collect::<Vec<_>>()
    };
    boxes("profile", once(|judged| judged.case.profile().name()));
    boxes("level", once(|judged| judged.case.level.name()));
    page.push_str("<span class=\"shown\" aria-live=\"polite\"></span><button type=\"button\" class=\"fold\">Open or close all</button></form>\n");
}

fn write_group(page: &mut String, outcome: &Outcome, clauses: &Clauses, (standing, name): (Standing, &str)) {
    let of_group: Vec<&Judged> = outcome.judged.iter().filter(|judged| judged.standing() == standing).collect();
    if of_group.is_empty() {
        return;
    }
    let class = standing.name();
    let _ = writeln!(
        page,
        "<section class=\"group\" id=\"group-{class}\"><h2 class=\"{class}\">{name} ({})</h2>",
        of_group.len()
    );
    let folded = if standing.is_settled() || of_group.len() > MOST_OPEN { Fold::Closed } else { Fold::Open };
    for judged in of_group {
        case::write(page, judged, (outcome.side, clauses), folded);
    }
    page.push_str("</section>\n");
}
