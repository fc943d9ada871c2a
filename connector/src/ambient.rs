//! Time and chance: the only file of the connector that asks the system for either.

use rand::TryRng;
use rand::rngs::SysRng;
use std::time::{SystemTime, UNIX_EPOCH};

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
    /// When the operating system has no randomness to give.
    pub fn fresh() -> std::io::Result<Self> {
        Ok(Self { timestamp: now_milliseconds(), nonce: random_hex()? })
    }
}

/// The present moment, in milliseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
pub fn now_milliseconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The present moment, in seconds since the Unix epoch.
pub fn now_seconds() -> u64 {
    now_milliseconds() / 1000
}

/// 128 random bits from the operating system as 32 hexadecimal digits.
///
/// # Errors
/// When the operating system has no randomness to give.
pub fn random_hex() -> std::io::Result<String> {
    use std::fmt::Write;
    let mut bytes = [0_u8; 16];
    SysRng.try_fill_bytes(&mut bytes).map_err(std::io::Error::other)?;
    let mut text = String::with_capacity(32);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
