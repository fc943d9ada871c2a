//! Singpass FAPI 2.0 (Myinfo v5 and Login), a file for each step. A step is a pair of pure functions: `prepare` and `accept`.

mod attempt;
pub mod authorise;
mod bound;
mod builder;
pub(crate) mod cached;
pub(crate) mod calls;
mod config;
pub mod discovery;
pub(crate) mod document;
pub mod id_token;
pub mod keys;
pub mod par;
mod run;
#[cfg(test)]
pub(crate) mod sample;
pub mod token;
pub mod userinfo;

use crate::error::{Endpoint, Error};
use crate::status::{is_upstream, refused, upstream};
use crate::transport::Response;
pub use attempt::Attempt;
pub use bound::Bound;
pub use builder::ConfigBuilder;
pub use config::{App, Config, Environment, Level};
pub(crate) use run::Flow;
use serde_json::{Map, Value};

/// Judges the status of an answer, and says what error the service names.
pub(crate) fn check_status(
    endpoint: Endpoint,
    response: &Response,
    good: &[u16],
    now_seconds: u64,
) -> Result<(), Error> {
    match response.status {
        status if good.contains(&status) => Ok(()),
        status if is_upstream(status) => Err(upstream(endpoint, status)),
        _ => Err(refused(endpoint, response, named_error(response), now_seconds)),
    }
}

/// The error of an answer, where it is one that the documents name: whatever its media type is, which cannot be trusted.
pub(crate) fn named_error(response: &Response) -> Option<&'static str> {
    let body: Map<String, Value> = serde_json::from_slice(&response.body).ok()?;
    let error = body.get("error")?.as_str()?;
    ERRORS.into_iter().find(|known| *known == error)
}

/// DOC, the tables of errors of PAR, token and userinfo; RFC 9449 §8; LEG, error response.
const ERRORS: [&str; 15] = [
    "invalid_request",
    "invalid_client",
    "invalid_scope",
    "invalid_grant",
    "invalid_token",
    "invalid_dpop_proof",
    "unsupported_grant_type",
    "use_dpop_nonce",
    "server_error",
    "temporarily_unavailable",
    "upstream_dependency_error",
    // the spelling of March 2026
    "upstream_depedency_error",
    "unauthorized_client",
    // what the API before FAPI says of requests and of itself
    "CLIENT_SIDE_ERROR",
    "SERVER_SIDE_ERROR",
];
