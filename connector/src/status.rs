//! What the status of an answer says of it, before its content is looked at.

use crate::error::{Endpoint, Error};
use crate::transport::Response;

/// The refusal of a request, with the clocks' difference where it is enough to explain it.
pub(crate) fn refused(
    endpoint: Endpoint,
    response: &Response,
    reason: Option<&'static str>,
    now_seconds: u64,
) -> Error {
    let difference = |date: i64| Some(date - i64::try_from(now_seconds).ok()?);
    let clock_difference = response.date.and_then(difference).filter(|seconds| seconds.abs() > 60);
    Error::Refused { endpoint, status: response.status, reason, clock_difference }
}

/// 5xx and 429: not our mistake, and nothing about the request's content.
///
/// v3's document lists a bad signature as 500, so a 500 may also mean that our key or base string is wrong.
pub(crate) const fn is_upstream(status: u16) -> bool {
    status >= 500 || status == 429
}

pub(crate) const fn upstream(endpoint: Endpoint, status: u16) -> Error {
    Error::Upstream { endpoint, status }
}
