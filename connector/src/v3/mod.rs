//! Myinfo v3, a file for each step. A step is a pair of pure functions: `prepare` and `accept`.

pub mod authorise;
mod base_string;
mod config;
pub mod person;
pub mod token;

use crate::ambient::Stamp;
use crate::error::{Endpoint, Error};
use crate::jose::jws;
use crate::transport::Response;
use base_string::{Signed, base_string};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
pub use config::{Config, ConfigBuilder, Context, Environment, Flavour};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes one value or path segment.
fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// `name=value&…`, every value encoded once.
fn encode_pairs(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

/// The `PKI_SIGN` header over a request (specification, security section).
fn sign(config: &Config, stamp: &Stamp, signed: &Signed<'_>) -> Result<String, Error> {
    let Some(key) = &config.private_key else {
        return Err(Error::Configuration("the private key is missing".to_owned()));
    };
    let timestamp = stamp.timestamp.to_string();
    let text = base_string(signed, &config.client_id, stamp);
    let signature = jws::sign(text.as_bytes(), key, jws::Alg::Rs256)?;
    Ok(format!(
        r#"PKI_SIGN app_id="{}",nonce="{}",signature_method="RS256",signature="{}",timestamp="{timestamp}""#,
        config.client_id,
        stamp.nonce,
        BASE64_STANDARD.encode(signature),
    ))
}

/// The refusal of a request, with the clocks' difference where it is enough to explain it.
fn refused(endpoint: Endpoint, response: &Response, now_seconds: u64) -> Error {
    let difference = |date: i64| Some(date - i64::try_from(now_seconds).ok()?);
    let clock_difference = response.date.and_then(difference).filter(|seconds| seconds.abs() > 60);
    Error::Refused { endpoint, status: response.status, clock_difference }
}

/// 5xx and 429: not our mistake, and nothing about the request's content.
///
/// The document lists a bad signature as 500, so a 500 may also mean that our key or base string is wrong.
const fn is_upstream(status: u16) -> bool {
    status >= 500 || status == 429
}

fn upstream(endpoint: Endpoint, status: u16) -> Error {
    Error::Upstream { endpoint, status }
}
