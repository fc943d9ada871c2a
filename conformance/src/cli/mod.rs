//! `myinfo-conformance`: what the command line says, and what the exit code says. Both are a contract with scripts.

mod catalogue;
mod check;
mod options;
mod replay;
mod server;

pub use self::options::Cli;

use self::catalogue::{explain, list};
use self::check::{check, stdio};
use self::options::{Command, DriverCommand, How, Which};
use self::replay::replay;
use self::server::check_server;
use crate::baseline::{Baseline, matches};
use crate::case::Case;
use crate::clause::Clauses;
use crate::connector::driver;
use crate::connector::driver::lint::lint;
use crate::connector::driver::reference::ReferenceDriver;
use crate::connector::driver::serve::serve;
use crate::connector::testbed::Testbed;
use crate::judged::Judged;
use crate::profile::ProfileId;
use crate::quote::without_keys;
use crate::replay::file;
use crate::report::Report;
use crate::report::terminal::{Terminal, wrapped};
use crate::run::Outcome;
use crate::server::realms::Realms;
use anyhow::{Context, Result, bail};
use serde_json::Map;
use std::io::Write;
use std::path::Path;

/// All is as expected.
const FINE: u8 = 0;
/// A requirement is broken, or a known failure is none any more.
const BROKEN: u8 = 1;
/// The command line, the baseline or a file cannot be used.
const USAGE: u8 = 2;
/// The target or our own side is unusable.
const UNUSABLE: u8 = 3;
/// Nothing matched.
const NOTHING: u8 = 4;

/// Does what the command line says; the exit code. When `stop` comes before the end, what is under way is dropped, and with it
/// end all programs that were started, and its own exit code is the result.
pub async fn main(cli: Cli, stop: impl Future<Output = u8>) -> u8 {
    let realms = Realms::default();
    tokio::select! {
        code = work(cli, &realms) => code,
        code = stop => {
            realms.end_all().await;
            code
        }
    }
}

async fn work(cli: Cli, realms: &Realms) -> u8 {
    let done = match cli.command {
        None => check(&cli.check).await,
        Some(Command::Check(options)) => check(&options).await,
        Some(Command::Server(options)) => check_server(&options, realms).await,
        Some(Command::Replay { files, strict }) => replay(&files, strict, realms).await,
        Some(Command::List(which)) => Ok(list(&which)),
        Some(Command::Explain { id }) => explain(&id),
        Some(Command::Driver(DriverCommand::Init { language, folder })) => init(&language, &folder),
        Some(Command::Driver(DriverCommand::Reference)) => {
            let input = tokio::io::BufReader::new(tokio::io::stdin());
            serve(&mut ReferenceDriver::default(), input, tokio::io::stdout()).await.map(|()| FINE)
        }
        Some(Command::Driver(DriverCommand::Lint { command, answer_seconds })) => {
            lint_driver(&command, answer_seconds).await
        }
    };
    done.unwrap_or_else(|error| {
        let _ = writeln!(anstream::stderr(), "myinfo-conformance: {}", without_keys(&format!("{error:#}")));
        USAGE
    })
}

/// The cases of a table that were asked for. A pattern that names none is an error.
fn chosen<P: Copy>(which: &Which, all: impl Iterator<Item = &'static Case<P>>) -> Result<Vec<&'static Case<P>>> {
    let all: Vec<&'static Case<P>> = all.collect();
    for pattern in which.only.iter().chain(&which.skip) {
        if !all.iter().any(|case| names(pattern, case)) {
            bail!("`{pattern}` names no case; `myinfo-conformance list` shows all");
        }
    }
    let chosen: Vec<_> = all.into_iter().filter(|case| which.wants(case)).collect();
    if chosen.is_empty() {
        bail!("no case is left to run");
    }
    Ok(chosen)
}

fn names<P>(pattern: &str, case: &Case<P>) -> bool {
    matches(pattern, case.id) || matches(pattern, case.code)
}

/// Says why a run ends before it begins; the exit code.
fn stopped(error: &anyhow::Error, code: u8) -> u8 {
    let _ = writeln!(anstream::stderr(), "myinfo-conformance: {}", without_keys(&format!("{error:#}")));
    code
}

impl How {
    /// The baseline. What is expired in it is said, and excuses nothing.
    fn baseline<P: Copy + 'static>(&self, all: impl Iterator<Item = &'static Case<P>>) -> Result<Baseline> {
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
    fn prepare(&self) -> Result<()> {
        if let Some(folder) = &self.replays {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        }
        self.report.iter().try_for_each(Report::prepare)
    }

    /// Writes a file for each case in which something was found. `write` gives nothing where there is none to write.
    fn keep_replays(&self, outcome: &Outcome, write: impl Fn(&Judged, &Path) -> Option<Result<()>>) -> Result<()> {
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

    fn jobs(&self) -> usize {
        usize::from(self.jobs)
    }

    /// Tells the end of a run and writes the reports; the exit code.
    fn finish(&self, mut terminal: Terminal<impl Write>, outcome: &Outcome) -> Result<u8> {
        terminal.end(outcome);
        let clauses = Clauses::load()?;
        for report in &self.report {
            report.write(outcome, &clauses)?;
        }
        Ok(exit_code(outcome))
    }
}

/// A conversation with a driver, at a server that is there.
async fn lint_driver(command: &str, answer_seconds: u64) -> Result<u8> {
    let testbed = Testbed::start("LINT").await?;
    let realm = testbed.realm(ProfileId::V3, "lint", &Map::new(), None).await?;
    let lines = lint(&stdio(command, answer_seconds), &realm.base_url()).await;
    let mut out = anstream::stdout();
    for line in &lines {
        let _ = match &line.problem {
            None => writeln!(out, "ok    {}", line.step),
            Some(problem) => writeln!(out, "WRONG {}\n{}", line.step, wrapped("found", problem)),
        };
    }
    testbed.stop().await;
    Ok(if lines.iter().all(|line| line.problem.is_none()) { FINE } else { UNUSABLE })
}

fn exit_code(outcome: &Outcome) -> u8 {
    let summary = outcome.summary();
    if summary.failed + summary.stale > 0 {
        BROKEN
    } else if summary.inconclusive > 0 {
        UNUSABLE
    } else {
        FINE
    }
}

fn today() -> Result<time::Date> {
    let now = i64::try_from(crate::clock::milliseconds() / 1000)?;
    Ok(time::OffsetDateTime::from_unix_timestamp(now)?.date())
}

fn init(language: &str, folder: &Path) -> Result<u8> {
    let run = driver::init::write(language, folder)?;
    let mut out = anstream::stdout();
    let _ =
        writeln!(out, "Written to {}. It runs as it is; fill in your connector where it says so.\n", folder.display());
    let _ = writeln!(out, "  myinfo-conformance driver lint '{run}'\n  myinfo-conformance --stdio '{run}'");
    Ok(FINE)
}
