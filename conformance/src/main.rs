//! The program `myinfo-conformance`.

use clap::Parser;
use myinfo_conformance::cli::{Cli, main as check};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    ExitCode::from(check(Cli::parse()).await)
}
