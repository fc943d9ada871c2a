//! The run in a terminal: a line a case as it is done, what was found below it, and the numbers at the end.

use super::glance::{at_a_glance, failed};
use crate::case::Side;
use crate::judged::{Judged, Standing};
use crate::run::{Event, MendFirst, Outcome, Summary};
use crate::text::hides;
use crate::verdict::{Finding, Verdict};
use anyhow::{Context, Result};
use owo_colors::{OwoColorize, Style};
use std::fmt::Write as _;
use std::io::{ErrorKind, Write};

/// How wide a line may be.
const WIDTH: usize = 80;

/// Writes a run to a stream; colour is up to the stream.
#[derive(Debug)]
pub(crate) struct Terminal<W> {
    to: W,
    side: Side,
    /// The last cause of an inconclusive case: where one driver fails, all say the same.
    cause: String,
    /// What is to stand below something that is known at the end alone: how many cases wait for one thing.
    held: Option<String>,
    /// Why something could not be written.
    lost: Option<std::io::Error>,
}

impl<W: Write> Terminal<W> {
    /// A report to a stream, on targets of a side.
    pub(crate) const fn new(to: W, side: Side) -> Self {
        Self { to, side, cause: String::new(), held: None, lost: None }
    }

    /// Writes a text. A reader that went away is no error; a disk that is full is one, which is told at the end.
    fn write(&mut self, text: &str) {
        let written = self.to.write_all(text.as_bytes()).and_then(|()| self.to.flush());
        self.lost = written.err().filter(|error| error.kind() != ErrorKind::BrokenPipe).or(self.lost.take());
    }

    /// Whether all was written.
    ///
    /// # Errors
    /// Why it was not.
    pub(crate) fn written(&mut self) -> Result<()> {
        match self.lost.take() {
            Some(error) => Err(error).context("what was found cannot be written to standard output"),
            None => Ok(()),
        }
    }

    /// Tells what happens.
    pub(crate) fn tell(&mut self, event: &Event<'_>) {
        let text = match event {
            Event::Began { target, cases, fails } => {
                self.held = fails.then(String::new);
                let version = if target.connector_version.is_empty() { "" } else { " " };
                let language =
                    if target.language.is_empty() { String::new() } else { format!(" ({})", target.language) };
                format!("{}{version}{}{language}: {}\n\n", target.name, target.connector_version, counted(*cases))
            }
            Event::Done(judged) => {
                if let Some(held) = &mut self.held {
                    held.push_str(&case(judged, self.side, Cause::OnTop));
                    return;
                }
                let again = matches!(&judged.verdict, Verdict::Inconclusive { cause } if *cause == self.cause);
                if let Verdict::Inconclusive { cause } = &judged.verdict {
                    self.cause.clone_from(cause);
                }
                case(judged, self.side, if again { Cause::Again } else { Cause::Said })
            }
        };
        self.write(&text);
    }

    /// Tells the numbers, and what to do next.
    pub(crate) fn end(&mut self, outcome: &Outcome) {
        let summary = outcome.summary();
        let style = if summary.failed + summary.stale > 0 {
            Style::new().red().bold()
        } else if summary.inconclusive > 0 {
            Style::new().yellow().bold()
        } else {
            Style::new().green().bold()
        };
        let mut text = outcome.mend_first.as_ref().map_or_else(String::new, |first| on_top(outcome, first));
        text.push_str(&self.held.take().unwrap_or_default());
        text.push_str(&at_a_glance(&outcome.judged));
        let _ = writeln!(text, "\n{}", numbers(&summary).style(style));
        let seconds = outcome.took.as_secs_f64();
        let seed = outcome.seed.map_or_else(String::new, |seed| format!("seed {seed}, "));
        let _ = writeln!(text, "{}", format!("{seed}{seconds:.1} s").dimmed());
        // the gravest first
        let standing = |wanted| outcome.judged.iter().find(move |judged| judged.standing() == wanted);
        text.push_str(&failed(&outcome.judged));
        if let Some(judged) = standing(Standing::Fail).or_else(|| standing(Standing::Warn)) {
            let _ = writeln!(text, "More on a case: myinfo-conformance explain {}", judged.case.id);
        }
        self.write(&text);
    }
}

/// What is to be mended before anything else.
fn on_top(outcome: &Outcome, first: &MendFirst) -> String {
    let style = Style::new().red().bold();
    let mut text = format!("{}\n", format!("The usual flow fails: {}", outcome.first_of_all()).style(style));
    text.push_str(&wrapped("cause", &first.cause));
    first.fix.iter().for_each(|fix| text.push_str(&wrapped("to do", fix)));
    first.seen.iter().for_each(|seen| text.push_str(&wrapped("seen", seen)));
    for (place, line) in first.log.iter().enumerate() {
        text.push_str(&wrapped(if place == 0 { "its log" } else { "" }, line));
    }
    text.push('\n');
    text
}

/// The numbers in one sentence.
pub(crate) fn numbers(summary: &Summary) -> String {
    let mut parts = vec![format!("{} of {} cases kept", summary.passed, summary.cases)];
    for (number, what) in [
        (summary.failed, "failed"),
        (summary.warned, "warned"),
        (summary.known, "known to fail"),
        (summary.stale, "expected to fail, but kept"),
        (summary.skipped, "skipped"),
        (summary.inconclusive, "inconclusive"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    parts.join(", ")
}

/// A number of cases.
fn counted(cases: usize) -> String {
    if cases == 1 { "1 case".to_owned() } else { format!("{cases} cases") }
}

/// Where the cause of an inconclusive case is said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// With the case.
    Said,
    /// With the case before it.
    Again,
    /// Above all cases.
    OnTop,
}

fn case(judged: &Judged, side: Side, said: Cause) -> String {
    let case = &judged.case;
    let (word, style) = match judged.standing() {
        Standing::Stale => ("STALE", Style::new().red().bold()),
        Standing::Known => ("known", Style::new().dimmed()),
        Standing::Pass => ("pass", Style::new().green()),
        Standing::Fail => ("FAIL", Style::new().red().bold()),
        Standing::Warn => ("warn", Style::new().yellow()),
        Standing::Skip => ("skip", Style::new().dimmed()),
        Standing::Inconclusive => ("????", Style::new().yellow().bold()),
    };
    let mut text = format!("{} {:<52} {}\n", format!("{word:<5}").style(style), case.id, case.level.name().dimmed());
    match &judged.verdict {
        Verdict::Pass { notes } => notes.iter().for_each(|note| text.push_str(&wrapped("seen", note))),
        Verdict::Skip { reason } => text.push_str(&wrapped("why", reason)),
        Verdict::Inconclusive { .. } if said == Cause::OnTop => {}
        Verdict::Inconclusive { .. } if said == Cause::Again => text.push_str(&wrapped("cause", "the same as above")),
        Verdict::Inconclusive { cause } => text.push_str(&wrapped("cause", cause)),
        Verdict::Fail { findings } | Verdict::Warn { findings } => {
            text.push_str(&wrapped(side.other(), case.other));
            text.push_str(&told(findings));
            if findings.iter().any(|finding| finding.fix.is_none()) {
                text.push_str(&wrapped("to do", case.fix));
            }
        }
    }
    if let Some(known) = &judged.known {
        text.push_str(&wrapped("known", &format!("{} (until {}) {}", known.reason, known.expires, known.issue)));
    }
    text
}

/// What was found, each situation said once. Several findings rest on one answer: its request is said behind the first.
fn told(findings: &[Finding]) -> String {
    let (mut text, mut situation, mut curl) = (String::new(), "", None);
    for finding in findings {
        if finding.when != situation {
            text.push_str(&wrapped("when", &finding.when));
            situation = &finding.when;
        }
        text.push_str(&wrapped("expected", &finding.expected));
        text.push_str(&wrapped("found", &finding.found));
        finding.fix.iter().for_each(|fix| text.push_str(&wrapped("to do", fix)));
        if let Some(again) = finding.curl.as_ref().filter(|again| curl != Some(*again)) {
            text.push_str(&in_one_line("repeat", again));
            curl = Some(again);
        }
    }
    text
}

/// A named text on one line, however long: it is to be copied as it stands.
fn in_one_line(name: &str, content: &str) -> String {
    let safe: String = content.chars().map(|character| if hides(character) { '\u{fffd}' } else { character }).collect();
    format!("      {name:<9} {safe}\n")
}

/// A named text, broken into lines at its blanks.
pub(crate) fn wrapped(name: &str, content: &str) -> String {
    const INDENT: usize = 16;
    let mut lines = vec![String::new()];
    for word in content.split_whitespace() {
        let safe: String =
            word.chars().map(|character| if hides(character) { '\u{fffd}' } else { character }).collect();
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = safe,
            Some(line) if INDENT + line.chars().count() + 1 + safe.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(&safe);
            }
            _ => lines.push(safe),
        }
    }
    let mut text = String::new();
    for (place, line) in lines.iter().enumerate() {
        let name = if place == 0 { name } else { "" };
        let _ = writeln!(text, "      {name:<9} {line}");
    }
    text
}
