//! Step 2: exchange the code for an access token and an ID token.

use super::discovery::Metadata;
use super::{Bound, Config};
use crate::ambient::Stamp;
use crate::error::{Endpoint, Error};
use crate::fapi::par::posted;
use crate::fapi::token::{form, typed};
use crate::granted::Code;
use crate::transport::{Request, Response};

pub use crate::fapi::token::Tokens;

/// The request (RFC 6749 §4.1.3, RFC 7636 §4.5). It is sent once, for a code works once. LEG, token endpoint.
///
/// # Errors
/// [`Error::Configuration`] when a key cannot sign.
pub fn prepare(
    config: &Config,
    metadata: &Metadata,
    (code, bound): (&Code, &Bound),
    stamp: &Stamp,
) -> Result<Request, Error> {
    let assertion = config.app.assertion(stamp)?;
    let form = form(&config.app, code, bound.verifier(), &assertion);
    Ok(posted(Endpoint::Token, &metadata.token, &form, None))
}

/// Judges the answer (RFC 6749 §5.1): status, form, and that both tokens are there, the access token for `Bearer`.
///
/// # Errors
/// One error for each of them; see [`Error`].
pub fn accept(response: &Response, now_seconds: u64) -> Result<Tokens, Error> {
    typed(response, now_seconds, "bearer", "its token_type is not Bearer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_bound_to_a_key_is_none_of_this_api() {
        let judged = |kind: &str| {
            let answer = format!(r#"{{"access_token":"a","id_token":"b","token_type":"{kind}"}}"#);
            accept(&Response { status: 200, body: answer.into(), ..Response::default() }, 0)
                .map_err(|error| error.code())
        };
        assert!(judged("Bearer").is_ok() && judged("bearer").is_ok());
        assert_eq!(judged("DPoP").unwrap_err(), "malformed");
    }
}
