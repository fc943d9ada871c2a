//! What every run does, whichever side is judged: which cases, the baseline, reports and replay files.

use super::exit::exit_code;
use super::options::{How, Which, names};
use crate::baseline::Baseline;
use crate::case::Case;
use crate::clause::Clauses;
use crate::judged::Judged;
use crate::replay::file;
use crate::report::Report;
use crate::report::terminal::Terminal;
use crate::run::Outcome;
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::Path;

/// The cases of a table that were asked for. A pattern that names none is an error.
pub(super) fn chosen<P: Copy>(
    which: &Which,
    all: impl Iterator<Item = &'static Case<P>>,
) -> Result<Vec<&'static Case<P>>> {
    let all: Vec<&'static Case<P>> = all.collect();
    for pattern in which.only.iter().chain(&which.skip) {
        if !all.iter().any(|case| names(pattern, case)) {
            bail!("`{pattern}` names no case that this command judges; `myinfo-conformance list` shows all");
        }
    }
    let chosen: Vec<_> = all.into_iter().filter(|case| which.wants(case)).collect();
    if chosen.is_empty() {
        bail!("no case is left to run: none fits all that was asked for");
    }
    Ok(chosen)
}

impl How {
    /// The baseline. What is expired in it is said, and excuses nothing.
    pub(super) fn baseline<P: Copy + 'static>(&self, all: impl Iterator<Item = &'static Case<P>>) -> Result<Baseline> {
        let Some(file) = &self.baseline else { return Ok(Baseline::default()) };
        let all: Vec<&Case<P>> = all.collect();
        let baseline = Baseline::read(file, |pattern| all.iter().any(|case| names(pattern, case)), today()?)?;
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

    pub(super) fn jobs(&self) -> usize {
        usize::from(self.jobs)
    }

    /// Tells the end of a run and writes the reports; the exit code.
    pub(super) fn finish(&self, mut terminal: Terminal<impl Write>, outcome: &Outcome) -> Result<u8> {
        terminal.end(outcome);
        let clauses = Clauses::load()?;
        for report in &self.report {
            report.write(outcome, &clauses)?;
        }
        terminal.written()?;
        Ok(exit_code(outcome))
    }
}

fn today() -> Result<time::Date> {
    let now = i64::try_from(crate::clock::milliseconds() / 1000)?;
    Ok(time::OffsetDateTime::from_unix_timestamp(now)?.date())
}
