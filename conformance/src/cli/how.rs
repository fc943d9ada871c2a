//! What every run does, whichever side is judged: which cases, the baseline, reports and replay files.

use super::exit::exit_code;
use super::options::{How, Which, names};
use crate::baseline::Baseline;
use crate::case::{About, Case, Side};
use crate::clause::Clauses;
use crate::judged::Judged;
use crate::replay::file;
use crate::report::Report;
use crate::report::github::{annotations, summary};
use crate::report::terminal::{Detail, Terminal};
use crate::run::Outcome;
use crate::text::nearest;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::path::Path;

/// How many patterns are told that would fit.
const MOST_PATTERNS: usize = 6;

/// The cases of a table that were asked for. A pattern that names none is an error.
pub(super) fn chosen<P: Copy>(
    which: &Which,
    all: impl Iterator<Item = &'static Case<P>>,
) -> Result<Vec<&'static Case<P>>> {
    let all: Vec<&'static Case<P>> = all.collect();
    let known: Vec<About> = all.iter().map(|case| case.about()).collect();
    if let Some((pattern, instead)) = astray(which, &known) {
        bail!("`{pattern}` names no case that this command judges; {instead}");
    }
    let chosen: Vec<_> = all.into_iter().filter(|case| which.wants(case)).collect();
    if chosen.is_empty() {
        bail!("no case is left to run: none fits all that was asked for");
    }
    Ok(chosen)
}

/// The first pattern that names no case, and what to write in its place.
pub(super) fn astray<'w>(which: &'w Which, known: &[About]) -> Option<(&'w str, String)> {
    let mut patterns = which.only.iter().chain(&which.skip);
    patterns.find_map(|pattern| Some((pattern.as_str(), odd(pattern, known)?)))
}

/// What to write in the place of a pattern, where it names no case.
fn odd(pattern: &str, known: &[About]) -> Option<String> {
    (!known.iter().any(|case| names(pattern, case))).then(|| instead(pattern, known))
}

impl How {
    /// The baseline. What is expired in it is said, and excuses nothing.
    pub(super) fn baseline<P: Copy + 'static>(&self, all: impl Iterator<Item = &'static Case<P>>) -> Result<Baseline> {
        let Some(file) = &self.baseline else { return Ok(Baseline::default()) };
        let known: Vec<About> = all.map(Case::about).collect();
        let baseline = Baseline::read(file, |pattern| odd(pattern, &known), today()?)?;
        for known in baseline.expired() {
            let (case, day) = (&known.case, &known.expires);
            let _ = writeln!(
                anstream::stderr(),
                "myinfo-conformance: {}: `{case}` expired on {day} and excuses nothing: look at it again",
                file.display()
            );
        }
        Ok(baseline)
    }

    /// Whether every report and the folder of replays can be written: better known before a run than after it.
    pub(super) fn prepare(&self) -> Result<()> {
        if let Some(folder) = &self.replays {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        }
        Report::are_apart(&self.report)?;
        self.report.iter().try_for_each(Report::prepare)
    }

    /// Writes a file for each case in which something was found. `write` gives nothing where there is none to write.
    pub(super) fn keep_replays(
        &self,
        outcome: &Outcome,
        write: impl Fn(&Judged, &Path) -> Option<Result<()>>,
    ) -> Result<()> {
        let Some(folder) = &self.replays else { return Ok(()) };
        for judged in &outcome.judged {
            match write(judged, folder) {
                Some(written) => written?,
                // the file of an earlier run tells nothing true any more
                None => drop(std::fs::remove_file(file(folder, judged.case.id))),
            }
        }
        Ok(())
    }

    /// How many cases at once; so many where nothing was said.
    pub(super) fn jobs(&self, usual: u8) -> usize {
        usize::from(self.jobs.unwrap_or(usual))
    }

    /// What tells a run to standard output. Where nobody sees the cases there, their number is shown beside it.
    pub(super) fn terminal(&self, side: Side) -> Terminal<impl Write + use<>> {
        let detail = if self.quiet { Detail::Quiet } else { Detail::Everything };
        let unseen = self.quiet || !std::io::stdout().is_terminal();
        let counter =
            (unseen && std::io::stderr().is_terminal()).then(|| Box::new(std::io::stderr()) as Box<dyn Write>);
        Terminal::new(anstream::stdout(), side).telling(detail, counter)
    }

    /// Tells the end of a run and writes the reports; the exit code.
    pub(super) fn finish(&self, mut terminal: Terminal<impl Write>, outcome: &Outcome) -> Result<u8> {
        terminal.end(outcome);
        let clauses = Clauses::load()?;
        for report in &self.report {
            report.write(outcome, &clauses)?;
        }
        terminal.tell_written(&self.files());
        if std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true") {
            terminal.tell_github(&annotations(outcome));
            add_summary(outcome);
        }
        terminal.written()?;
        Ok(exit_code(outcome))
    }

    /// What was written, and where.
    fn files(&self) -> Vec<String> {
        let reports = self.report.iter().map(|report| format!("{}={}", report.format.name(), report.file.display()));
        reports.chain(self.replays.iter().map(|folder| format!("replays={}", folder.display()))).collect()
    }
}

/// Adds to the summary of a step on GitHub, which other steps of a job may have begun. What a run came to does not depend on it.
fn add_summary(outcome: &Outcome) {
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) else { return };
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(&file);
    if let Err(error) = opened.and_then(|mut opened| opened.write_all(summary(outcome).as_bytes())) {
        let told = format!("the summary {} cannot be written: {error}", Path::new(&file).display());
        let _ = writeln!(anstream::stderr(), "myinfo-conformance: {told}");
    }
}

/// What to write in the place of a pattern that names nothing: groups or cases in whose names its words are, else the nearest case.
pub(super) fn instead(pattern: &str, known: &[About]) -> String {
    let ids: Vec<&str> = known.iter().map(|case| case.id).collect();
    let words: Vec<String> = pattern.split(['*', '.']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let has_words = |name: &str| !words.is_empty() && words.iter().all(|word| name.contains(word.as_str()));
    let groups: BTreeSet<&str> = ids.iter().filter_map(|id| Some(id.rsplit_once('.')?.0)).collect();
    let fit: Vec<String> =
        groups.into_iter().filter(|group| has_words(group)).map(|group| format!("'{group}.*'")).collect();
    let fit =
        if fit.is_empty() { ids.iter().filter(|id| has_words(id)).map(|id| format!("'{id}'")).collect() } else { fit };
    let more = fit.len().saturating_sub(MOST_PATTERNS);
    match fit.get(..fit.len().min(MOST_PATTERNS)) {
        Some(some) if more > 0 => format!("these would fit: {} and {more} more", some.join(", ")),
        Some([one]) => format!("this would fit: {one}"),
        Some(some @ [_, ..]) => format!("these would fit: {}", some.join(", ")),
        _ => near(pattern, known),
    }
}

/// The group that a pattern with a star may have meant; the case, by its id or its short name, without one.
fn near(pattern: &str, known: &[About]) -> String {
    let group = |case: &About| case.id.rsplit_once('.').map_or(case.id, |(group, _)| group);
    let found = match pattern.strip_suffix(".*") {
        Some(meant) => nearest(meant, known.iter().map(group)).map(|group| format!("'{group}.*'")),
        None => nearest(pattern, known.iter().flat_map(|case| [case.id, case.code])).map(|case| format!("`{case}`")),
    };
    match found {
        Some(near) => format!("did you mean {near}?"),
        None => "`myinfo-conformance list` shows all".to_owned(),
    }
}

fn today() -> Result<time::Date> {
    let now = i64::try_from(crate::clock::milliseconds() / 1000)?;
    Ok(time::OffsetDateTime::from_unix_timestamp(now)?.date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::of_connectors;

    #[test]
    fn a_pattern_that_names_nothing_is_told_what_would_fit() {
        let known: Vec<About> = of_connectors().map(Case::about).collect();
        for (pattern, told) in [
            ("callback", "these would fit: 'fapi.callback.*', 'oidc.callback.*', 'v3.callback.*'"),
            ("v3.callback", "this would fit: 'v3.callback.*'"),
            ("fapi.callbak.*", "did you mean 'fapi.callback.*'?"),
            ("v3-cb-1", "did you mean `V3-CB-01`?"),
            ("*nothing*", "`myinfo-conformance list` shows all"),
            ("v3.callback.state-diferent", "did you mean `v3.callback.state-different`?"),
            ("*", "`myinfo-conformance list` shows all"),
        ] {
            assert_eq!(instead(pattern, &known), told, "{pattern}");
        }
        assert!(instead("state-different", &known).contains("'v3.callback.state-different'"));
        let many = instead("v3", &known);
        assert!(many.ends_with(" more") && many.matches('\'').count() == 2 * MOST_PATTERNS, "{many}");
    }
}
