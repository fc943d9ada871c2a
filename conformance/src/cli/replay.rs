//! `myinfo-conformance replay`: failing cases once more, from their files.

use super::exit::{BROKEN, FINE, UNUSABLE, exit_code, stopped};
use super::server::judged_again;
use crate::case::server::ServerCase;
use crate::case::{Side, of_servers};
use crate::connector::driver::Hello;
use crate::connector::run::again;
use crate::replay::{AnyReplay, Replay};
use crate::report::terminal::Terminal;
use crate::run::{Event, Outcome};
use crate::server::realms::Realms;
use crate::server::replay::ServerRun;
use anyhow::Result;
use std::path::PathBuf;

/// Judges what is in replay files: those of connectors each by itself, those of one run at a server together; the exit code.
pub(super) async fn replay(files: &[PathBuf], strict: bool, realms: &Realms) -> Result<u8> {
    let mut connectors = Vec::new();
    let mut servers: Vec<(ServerRun, Vec<&'static ServerCase>)> = Vec::new();
    for file in files {
        match AnyReplay::read(file)? {
            AnyReplay::Connector(replay) => connectors.push(*replay),
            AnyReplay::Server(replay) => {
                let case = replay.known()?;
                match servers.iter_mut().find(|(run, _)| *run == replay.run) {
                    Some((_, cases)) => cases.push(case),
                    None => servers.push((replay.run, vec![case])),
                }
            }
        }
    }
    let mut codes = Vec::new();
    if !connectors.is_empty() {
        codes.push(of_connectors(connectors, strict).await?);
    }
    for (run, named) in servers {
        // in the order of a run, and each once: a case may leave something behind for those that follow
        let cases = of_servers().filter(|case| named.iter().any(|one| one.id == case.id)).collect();
        codes.push(match judged_again(&run, cases, strict, realms).await? {
            Ok(outcome) => exit_code(&outcome),
            Err(error) => stopped(&error, UNUSABLE),
        });
    }
    // the gravest: what is broken is broken, whatever else could not be tried
    Ok([BROKEN, UNUSABLE].into_iter().find(|code| codes.contains(code)).unwrap_or(FINE))
}

async fn of_connectors(replays: Vec<Replay>, strict: bool) -> Result<u8> {
    let start = crate::clock::now();
    let mut terminal = Terminal::new(anstream::stdout(), Side::Connector);
    let mut target = replays.first().map(|replay| replay.target().clone()).unwrap_or_default();
    if replays.iter().any(|replay| replay.target().name != target.name) {
        target = Hello { name: "replays of several targets".to_owned(), ..Hello::default() };
    }
    terminal.tell(&Event::Began { target: &target, cases: replays.len(), fails: false });
    let mut judged = Vec::new();
    for replay in replays {
        let one = again(replay, strict).await?;
        terminal.tell(&Event::Done(&one));
        judged.push(one);
    }
    let took = start.elapsed();
    let (seed, migrating_from, mend_first) = (None, None, None);
    let outcome = Outcome { side: Side::Connector, target, seed, strict, migrating_from, mend_first, judged, took };
    terminal.end(&outcome);
    terminal.written()?;
    Ok(exit_code(&outcome))
}
