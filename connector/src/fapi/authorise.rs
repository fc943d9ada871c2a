//! Step 2: send the browser to Singpass, and judge the callback that it comes back with.

use super::discovery::Metadata;
use super::par::RequestUri;
use super::{Bound, Config};
use crate::callback::Callback;
use crate::error::{AuthorisationError, Error, What};
use crate::form::encode_pairs;
use crate::granted::{Code, Granted};
use crate::kept::State;

/// The address to send the browser to (RFC 9126 §4): two parameters, for everything else was pushed.
pub fn prepare(config: &Config, metadata: &Metadata, request_uri: &RequestUri) -> String {
    addressed(&metadata.authorisation, &[("client_id", &config.client_id), ("request_uri", &request_uri.0)])
}

/// The address of an endpoint with parameters. RFC 6749 §3.1: it may have a query of its own.
pub(crate) fn addressed(endpoint: &str, query: &[(&str, &str)]) -> String {
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{joint}{}", encode_pairs(query))
}

/// Judges a callback by the login that it should belong to, and takes out the code: state, issuer, error, code.
///
/// State and issuer are checked first: a forged callback learns nothing, not even whether its error would have been shown.
///
/// # Errors
/// [`Error::State`], [`Error::Issuer`], [`Error::Authorisation`], or [`Error::Malformed`]. None of them repeats text from the
/// address.
pub fn accept(config: &Config, callback: &Callback, (state, bound): (&State, Bound)) -> Result<Granted, Error> {
    let code = code(config.issuer(), bound.expects_issuer(), callback, state)?;
    Ok(Granted::bound(code, bound))
}

/// The code of a callback that is right; its issuer has to be there where it was announced.
pub(crate) fn code(issuer: &str, announced: bool, callback: &Callback, state: &State) -> Result<Code, Error> {
    let (code, error, sent) = (callback.once("code")?, callback.once("error")?, callback.once("iss")?);
    callback.check_state(state)?;
    // RFC 9207 §2.4: on errors, too; and where it was announced it has to be there
    match sent {
        None if !announced => {}
        Some(sent) if sent == issuer => {}
        None | Some(_) => return Err(Error::Issuer { what: What::Callback }),
    }
    // an error wins over a code beside it
    if let Some(error) = error {
        return Err(Error::Authorisation(match error {
            "access_denied" => AuthorisationError::AccessDenied,
            "invalid_scope" => AuthorisationError::InvalidScope,
            "temporarily_unavailable" => AuthorisationError::Maintenance,
            "invalid_request_uri" => AuthorisationError::RequestUri,
            _ => AuthorisationError::Server,
        }));
    }
    Callback::check_code(code)
}

#[cfg(test)]
mod tests {
    use super::super::sample::complete;
    use super::*;
    use crate::ambient::System;

    const STATE: &str = "0123456789abcdef0123456789abcdef";
    const ISSUER: &str = "https://stg-id.singpass.gov.sg/fapi";

    fn outcome(query: &str, announced: bool) -> Result<String, &'static str> {
        let bound = Bound::fresh(announced, &System).unwrap();
        let granted = accept(
            &complete().build().unwrap(),
            &Callback::read(&format!("http://localhost:3001/callback?{query}")),
            (&State::from_session(STATE), bound),
        );
        granted.map(|granted| granted.code().reveal().to_owned()).map_err(|error| error.code())
    }

    #[test]
    fn the_issuer_has_to_come_back_where_it_was_announced_and_to_be_right_where_it_comes() {
        let with = |rest: &str, announced| outcome(&format!("code=c&state={STATE}{rest}"), announced);
        // NOTICE: as it is, and not percent-encoded
        assert_eq!(with(&format!("&iss={ISSUER}"), true).as_deref(), Ok("c"));
        assert_eq!(with("&iss=https%3A%2F%2Fstg-id.singpass.gov.sg%2Ffapi", true).as_deref(), Ok("c"));
        assert_eq!(with("", true), Err("issuer"));
        assert_eq!(with("", false).as_deref(), Ok("c"));
        for wrong in ["https://id.singpass.gov.sg/fapi", "https://stg-id.singpass.gov.sg", &format!("{ISSUER}/"), ""] {
            for announced in [true, false] {
                assert_eq!(with(&format!("&iss={wrong}"), announced), Err("issuer"), "{wrong}");
            }
        }
        assert_eq!(with(&format!("&iss={ISSUER}&iss={ISSUER}"), true), Err("malformed"));
    }

    #[test]
    fn each_error_has_its_class_whatever_stands_beside_it() {
        for (error, code) in [
            ("access_denied", "access_denied"),
            ("server_error", "authorisation"),
            ("temporarily_unavailable", "upstream"),
            ("invalid_request_uri", "authorisation"),
            ("invalid_request", "authorisation"),
            ("<script>", "authorisation"),
        ] {
            assert_eq!(outcome(&format!("error={error}&code=c&state={STATE}&iss={ISSUER}"), true), Err(code));
            assert_eq!(outcome(&format!("error={error}&state={STATE}"), true), Err("issuer"), "{error}");
            assert_eq!(outcome(&format!("error={error}&state=x&iss={ISSUER}"), true), Err("state"), "{error}");
        }
        assert_eq!(outcome(&format!("state={STATE}&iss={ISSUER}"), true), Err("malformed"));
    }
}
