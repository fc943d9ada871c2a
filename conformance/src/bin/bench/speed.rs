//! What `openssl speed` does in a second of the server's core: the measure of everything else.

use anyhow::{Context, Result};
use std::process::{Command, Stdio};

/// RSA-2048 signatures in a second.
pub(crate) fn rsa_signatures() -> Result<f64> {
    let text = speed(&["rsa2048"])?;
    figure(&text, "rsa 2048", 1)
}

/// Operations on P-256 in a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct P256 {
    pub(crate) signatures: f64,
    pub(crate) verifications: f64,
    pub(crate) agreements: f64,
}

impl P256 {
    pub(crate) fn measured() -> Result<Self> {
        let text = speed(&["ecdsap256", "ecdhp256"])?;
        Ok(Self {
            signatures: figure(&text, "256 bits ecdsa (nistp256)", 1)?,
            verifications: figure(&text, "256 bits ecdsa (nistp256)", 0)?,
            agreements: figure(&text, "256 bits ecdh (nistp256)", 0)?,
        })
    }

    /// Between two measurements.
    pub(crate) fn midpoint(self, other: Self) -> Self {
        Self {
            signatures: f64::midpoint(self.signatures, other.signatures),
            verifications: f64::midpoint(self.verifications, other.verifications),
            agreements: f64::midpoint(self.agreements, other.agreements),
        }
    }

    /// Seconds of the operations that a flow cannot do without. `openssl speed` makes no keys: that is one multiplication of
    /// the generator, as in a signature, which stands for it.
    pub(crate) fn seconds_of_a_flow(self) -> f64 {
        5.0 / self.verifications + 3.0 / self.signatures + 2.0 * (1.0 / self.signatures + 1.0 / self.agreements)
    }
}

fn speed(algorithms: &[&str]) -> Result<String> {
    let output = Command::new("taskset")
        .args(["-c", "0", "openssl", "speed", "-seconds", "3"])
        .args(algorithms)
        .stderr(Stdio::null())
        .output()
        .context("taskset (util-linux) and openssl are needed")?;
    Ok(String::from_utf8(output.stdout)?)
}

/// A figure of a line, counted from its end.
fn figure(text: &str, line: &str, from_end: usize) -> Result<f64> {
    let found = text.lines().find(|found| found.trim_start().starts_with(line));
    let found = found.with_context(|| format!("openssl speed printed no line for {line}"))?;
    let figure = found.split_whitespace().nth_back(from_end).with_context(|| format!("unexpected line: {found}"))?;
    Ok(figure.parse()?)
}
