//! The real time, read here and nowhere else.

use anyhow::Result;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The present moment, for measuring how long something takes.
#[expect(clippy::disallowed_methods, reason = "a measurement is of real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// How long ago a moment was, in milliseconds.
pub fn milliseconds_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The present moment in milliseconds, for signatures that a real server checks.
#[expect(clippy::disallowed_methods, reason = "a request to a real server carries the real time")]
pub fn milliseconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The present day and minute, for reports: `2026-12-31 23:59 UTC`.
///
/// # Errors
/// When the machine's clock tells a time that no calendar has.
pub fn date() -> Result<String> {
    let now = time::OffsetDateTime::from_unix_timestamp(i64::try_from(milliseconds() / 1000)?)?;
    Ok(now.format(time::macros::format_description!("[year]-[month]-[day] [hour]:[minute] UTC"))?)
}
