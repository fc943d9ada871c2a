//! The program `myinfo-conformance`.

use clap::Parser;
use myinfo_conformance::cli::{Cli, main as check};
use myinfo_conformance::quote::without_keys;
use std::io::Write;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let stop = async {
        tokio::select! {
            () = arrived(SignalKind::interrupt()) => 128 + 2,
            () = arrived(SignalKind::terminate()) => 128 + 15,
            // a closed terminal and `Ctrl-\` end a run as they ended it: with what it started
            () = arrived(SignalKind::hangup()) => 128 + 1,
            () = arrived(SignalKind::quit()) => 128 + 3,
        }
    };
    match Cli::try_parse() {
        // on the heap: a run holds much, and this thread its whole life
        Ok(cli) => ExitCode::from(Box::pin(check(cli, stop)).await),
        Err(error) => misused(&error),
    }
}

/// Help, or what is wrong with the command line: clap quotes what was given.
fn misused(error: &clap::Error) -> ExitCode {
    let plain = error.render().to_string();
    let shown = without_keys(&plain);
    let _ = if shown == plain { error.print() } else { write!(anstream::stderr(), "{shown}") };
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// Waits for a signal; for ever, where the system cannot tell of it.
async fn arrived(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}
