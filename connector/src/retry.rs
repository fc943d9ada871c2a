//! "Later": which answers say it, and how long is waited.

use crate::transport::Response;
use std::time::Duration;

/// The longest wait before a retry, in seconds; a service that wants more gets an error shown instead.
const LONGEST_WAIT: u64 = 5;

/// What an answer says of another try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Later {
    /// It makes no sense: the answer is judged as it is.
    No,
    /// It makes sense after a while.
    In(Duration),
    /// It makes sense later than anybody waits for.
    TooLate,
}

/// RFC 6585 §4 and RFC 9110 §15.6.4: 429 and 503 may say how long. Others, such as a gateway's 502 and 504, do not know.
pub(crate) fn later(response: &Response, otherwise: u64, silent: &[u16]) -> Later {
    let seconds = match response.status {
        429 | 503 => response.retry_after.unwrap_or(otherwise),
        status if silent.contains(&status) => otherwise,
        _ => return Later::No,
    };
    if seconds <= LONGEST_WAIT { Later::In(Duration::from_secs(seconds)) } else { Later::TooLate }
}
