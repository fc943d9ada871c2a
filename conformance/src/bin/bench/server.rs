//! A server on the first core, and what the system says of its process.

use anyhow::{Context, Result, ensure};
use myinfo_conformance::clock::now;
use myinfo_conformance::http::client as http;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server on core 0.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    /// A mock on a free port.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        Self::run(program, &["--http", "127.0.0.1:0"])
    }

    /// Any program that prints `ready URL`.
    pub(crate) fn run<A: AsRef<OsStr>>(program: &Path, arguments: &[A]) -> Result<Self> {
        let mut child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(program)
            .args(arguments)
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

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its resident memory in bytes.
    pub(crate) fn resident(&self) -> Result<u64> {
        resident(self.pid())
    }

    pub(crate) fn stop(&mut self) -> Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

/// Milliseconds from starting the program to its first answer.
pub(crate) fn start_up(program: &Path) -> Result<f64> {
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

/// The time that a process spent on the processor, in seconds: `utime` and `stime` of `/proc/PID/stat`, in hundredths.
pub(crate) fn processor_seconds(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, after_name) = stat.rsplit_once(')').context("no process name")?;
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
    Ok(f64::from(ticks.sum::<Result<u32, _>>()?) / 100.0)
}

/// The resident memory of a process in bytes.
pub(crate) fn resident(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kilobytes * 1024)
}
