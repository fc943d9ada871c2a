//! The program `myinfo-conformance`.

mod stop;

use clap::Parser;
use myinfo_conformance::cli::{Cli, main as check};
use myinfo_conformance::quote::without_keys;
use std::io::Write;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::try_parse() {
        // on the heap: a run holds much, and this thread its whole life
        Ok(cli) => ExitCode::from(Box::pin(check(cli, stop::asked())).await),
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
