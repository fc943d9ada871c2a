//! `myinfo-bench`: measures the mock server on one core, against `openssl speed` on the same core.

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use myinfo_conformance::bench::{Load, diagnoses, run};
use myinfo_conformance::clock::now;
use myinfo_conformance::http::client as http;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Measure whole v3 flows in a second as a share of RSA-2048 signatures in a second, start-up time, memory and size.
///
/// The share of processor time sets the server's own time on the processor against the same of `openssl speed`, so that
/// a neighbour on the machine disturbs it less. The server runs on core 0, the load on core 1. Build everything with
/// --release first.
#[derive(Debug, Parser)]
struct Options {
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
}

fn main() -> Result<()> {
    let options = Options::parse();
    ensure!(options.server.exists(), "{} does not exist: cargo build --release --workspace", options.server.display());
    let size = std::fs::metadata(&options.server)?.len();
    say(&format!("binary            {:.1} MB", megabytes(size)))?;
    say(&format!("start to answer   {:.0} ms (median of 11)", start_up(&options.server)?))?;
    let (mut shares, mut of_processor) = (Vec::new(), Vec::new());
    for round in 1..=options.rounds {
        let before = signatures_per_second()?;
        let mut server = Server::start(&options.server)?;
        let fresh = server.resident()?;
        let mut most: u64 = 0;
        let load = Load { flows: options.flows, batch: 2_000, in_flight: options.in_flight };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let pid = server.child.id();
        let measured = runtime.block_on(run(&server.url, load, |done| {
            most = most.max(resident(pid).unwrap_or_default());
            let _ = write!(std::io::stderr(), "\r  {done} of {} flows", options.flows);
        }))?;
        let _ = write!(std::io::stderr(), "\r{:40}\r", "");
        let busy = processor_seconds(pid)?;
        let signatures = f64::midpoint(before, signatures_per_second()?);
        let share = measured.flows_per_second() / signatures;
        #[expect(clippy::cast_precision_loss, reason = "a count of flows is far below 2^52")]
        let processor = options.flows as f64 / busy / signatures;
        say(&format!(
            "round {round}           {:.0} flows/s, {signatures:.0} signatures/s, share {share:.3}, of processor time {processor:.3}, memory {:.1} MB at start, {:.1} MB at most, {:.1} MB at the end",
            measured.flows_per_second(),
            megabytes(fresh),
            megabytes(most),
            megabytes(server.resident()?),
        ))?;
        if round == options.rounds {
            let times = runtime.block_on(diagnoses(&server.url, 200))?;
            for (what, times) in [("its refusal", times.answered), ("longest search", times.searched)] {
                let milliseconds = |place: usize| times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
                say(&format!(
                    "{what:<17} {:.1} ms (median of 200), {:.1} ms (99 %)",
                    milliseconds(100),
                    milliseconds(197)
                ))?;
            }
        }
        server.stop()?;
        shares.push(share);
        of_processor.push(processor);
    }
    say(&format!("share (median)    {:.3}, of processor time {:.3}", median(shares), median(of_processor)))
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// A server on core 0.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(program: &Path) -> Result<Self> {
        let mut child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(program)
            .args(["--http", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("taskset (util-linux) is needed")?;
        let stdout = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let url = line.trim().strip_prefix("ready ").context("the server did not get ready")?.to_owned();
        Ok(Self { child, url })
    }

    fn resident(&self) -> Result<u64> {
        resident(self.child.id())
    }

    fn stop(&mut self) -> Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

/// Milliseconds from starting the program to its first answer.
fn start_up(program: &Path) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let http = http()?;
    let mut times = Vec::new();
    for _ in 0..11 {
        let started = now();
        let mut server = Server::start(program)?;
        let answer = runtime.block_on(http.get(format!("{}/_mock/health", server.url)).send())?;
        ensure!(answer.status().is_success(), "health is {}", answer.status());
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        server.stop()?;
    }
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().context("no times")
}

/// What `openssl speed` signs in a second on the server's core.
fn signatures_per_second() -> Result<f64> {
    let output = Command::new("taskset")
        .args(["-c", "0", "openssl", "speed", "-seconds", "3", "rsa2048"])
        .stderr(Stdio::null())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let line =
        text.lines().find(|line| line.starts_with("rsa 2048")).context("openssl speed printed no line for rsa 2048")?;
    let Some(rate) = line.split_whitespace().nth_back(1) else { bail!("unexpected line: {line}") };
    Ok(rate.parse()?)
}

/// The time that a process spent on the processor, in seconds: `utime` and `stime` of `/proc/PID/stat`, in hundredths.
fn processor_seconds(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, after_name) = stat.rsplit_once(')').context("no process name")?;
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
    Ok(f64::from(ticks.sum::<Result<u32, _>>()?) / 100.0)
}

/// The resident memory of a process in bytes.
fn resident(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kilobytes * 1024)
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
