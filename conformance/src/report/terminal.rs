//! The run in a terminal: a line a case as it is done, what was found below it, and the numbers at the end.

use super::glance::{at_a_glance, failed, paragraph};
use super::numbers;
use crate::case::Side;
use crate::judged::{Judged, Standing};
use crate::run::{Event, MendFirst, Outcome};
use crate::text::hides;
use crate::verdict::{Finding, Verdict};
use anyhow::{Context, Result};
use owo_colors::{OwoColorize, Style};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write};

/// How wide a line may be.
const WIDTH: usize = 80;

/// How much of a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Every case, and a table of all at the end.
    Everything,
    /// What somebody has to look at, and the numbers.
    Quiet,
}

/// Writes a run to a stream; colour is up to the stream.
pub(crate) struct Terminal<W> {
    to: W,
    side: Side,
    detail: Detail,
    /// How many cases there are, and how many of them are done.
    cases: usize,
    done: usize,
    /// Where the number of cases that are done is shown while nothing else is.
    counter: Option<Box<dyn Write>>,
    /// The last cause of an inconclusive case: where one driver fails, all say the same.
    cause: String,
    /// Whether the usual flow fails: why is said at the end, and not with every case that waits for it.
    fails: bool,
    /// Why something could not be written.
    lost: Option<std::io::Error>,
}

impl<W: Write> Terminal<W> {
    /// A report to a stream, on targets of a side.
    pub(crate) const fn new(to: W, side: Side) -> Self {
        Self {
            to,
            side,
            detail: Detail::Everything,
            cases: 0,
            done: 0,
            counter: None,
            cause: String::new(),
            fails: false,
            lost: None,
        }
    }

    /// The same with as much detail as is wanted, and with a place for the number of cases that are done, where there is one.
    #[must_use]
    pub(crate) fn telling(self, detail: Detail, counter: Option<Box<dyn Write>>) -> Self {
        Self { detail, counter, ..self }
    }

    /// Shows how many cases are done, in the place of what was shown before.
    fn count(&mut self) {
        let Some(counter) = &mut self.counter else { return };
        let shown = write!(counter, "\r{} of {} cases done", self.done, self.cases).and_then(|()| counter.flush());
        if shown.is_err() {
            self.counter = None;
        }
    }

    /// Takes the number of cases away.
    fn end_counting(&mut self) {
        if let Some(mut counter) = self.counter.take() {
            let _ = write!(counter, "\r{:40}\r", "").and_then(|()| counter.flush());
        }
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
                self.fails = *fails;
                self.cases = *cases;
                let version = if target.connector_version.is_empty() { "" } else { " " };
                let language =
                    if target.language.is_empty() { String::new() } else { format!(" ({})", target.language) };
                let name = no_command(&target.name);
                format!("{name}{version}{}{language}: {}\n\n", target.connector_version, counted(*cases))
            }
            Event::Done(judged) => {
                self.done += 1;
                self.count();
                if self.detail == Detail::Quiet && judged.standing().is_settled() {
                    return;
                }
                let place = (self.done, self.cases);
                if self.fails && judged.standing() == Standing::Inconclusive {
                    if self.detail == Detail::Quiet {
                        return;
                    }
                    self.write(&case(judged, self.side, place, Cause::AtTheEnd));
                    return;
                }
                let again = matches!(&judged.verdict, Verdict::Inconclusive { cause } if *cause == self.cause);
                if let Verdict::Inconclusive { cause } = &judged.verdict {
                    self.cause.clone_from(cause);
                }
                case(judged, self.side, place, if again { Cause::Again } else { Cause::Said })
            }
        };
        self.write(&text);
    }

    /// Tells the numbers, and what to do next.
    pub(crate) fn end(&mut self, outcome: &Outcome) {
        self.end_counting();
        let summary = outcome.summary();
        let style = if summary.failed + summary.stale > 0 {
            Style::new().red().bold()
        } else if summary.inconclusive > 0 {
            Style::new().yellow().bold()
        } else {
            Style::new().green().bold()
        };
        let mut text = String::new();
        if self.detail == Detail::Everything {
            text.push_str(&at_a_glance(&outcome.judged));
        }
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
        // the last that is read: what stands above it may be a hundred cases that wait for it
        text.push_str(&outcome.mend_first.as_ref().map_or_else(String::new, |first| mend_first(outcome, first)));
        self.write(&text);
    }

    /// Tells which files were written.
    pub(crate) fn tell_written(&mut self, files: &[String]) {
        if !files.is_empty() {
            self.write(&paragraph("written", files, " "));
        }
    }

    /// Tells what GitHub reads in the log of a job.
    pub(crate) fn tell_github(&mut self, annotations: &str) {
        self.write(annotations);
    }
}

/// A text of somebody else's that begins a line, and is no command to GitHub, which reads some in the log of a job.
fn no_command(text: &str) -> Cow<'_, str> {
    if text.starts_with("::") || text.starts_with("##[") { format!("\\{text}").into() } else { text.into() }
}

/// What is to be mended before anything else.
fn mend_first(outcome: &Outcome, first: &MendFirst) -> String {
    let style = Style::new().red().bold();
    let mut text = format!("\n{}\n", format!("The usual flow fails: {}", outcome.first_of_all()).style(style));
    text.push_str(&wrapped("cause", &first.cause));
    first.fix.iter().for_each(|fix| text.push_str(&wrapped("to do", fix)));
    first.seen.iter().for_each(|seen| text.push_str(&wrapped("seen", seen)));
    for (place, line) in first.log.iter().enumerate() {
        text.push_str(&wrapped(if place == 0 { "its log" } else { "" }, line));
    }
    text
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
    /// Once, behind all cases.
    AtTheEnd,
}

fn case(judged: &Judged, side: Side, (place, all): (usize, usize), said: Cause) -> String {
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
    let digits = all.to_string().len();
    let place = format!("{:<6} {place:>digits$}/{all}", case.level.name());
    let mut text = format!("{} {:<52} {}\n", format!("{word:<5}").style(style), case.id, place.dimmed());
    match &judged.verdict {
        Verdict::Pass { notes } => notes.iter().for_each(|note| text.push_str(&wrapped("seen", note))),
        Verdict::Skip { reason } => text.push_str(&wrapped("why", reason)),
        Verdict::Inconclusive { .. } if said == Cause::AtTheEnd => {}
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
        let line = if name.is_empty() { no_command(line) } else { line.into() };
        let _ = writeln!(text, "      {name:<9} {line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::driver::Hello;
    use crate::report::tests::{finding, judged, outcome};
    use std::sync::{Arc, Mutex};

    /// A place that is written to, and read afterwards.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Kept {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    /// What is told of a run of a good case and a bad one, and what is counted meanwhile.
    fn told(detail: Detail) -> (String, String) {
        let (to, counter) = (Kept::default(), Kept::default());
        let cases = vec![
            judged("V3-CB-01", Verdict::Pass { notes: Vec::new() }),
            judged("F-CB-01", Verdict::Fail { findings: vec![finding("the person was accepted", "refuses")] }),
        ];
        let outcome = outcome(cases);
        let stripped = anstream::StripStream::new(Box::new(to.clone()) as Box<dyn Write>);
        let mut terminal = Terminal::new(stripped, Side::Connector).telling(detail, Some(Box::new(counter.clone())));
        terminal.tell(&Event::Began { target: &outcome.target, cases: 2, fails: false });
        outcome.judged.iter().for_each(|judged| terminal.tell(&Event::Done(judged)));
        terminal.end(&outcome);
        terminal.tell_written(&["html=report.html".to_owned(), "junit=junit.xml".to_owned()]);
        terminal.written().unwrap();
        (to.text(), counter.text())
    }

    #[test]
    fn every_case_says_its_place_and_the_end_which_files_there_are() {
        let (said, counted) = told(Detail::Everything);
        assert!(said.contains("\npass  v3.callback.state-different                          MUST   1/2\n"), "{said}");
        assert!(said.contains("\nFAIL  fapi.callback.state-different                        MUST   2/2\n"), "{said}");
        assert!(said.ends_with("\nwritten  html=report.html junit=junit.xml\n"), "{said}");
        assert!(said.contains("\nfailed  fapi.callback.state-different\n"), "{said}");
        assert!(said.lines().all(|line| line.chars().count() <= WIDTH), "{said}");
        assert!(counted.starts_with("\r1 of 2 cases done\r2 of 2 cases done\r    "), "{counted:?}");
    }

    #[test]
    fn quietly_only_what_has_to_be_looked_at_is_told() {
        let (said, _) = told(Detail::Quiet);
        assert!(!said.contains("pass ") && said.contains("\nFAIL  fapi.callback.state-different "), "{said}");
        assert!(said.contains("\n1 of 2 cases kept, 1 failed\n"), "{said}");
    }

    #[test]
    fn foreign_text_begins_no_line_as_a_command_to_github() {
        let long = format!("{} ::add-mask::x ##[error]y", "w".repeat(WIDTH));
        for line in wrapped("", "::stop-commands::x").lines().chain(wrapped("found", &long).lines()) {
            let line = line.trim_start();
            assert!(!line.starts_with("::") && !line.starts_with("##["), "{line}");
        }
        let target = Hello { name: "::error::x".to_owned(), ..Hello::default() };
        let to = Kept::default();
        Terminal::new(to.clone(), Side::Connector).tell(&Event::Began { target: &target, cases: 1, fails: false });
        assert!(to.text().starts_with("\\::error::x"), "{}", to.text());
    }
}
