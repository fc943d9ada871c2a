//! Whole v3 flows as a share of RSA-2048 signatures.

use super::server::{Server, processor_seconds, resident};
use super::speed::rsa_signatures;
use super::{Options, done, median, megabytes, say};
use anyhow::Result;
use myinfo_conformance::bench::{Load, diagnoses, run};
use tokio::runtime::Runtime;

/// Measures as often as is asked for; says each round, and the median.
pub(crate) fn measure(options: &Options, runtime: &Runtime) -> Result<()> {
    let (mut shares, mut of_processor) = (Vec::new(), Vec::new());
    for round in 1..=options.rounds {
        let before = rsa_signatures()?;
        let mut server = Server::start(&options.server)?;
        let fresh = server.resident()?;
        let mut most: u64 = 0;
        let load = Load { flows: options.flows, batch: 2_000, in_flight: options.in_flight };
        let pid = server.pid();
        let measured = runtime.block_on(run(&server.url, load, |flows| {
            most = most.max(resident(pid).unwrap_or_default());
            done(flows, options.flows);
        }))?;
        let busy = processor_seconds(pid)?;
        let signatures = f64::midpoint(before, rsa_signatures()?);
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
            refusals(runtime, &server)?;
        }
        server.stop()?;
        shares.push(share);
        of_processor.push(processor);
    }
    say(&format!("share (median)    {:.3}, of processor time {:.3}", median(shares), median(of_processor)))
}

fn refusals(runtime: &Runtime, server: &Server) -> Result<()> {
    let times = runtime.block_on(diagnoses(&server.url, 200))?;
    for (what, times) in [("its refusal", times.answered), ("longest search", times.searched)] {
        let milliseconds = |place: usize| times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
        say(&format!("{what:<17} {:.1} ms (median of 200), {:.1} ms (99 %)", milliseconds(100), milliseconds(197)))?;
    }
    Ok(())
}
