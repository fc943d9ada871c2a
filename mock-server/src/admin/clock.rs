//! The clock over HTTP: what the checks use, and what clients see, apart.

use super::request::{AdminError, Ask, json};
use crate::ambient::{ClockSetting, Timestamp};
use crate::http::exchange::Answer;
use crate::journal::filter::moment;
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::StatusCode;

/// What can be asked of the clock; in this order it is done.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// The moment to show from now on: RFC 3339, or milliseconds since 1970.
    set: Option<Value>,
    /// Seconds to move by; back, when negative.
    advance_seconds: Option<i64>,
    /// Whether the clock stands still.
    frozen: Option<bool>,
    /// By how many seconds the time that clients see is ahead.
    skew_seconds: Option<i64>,
}

/// The year 9999: beyond it nothing can be written as a date.
const LAST: u64 = 253_402_300_799_000;

/// `GET clock`.
pub(super) fn show(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let clock = &ask.app.clock;
    let setting = clock.setting();
    Ok(json(
        StatusCode::OK,
        &json!({
            "checks": clock.now().rfc3339(),
            "clients_see": clock.shown().rfc3339(),
            "frozen": setting.frozen.is_some(),
            "skew_seconds": setting.skew / 1000,
        }),
    ))
}

/// `POST clock`.
pub(super) fn change(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    apply(ask.app, &ask.body()?)?;
    show(ask)
}

/// `DELETE clock`: back to the machine's.
pub(super) fn reset(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    ask.app.clock.reset();
    show(ask)
}

/// Does what was asked, or nothing.
pub(super) fn apply(app: &crate::app::App, change: &Change) -> Result<(), AdminError> {
    let set = change.set.as_ref().map(read_moment).transpose()?;
    let milliseconds = |seconds: i64| seconds.checked_mul(1000).ok_or_else(too_far);
    let advance = change.advance_seconds.map(milliseconds).transpose()?.unwrap_or_default();
    let skew = change.skew_seconds.map(milliseconds).transpose()?;
    let mut result = Ok(());
    app.clock.change(|setting, below| {
        let now = setting.frozen.unwrap_or_else(|| Timestamp(below.0.saturating_add_signed(setting.offset)));
        let moved = Timestamp(set.unwrap_or(now).0.saturating_add_signed(advance));
        let skew = skew.unwrap_or(setting.skew);
        let back = |from: u64, by: i64| by < 0 && by.unsigned_abs() > from;
        if back(set.unwrap_or(now).0, advance) || back(moved.0, skew) {
            result = Err(AdminError::bad("that is before the year 1970"));
            return;
        }
        if moved.0 > LAST || moved.0.saturating_add_signed(skew) > LAST {
            result = Err(too_far());
            return;
        }
        let frozen = change.frozen.unwrap_or(setting.frozen.is_some());
        let offset = i64::try_from(moved.0).unwrap_or(i64::MAX) - i64::try_from(below.0).unwrap_or_default();
        *setting = ClockSetting { offset, frozen: frozen.then_some(moved), skew };
    });
    result
}

/// A moment as text or as a number.
pub(super) fn read_moment(value: &Value) -> Result<Timestamp, AdminError> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    moment(&text).map_err(AdminError::bad)
}

fn too_far() -> AdminError {
    AdminError::bad("that is beyond the year 9999")
}
