//! Discovery: where the endpoints are (OpenID Connect Discovery §4).

use super::Config;
use crate::error::Error;
use crate::fapi::discovery::{self, document, endpoint};
use crate::transport::{Request, Response};

/// What the discovery document says, checked. What of it belongs to FAPI, such as PAR, is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    pub(super) authorisation: String,
    pub(super) token: String,
    pub(super) userinfo: String,
    pub(super) keys: String,
}

/// The request.
pub fn prepare(config: &Config) -> Request {
    discovery::prepare(&config.app)
}

/// Judges the answer: status, form, issuer, and that every endpoint is there and as well protected as the issuer.
///
/// # Errors
/// One error for each of them; see [`Error`].
pub fn accept(config: &Config, response: &Response, now_seconds: u64) -> Result<Metadata, Error> {
    let document = document(&config.app, response, now_seconds)?;
    let endpoint = |name: &str| endpoint(&config.app, &document, name, "");
    Ok(Metadata {
        authorisation: endpoint("authorization_endpoint")?,
        token: endpoint("token_endpoint")?,
        userinfo: endpoint("userinfo_endpoint")?,
        keys: endpoint("jwks_uri")?,
    })
}
