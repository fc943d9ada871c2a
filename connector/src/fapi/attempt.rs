//! What is new in every attempt: nothing that was signed is sent twice.

use crate::ambient::{Ambient, Stamp};
use crate::error::Error;
use crate::rule::dpop;
use crate::transport::Response;

/// The moment and the ids of one request. Every attempt gets a fresh one, retries included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Of the client assertion.
    pub assertion: Stamp,
    /// Of the DPoP proof.
    pub proof: Stamp,
    /// What the server asked to put into the proof (RFC 9449 §8).
    pub nonce: Option<String>,
}

impl Attempt {
    /// The present moment and fresh ids.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no randomness to give.
    pub fn fresh(ambient: &dyn Ambient, nonce: Option<String>) -> Result<Self, Error> {
        Ok(Self { assertion: Stamp::fresh(ambient)?, proof: Stamp::fresh(ambient)?, nonce })
    }
}

/// The nonce that a server demands instead of doing what it was asked (RFC 9449 §8 and §9).
pub(super) fn demanded_nonce(response: &Response) -> Option<&str> {
    const DEMAND: &str = "use_dpop_nonce";
    let in_challenge = || response.challenge.as_ref().is_some_and(|challenge| challenge.contains(DEMAND));
    let demanded =
        matches!(response.status, 400 | 401) && (super::named_error(response) == Some(DEMAND) || in_challenge());
    response.dpop_nonce.as_deref().filter(|nonce| demanded && dpop::is_nonce(nonce))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_believed_where_it_is_demanded_and_can_be_one() {
        let demand = |status, body: &str, challenge: Option<&str>, nonce: Option<&str>| {
            let (challenge, dpop_nonce) = (challenge.map(str::to_owned), nonce.map(str::to_owned));
            let response = Response { status, challenge, dpop_nonce, body: body.into(), ..Response::default() };
            demanded_nonce(&response).map(str::to_owned)
        };
        let (json, dpop) = (r#"{"error":"use_dpop_nonce"}"#, Some(r#"DPoP error="use_dpop_nonce""#));
        assert_eq!(demand(400, json, None, Some("n")).as_deref(), Some("n"));
        assert_eq!(demand(401, "", dpop, Some("n")).as_deref(), Some("n"));
        assert_eq!(demand(200, json, dpop, Some("n")), None);
        assert_eq!(demand(400, r#"{"error":"invalid_request"}"#, None, Some("n")), None);
        assert_eq!(demand(400, json, None, None), None);
        assert_eq!(demand(400, json, None, Some("a b")), None);
    }
}
