//! `myinfo-mock doctor request`: diagnoses requests out of a file, without a server.

use super::Report;
use super::raw_request::{RawRequest, read};
use crate::ambient::{Clock, Entropy, Timestamp};
use crate::app::App;
use crate::config::Config;
use crate::examination::{Examination, Verdict};
use crate::http::exchange::Incoming;
use crate::journal::mask::{Mask, RequestMask};
use crate::journal::view::{ProblemView, problem};
use crate::persona::uinfin::mask_all;
use crate::profile::{self, ALL};
use crate::text::{counted, is_odd, visible};
use crate::tls::names::{LOCAL, host_of};
use anyhow::{Context, Result};
use serde_json::Value;
use std::fmt::Write;

/// Diagnoses every request of a file's content: HTTP text, a command of curl, an HTTP archive, a Postman collection.
///
/// What only a running server knows (codes, used nonces, revoked tokens) is not judged.
///
/// # Errors
/// When the content is no request, or the configuration cannot be used.
pub fn request(config: &Config, content: &str) -> Result<Report> {
    let (mut text, mut healthy) = (String::new(), true);
    let protocols = profile::protocols(ALL);
    for raw in read(content, &protocols)? {
        let mut app = App::new(protocols.clone(), config.clone(), Clock::System, Entropy::system()?)?;
        app.thorough = true;
        stand_at(&app, &raw);
        let (masked, notes, recorded) = (raw.masked(), raw.notes.clone(), raw.recorded.clone());
        let incoming = incoming(raw);
        let title =
            without_secrets(&app, &incoming, &format!("{} {}{}", incoming.method, incoming.origin(), incoming.path));
        let made = app.clock.now().rfc3339();
        let _ = writeln!(text, "{title}\nmade at {made}\n");
        for note in notes {
            let _ = writeln!(text, "  note   {}", visible(&note));
        }
        healthy &= if let Some(place) = masked {
            write_recorded(&mut text, recorded.as_ref(), place)
        } else if let Some(refusal) = profile::wrong_method(&incoming, &protocols) {
            let book = app.book();
            let mask = Mask { book: &book, protocols: &app.protocols, personal: false };
            write_problem(&mut text, &problem(&refusal, mask));
            false
        } else {
            let unknown = || profile::unknown_path(&incoming, &protocols).hint;
            let (_, exam) = profile::examine(ALL, &app, &incoming)
                .with_context(|| format!("{title}: {}", without_secrets(&app, &incoming, &unknown())))?;
            write_findings(&mut text, &app, &exam);
            !judged_offline(&exam).any(|verdict| verdict.refusal().is_some())
        };
    }
    Ok(Report::new(&text, healthy))
}

/// What is said of a request as a whole, without keys, secrets and personal numbers.
fn without_secrets(app: &App, incoming: &Incoming, text: &str) -> String {
    visible(&mask_all(&RequestMask::new(&app.book(), &app.protocols, incoming).text(text)))
}

/// What a mock found out about a request when it recorded it; gives back whether nothing was wrong.
fn write_recorded(text: &mut String, recorded: Option<&Value>, place: &str) -> bool {
    let Some(rules) = recorded.and_then(Value::as_array) else {
        let _ = writeln!(
            text,
            "  values are masked {place} (`[redacted]`, `[token]`), so the signature cannot be\n  examined: give the request as it was sent\n"
        );
        return false;
    };
    let _ = writeln!(text, "  values are masked {place}; this is what the mock found when it recorded them\n");
    let mut healthy = true;
    for problem in rules.iter().filter_map(|rule| rule.get("problem")).filter(|problem| problem.is_object()) {
        healthy = false;
        let says = |name: &str| {
            let said = problem.get(name).and_then(Value::as_str).unwrap_or_default();
            visible(&mask_all(said))
        };
        let _ = writeln!(text, "  broken {}  {}", says("rule"), says("diagnosis"));
        let _ = writeln!(text, "  cause  {}\n  fix    {}", says("cause"), says("fix"));
        let proved = problem.get("mistakes").and_then(Value::as_array);
        let proved: Vec<&str> = proved.into_iter().flatten().filter_map(Value::as_str).collect();
        if !proved.is_empty() {
            let _ = writeln!(text, "  proved {}", visible(&proved.join(", ")));
        }
        text.push('\n');
    }
    if healthy {
        text.push_str("Nothing was wrong.\n\n");
    }
    healthy
}

/// The verdicts that do not depend on what a running server remembers.
fn judged_offline(exam: &Examination) -> impl Iterator<Item = &Verdict> {
    exam.verdicts.iter().filter(|verdict| !verdict.rule().needs_memory)
}

/// Puts the clock to the moment at which the request was made: as the archive says, else as the request itself says.
fn stand_at(app: &App, raw: &RawRequest) {
    let header = raw.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let said = header.split_once("timestamp=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(text, _)| text);
    // seconds and milliseconds between 2014 and 2099; anything else is for the rule, by this machine's clock
    let said = said.and_then(|text| text.parse::<u64>().ok()).and_then(|number| match number {
        1_400_000_000..4_100_000_000 => Some(number * 1000),
        1_400_000_000_000..4_100_000_000_000 => Some(number),
        _ => None,
    });
    if let Some(moment) = raw.made.or(said.map(Timestamp)) {
        app.clock.change(|setting, _| setting.frozen = Some(moment));
    }
}

fn incoming(raw: RawRequest) -> Incoming {
    let host = raw.headers.get("host").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let local = LOCAL.contains(&host_of(&host).as_str());
    let plain = raw.scheme.as_deref().map_or(local, |scheme| scheme == "http");
    let scheme = if plain { "http" } else { "https" };
    Incoming {
        base: String::new(),
        method: raw.method,
        path: raw.path,
        query: raw.query,
        headers: raw.headers,
        body: Ok(raw.body),
        scheme,
        peer: None,
    }
}

fn write_findings(text: &mut String, app: &App, exam: &Examination) {
    let book = app.book();
    let mask = Mask { book: &book, protocols: &app.protocols, personal: false };
    let verdicts: Vec<_> = judged_offline(exam).collect();
    let broken: Vec<ProblemView> =
        verdicts.iter().filter_map(|verdict| verdict.refusal()).map(|refusal| problem(refusal, mask)).collect();
    for problem in &broken {
        write_problem(text, problem);
    }
    for (diagnosis, note) in exam.told_notes() {
        let _ = writeln!(text, "  note   {} ({})", visible(&mask.text(&note)), diagnosis.id);
    }
    let kept = counted(verdicts.len() - broken.len(), "rule");
    let verdict = if broken.is_empty() { "Nothing is wrong" } else { "The other rules" };
    let _ = writeln!(
        text,
        "{verdict}: {kept} kept. Codes, used nonces and revoked tokens are known to a running server only.\n"
    );
}

fn write_problem(text: &mut String, problem: &ProblemView) {
    let diagnosis = problem.diagnosis.map_or_else(String::new, |id| format!("  {id}"));
    let _ = writeln!(text, "  broken {}{diagnosis}", problem.rule);
    let _ = writeln!(text, "  cause  {}", visible(&problem.cause));
    let _ = writeln!(text, "  fix    {}", visible(&problem.fix));
    if !problem.mistakes.is_empty() {
        let _ = writeln!(text, "  proved {}", problem.mistakes.join(", "));
    }
    match (&problem.expected, &problem.received, problem.first_difference) {
        (Some(expected), Some(received), Some(same)) => {
            let _ = writeln!(text, "\n{}", side_by_side(expected, received, same));
            let _ =
                writeln!(text, "  expected, whole:\n{}\n  received, whole:\n{}", visible(expected), visible(received));
        }
        (Some(expected), None, _) => {
            let _ = writeln!(text, "\n  expected, whole:\n{}", visible(expected));
            for field in &problem.fields {
                let _ = writeln!(text, "    {:<20} {:<24} {}", field.name, field.from, visible(&field.value));
            }
        }
        _ => {}
    }
    text.push('\n');
}

/// Both texts around their first difference, and a mark below it. Nothing is longer than 80 columns.
pub(crate) fn side_by_side(expected: &str, received: &str, same: usize) -> String {
    const BEFORE: usize = 24;
    const WINDOW: usize = 60;
    let start = same.saturating_sub(BEFORE);
    let window = |text: &str| -> String {
        let shown: String = text.chars().skip(start).take(WINDOW).map(|c| if is_odd(c) { '␤' } else { c }).collect();
        format!("{}{shown}", if start > 0 { "…" } else { "" })
    };
    let column = same - start + usize::from(start > 0);
    format!(
        "  expected {}\n  received {}\n           {}^ they differ here, after {same} characters\n",
        window(expected),
        window(received),
        " ".repeat(column)
    )
}
