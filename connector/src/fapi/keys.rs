//! The service's keys: the JWK Set that the discovery document names (RFC 7517 §5).

use super::check_status;
use super::discovery::Metadata;
use crate::error::{Endpoint, Error};
use crate::key::PublishedKeys;
use crate::transport::{Request, Response};

/// The request.
pub fn prepare(metadata: &Metadata) -> Request {
    at(&metadata.keys)
}

/// The request for the keys at an address.
pub(crate) fn at(url: &str) -> Request {
    Request {
        endpoint: Endpoint::Keys,
        url: url.to_owned(),
        headers: vec![("Accept", "application/json".to_owned())],
        body: None,
    }
}

/// Judges the answer: status and form. Keys of other kinds and for other uses are left out.
///
/// # Errors
/// See [`Error`].
pub fn accept(response: &Response, now_seconds: u64) -> Result<PublishedKeys, Error> {
    check_status(Endpoint::Keys, response, &[200], now_seconds)?;
    PublishedKeys::read(&response.body)
}
