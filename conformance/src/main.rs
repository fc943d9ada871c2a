//! The program `myinfo-conformance`.

use clap::Parser;
use myinfo_conformance::cli::{Cli, main as check};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let stop = async {
        tokio::select! {
            () = arrived(SignalKind::interrupt()) => 128 + 2,
            () = arrived(SignalKind::terminate()) => 128 + 15,
        }
    };
    ExitCode::from(check(Cli::parse(), stop).await)
}

/// Waits for a signal; for ever, where the system cannot tell of it.
async fn arrived(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}
