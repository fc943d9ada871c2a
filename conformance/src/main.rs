//! The program `myinfo-conformance`.

use clap::Parser;
use myinfo_conformance::cli::{Cli, main as check};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a program that a signal ended: 128 and the signal's number.
const INTERRUPTED: u8 = 128 + 2;
const TERMINATED: u8 = 128 + 15;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return ExitCode::from(check(cli).await);
    };
    // what is under way is dropped, and with it end all programs that were started, and all folders are removed
    ExitCode::from(tokio::select! {
        code = check(cli) => code,
        _ = interrupt.recv() => INTERRUPTED,
        _ = terminate.recv() => TERMINATED,
    })
}
