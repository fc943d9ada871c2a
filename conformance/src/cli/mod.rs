//! `myinfo-conformance`: what the command line says, and what the exit code says. Both are a contract with scripts.

mod app;
mod catalogue;
mod check;
mod exit;
mod how;
mod options;
mod replay;
mod server;
mod shell;

pub use self::options::Cli;

use self::catalogue::{explain, list, schema};
use self::check::{check, stdio};
use self::exit::{FINE, UNUSABLE, USAGE, stopped};
use self::options::{AppCommand, Command, DriverCommand};
use self::replay::replay;
use self::server::check_server;
use crate::connector::driver;
use crate::connector::driver::lint::lint;
use crate::connector::driver::reference::ReferenceDriver;
use crate::connector::driver::serve::serve;
use crate::connector::testbed::Testbed;
use crate::masked::masked;
use crate::profile::ProfileId;
use crate::report::terminal::wrapped;
use crate::server::realms::Realms;
use anyhow::Result;
use myinfo_fixtures::keys;
use serde_json::Map;
use std::io::Write;
use std::path::Path;

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
        Some(Command::List(which)) => list(&which),
        Some(Command::Explain { id }) => explain(&id),
        Some(Command::Schema { kind }) => schema(&kind),
        Some(Command::Completions { shell }) => Ok(shell::completions(shell)),
        Some(Command::Man) => shell::manual(),
        Some(Command::Driver(DriverCommand::Init { language, folder })) => init(&language, &folder),
        Some(Command::Driver(DriverCommand::Reference)) => {
            let input = tokio::io::BufReader::new(tokio::io::stdin());
            serve(&mut ReferenceDriver::default(), input, tokio::io::stdout()).await.map(|()| FINE)
        }
        Some(Command::Driver(DriverCommand::Lint { command, answer_seconds })) => {
            lint_driver(&command, answer_seconds).await
        }
        Some(Command::App(AppCommand::Init { file })) => app::init(&file),
        Some(Command::App(AppCommand::Lint { file, tries })) => app::lint(&file, tries).await,
    };
    done.unwrap_or_else(|error| stopped(&error, USAGE))
}

/// A conversation with a driver, at a server that is there.
async fn lint_driver(command: &str, answer_seconds: u64) -> Result<u8> {
    let testbed = Testbed::start("LINT").await?;
    // what the driver speaks is known when it has said hello, and that is later
    let uris = [keys::CLIENT_REDIRECT_URI.to_owned()];
    // those of the API before FAPI are FAPI's
    let profiles = [ProfileId::V3, ProfileId::Fapi];
    let clients = profiles.iter().filter_map(|id| (id.profile().clients)(&uris).as_array().cloned()).flatten();
    let clients = Map::from_iter([("client".to_owned(), clients.collect())]);
    let realm = testbed.realm(ProfileId::V3, "lint", &clients, None).await?;
    let lines = lint(&stdio(command, answer_seconds), &realm.base_url()).await;
    let mut out = anstream::stdout();
    for line in &lines {
        let _ = match &line.problem {
            None => writeln!(out, "ok    {}", line.step),
            Some(problem) => writeln!(out, "WRONG {}\n{}", line.step, wrapped("found", &masked(problem))),
        };
    }
    testbed.stop().await;
    Ok(if lines.iter().all(|line| line.problem.is_none()) { FINE } else { UNUSABLE })
}

fn init(language: &str, folder: &Path) -> Result<u8> {
    let run = driver::init::write(language, folder)?;
    let mut out = anstream::stdout();
    let _ =
        writeln!(out, "Written to {}. It runs as it is; fill in your connector where it says so.\n", folder.display());
    let _ = writeln!(out, "  myinfo-conformance driver lint '{run}'\n  myinfo-conformance --stdio '{run}'");
    Ok(FINE)
}
