//! `myinfo-conformance server`: judges a server, and cases of one again.

use super::exit::{NOTHING, UNUSABLE, stopped};
use super::how::chosen;
use super::options::CheckServer;
use crate::baseline::Baseline;
use crate::case::server::ServerCase;
use crate::case::{Side, of_servers};
use crate::report::terminal::Terminal;
use crate::run::Outcome;
use crate::server::realms::Realms;
use crate::server::replay::{Found, Named, Reached, ServerReplay, ServerRun};
use crate::server::run::{Options, judge_server};
use crate::server::seed::Seed;
use anyhow::Result;
use std::io::Write;

/// Judges a server; the exit code.
pub(super) async fn check_server(options: &CheckServer, realms: &Realms) -> Result<u8> {
    let how = &options.how;
    let cases = match chosen(&how.which, of_servers()) {
        Ok(cases) => cases,
        Err(error) => return Ok(stopped(&error, NOTHING)),
    };
    let baseline = how.baseline(of_servers())?;
    how.prepare()?;
    let (url, target, ca) = (options.url.clone(), options.target.clone(), options.ca.clone());
    let server = Reached { url, target, ca, answer_seconds: options.answer_seconds }.with_whole_paths()?;
    let named = server.named()?;
    let seed = options.seed.map_or_else(Seed::drawn, |seed| Ok(Seed(seed)))?;
    let run = ServerRun { strict: how.strict, seed: seed.0, server };
    let what = Options { cases, strict: run.strict, seed, jobs: how.jobs(4) };
    let mut terminal = how.terminal(Side::Server);
    match judged(named, &what, &baseline, (realms, &mut terminal)).await {
        Ok(outcome) => {
            how.keep_replays(&outcome, |judged, folder| {
                let found = !judged.verdict.findings().is_empty();
                found.then(|| ServerReplay::new(judged.case.id, &run).write(folder))
            })?;
            how.finish(terminal, &outcome)
        }
        Err(error) => Ok(stopped(&error, UNUSABLE)),
    }
}

/// Does cases of one run again; what comes of them, or why they cannot be done.
pub(super) async fn judged_again(
    run: &ServerRun,
    cases: Vec<&'static ServerCase>,
    strict: bool,
    realms: &Realms,
) -> Result<Result<Outcome>> {
    let what = Options { cases, strict: run.strict || strict, seed: run.seed(), jobs: 1 };
    let mut terminal = Terminal::new(anstream::stdout(), Side::Server);
    let outcome = judged(run.server.named()?, &what, &Baseline::default(), (realms, &mut terminal)).await;
    let outcome = outcome.inspect(|outcome| terminal.end(outcome));
    terminal.written()?;
    Ok(outcome)
}

/// Finds a server, judges it, and stops it where it is our own.
async fn judged(
    named: Named,
    what: &Options,
    baseline: &Baseline,
    (realms, terminal): (&Realms, &mut Terminal<impl Write>),
) -> Result<Outcome> {
    let Found { target, own } = named.found(realms).await?;
    let outcome = judge_server(what, &target, baseline, |event| terminal.tell(event)).await;
    if let Some(own) = own {
        own.stop().await;
    }
    outcome
}
