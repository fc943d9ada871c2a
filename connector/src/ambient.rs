//! Time, chance and waiting: the only file of the connector that asks the system for any of them.

use crate::error::Error;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rand::TryRng;
use rand::rngs::SysRng;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where a connector takes time and chance from, and how it waits: the [`System`], or what a test puts in its place.
pub trait Ambient: fmt::Debug + Send + Sync {
    /// The present moment, in milliseconds since the Unix epoch.
    fn now_milliseconds(&self) -> u64;

    /// Fills with bytes that nobody can guess.
    ///
    /// # Errors
    /// When there is no randomness to give.
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()>;

    /// Lets so much time pass.
    fn wait(&self, time: Duration) -> BoxFuture<'_, ()>;

    /// The present moment, in seconds since the Unix epoch.
    fn now_seconds(&self) -> u64 {
        self.now_milliseconds() / 1000
    }
}

/// The machine's clock, the operating system's randomness, and waiting that takes its time.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Ambient for System {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
    fn now_milliseconds(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        SysRng.try_fill_bytes(bytes).map_err(std::io::Error::other)
    }

    fn wait(&self, time: Duration) -> BoxFuture<'_, ()> {
        tokio::time::sleep(time).boxed()
    }
}

/// The moment and the nonce of one request. Every attempt gets a fresh one, retries included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Milliseconds since the Unix epoch.
    pub timestamp: u64,
    /// 128 random bits as hexadecimal digits.
    pub nonce: String,
}

impl Stamp {
    /// The present moment and a fresh nonce.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no randomness to give.
    pub fn fresh(ambient: &dyn Ambient) -> Result<Self, Error> {
        Ok(Self { timestamp: ambient.now_milliseconds(), nonce: random_hex(ambient)? })
    }
}

/// 128 random bits as 32 hexadecimal digits.
pub(crate) fn random_hex(ambient: &dyn Ambient) -> Result<String, Error> {
    use std::fmt::Write;
    let bytes: [u8; 16] = random_bytes(ambient)?;
    let mut text = String::with_capacity(32);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// As many random bytes as are wanted.
pub(crate) fn random_bytes<const SIZE: usize>(ambient: &dyn Ambient) -> Result<[u8; SIZE], Error> {
    let mut bytes = [0; SIZE];
    let filled = ambient.fill(&mut bytes);
    filled.map_err(|_| Error::Configuration("the operating system has no randomness to give".to_owned()))?;
    Ok(bytes)
}
