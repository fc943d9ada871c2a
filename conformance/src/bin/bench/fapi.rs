//! Whole FAPI flows as a share of their cryptography, and pushed requests beside those of another server.

use super::server::{Server, processor_seconds, resident};
use super::speed::P256;
use super::{Options, done, median, megabytes, say};
use anyhow::{Context, Result, ensure};
use myinfo_conformance::bench::Load;
use myinfo_conformance::bench::fapi::{CLIENT, Stage, push, run};
use std::path::Path;
use std::process::Command;
use tokio::runtime::Runtime;

/// Measures as often as is asked for; says each round, and the medians.
pub(crate) fn measure(options: &Options, runtime: &Runtime) -> Result<()> {
    let (mut shares, mut rates) = (Vec::new(), Vec::new());
    for round in 1..=options.rounds {
        let before = P256::measured()?;
        let mut server = Server::start(&options.server)?;
        let flows = whole(options, runtime, &server)?;
        server.stop()?;
        let speed = before.midpoint(P256::measured()?);
        let share = flows.per_second(flows.seconds()) * speed.seconds_of_a_flow();
        let pushed = flows.per_second(flows.stages[0]);
        say(&format!(
            "round {round}           {:.0} flows a second of its processor, {:.0} of cryptography alone, share {share:.3}; {}",
            flows.per_second(flows.seconds()),
            1.0 / speed.seconds_of_a_flow(),
            flows.told(),
        ))?;
        shares.push(share);
        rates.push(pushed);
    }
    let pushed = median(rates);
    say(&format!("share (median)    {:.3}; {pushed:.0} pushed requests a second", median(shares)))?;
    match &options.beside {
        Some(script) => beside(options, runtime, script, pushed),
        None => Ok(()),
    }
}

/// What the server's processor did for some flows.
struct Flows {
    number: usize,
    /// Seconds of processor time, by stage.
    stages: [f64; Stage::ALL.len()],
    memory: [u64; 3],
}

impl Flows {
    fn seconds(&self) -> f64 {
        self.stages.iter().sum()
    }

    fn per_second(&self, seconds: f64) -> f64 {
        per_second(self.number, seconds)
    }

    fn told(&self) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a count of flows is far below 2^52")]
        let [par, auth, token, userinfo] = self.stages.map(|seconds| seconds * 1e6 / self.number as f64);
        let [fresh, most, end] = self.memory.map(megabytes);
        format!(
            "µs: PAR {par:.0}, auth {auth:.0}, token {token:.0}, userinfo {userinfo:.0}; memory {fresh:.1} MB at start, {most:.1} MB at most, {end:.1} MB at the end"
        )
    }
}

fn whole(options: &Options, runtime: &Runtime, server: &Server) -> Result<Flows> {
    let load = Load { flows: options.flows, batch: 2_000, in_flight: options.in_flight };
    let (pid, fresh) = (server.pid(), server.resident()?);
    let (mut stages, mut most, mut so_far) = ([0.0; Stage::ALL.len()], fresh, processor_seconds(pid)?);
    let issuer = format!("{}/fapi", server.url);
    runtime.block_on(run(&issuer, load, |stage, flows| {
        let busy = processor_seconds(pid).unwrap_or(so_far);
        for (_, seconds) in Stage::ALL.iter().zip(&mut stages).filter(|(of, _)| **of == stage) {
            *seconds += busy - so_far;
        }
        so_far = busy;
        most = most.max(resident(pid).unwrap_or_default());
        done(flows, options.flows);
    }))?;
    Ok(Flows { number: options.flows, stages, memory: [fresh, most, server.resident()?] })
}

/// Pushed requests at oidc-provider, in the same run: as many until it is warm as are measured.
fn beside(options: &Options, runtime: &Runtime, script: &Path, ours: f64) -> Result<()> {
    let exported = tempfile::tempdir()?;
    let wrote = Command::new(&options.server).arg("export").arg(exported.path()).args(["--client", CLIENT]).output()?;
    ensure!(wrote.status.success(), "{}", String::from_utf8_lossy(&wrote.stderr));
    let mut server = Server::run(Path::new("node"), &[script.as_os_str(), exported.path().as_os_str()])
        .context("npm --prefix conformance/servers ci")?;
    let load = Load { flows: 2_000, batch: 2_000, in_flight: options.in_flight };
    runtime.block_on(push(&server.url, load))?;
    let before = processor_seconds(server.pid())?;
    runtime.block_on(push(&server.url, load))?;
    let theirs = per_second(load.flows, processor_seconds(server.pid())? - before);
    server.stop()?;
    say(&format!(
        "oidc-provider     {theirs:.0} pushed requests a second of its processor; the mock {:.1} times as many",
        ours / theirs
    ))
}

#[expect(clippy::cast_precision_loss, reason = "a count of flows is far below 2^52")]
fn per_second(number: usize, seconds: f64) -> f64 {
    number as f64 / seconds
}
