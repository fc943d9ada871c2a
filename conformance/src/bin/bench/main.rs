//! `myinfo-bench`: measures the mock server on one core, against `openssl speed` on the same core.

mod fapi;
mod server;
mod speed;
mod v3;

use anyhow::{Result, ensure};
use clap::{Parser, ValueEnum};
use std::io::Write;
use std::path::PathBuf;

/// Measure whole flows in a second as a share of the cryptography in a second, start-up time, memory and size.
///
/// With v3 the measure are RSA-2048 signatures, with FAPI the operations on P-256 that a flow needs. The share of processor
/// time sets the server's own time on the processor against the same of `openssl speed`, so that a neighbour on the machine
/// disturbs it less. The server runs on core 0, the load on core 1. Build everything with --release first.
#[derive(Debug, Parser)]
struct Options {
    /// What is measured
    #[arg(long, value_enum, default_value = "v3")]
    profile: ProfileName,
    /// Whole flows to run
    #[arg(long, default_value_t = 20_000)]
    flows: usize,
    /// Exchanges in flight
    #[arg(long, default_value_t = 16)]
    in_flight: usize,
    /// How often to measure; the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The server's program
    #[arg(long, default_value = "target/release/myinfo-mock")]
    server: PathBuf,
    /// With FAPI: measure pushed requests at oidc-provider, too, which this script starts
    #[arg(long, value_name = "FILE")]
    beside: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProfileName {
    V3,
    Fapi,
}

fn main() -> Result<()> {
    let options = Options::parse();
    ensure!(options.server.exists(), "{} does not exist: cargo build --release --workspace", options.server.display());
    let size = std::fs::metadata(&options.server)?.len();
    say(&format!("binary            {:.1} MB", megabytes(size)))?;
    say(&format!("start to answer   {:.0} ms (median of 11)", server::start_up(&options.server)?))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match options.profile {
        ProfileName::V3 => v3::measure(&options, &runtime),
        ProfileName::Fapi => fapi::measure(&options, &runtime),
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// Shows how far it is, on one line that is wiped at the end.
fn done(flows: usize, of: usize) {
    let text = if flows < of { format!("  {flows} of {of} flows") } else { " ".repeat(40) };
    let _ = write!(std::io::stderr(), "\r{text}\r");
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
