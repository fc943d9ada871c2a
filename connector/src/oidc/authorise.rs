//! Step 1: send the browser to Singpass with the whole request, and judge the callback that it comes back with.

use super::discovery::Metadata;
use super::{Bound, Config};
use crate::callback::Callback;
use crate::error::Error;
use crate::fapi::authorise::{addressed, code};
use crate::granted::Granted;
use crate::kept::State;
use crate::rule::pkce;

/// The address to send the browser to. LEG, authorization endpoint.
pub fn prepare(config: &Config, metadata: &Metadata, state: &State, bound: &Bound) -> String {
    let app = &config.app;
    let (scope, challenge) = (app.scopes.join(" "), pkce::challenge(bound.verifier()));
    let mut query = vec![
        ("scope", scope.as_str()),
        ("response_type", "code"),
        ("client_id", &app.client_id),
        ("redirect_uri", &app.redirect_uri),
        ("nonce", bound.nonce()),
        ("state", state.as_str()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    if app.app_claimed {
        query.push(("redirect_uri_https_type", "app_claimed_https"));
    }
    query.extend(app.app_launch_url.as_ref().map(|url| ("app_launch_url", url.as_str())));
    addressed(&metadata.authorisation, &query)
}

/// Judges a callback by the login that it should belong to, and takes out the code: state, issuer where it is named, error, code.
///
/// # Errors
/// [`Error::State`], [`Error::Issuer`], [`Error::Authorisation`], or [`Error::Malformed`]. None of them repeats text from the
/// address.
pub fn accept(config: &Config, callback: &Callback, (state, bound): (&State, Bound)) -> Result<Granted, Error> {
    // RFC 9207 §2.4: this API announces no `iss`; one that comes all the same is that of who sent the code
    let code = code(config.issuer(), false, callback, state)?;
    Ok(Granted::before_fapi(code, bound))
}

#[cfg(test)]
mod tests {
    use super::super::ClientProfile;
    use super::*;
    use crate::ambient::System;
    use crate::fapi::sample::complete;

    const STATE: &str = "0123456789abcdef0123456789abcdef";

    fn config() -> Config {
        Config::new(complete().app_claimed_redirect(), ClientProfile::Direct).unwrap()
    }

    #[test]
    fn the_whole_request_stands_in_the_address() {
        let metadata = Metadata {
            authorisation: "https://stg-id.singpass.gov.sg/auth?x=1".to_owned(),
            token: String::new(),
            userinfo: String::new(),
            keys: String::new(),
        };
        let bound = Bound::fresh(&System).unwrap();
        let url = prepare(&config(), &metadata, &State::from_session(STATE), &bound);
        let (nonce, challenge) = (bound.nonce(), pkce::challenge(bound.verifier()));
        let rest = format!(
            "&scope=openid%20uinfin%20name&response_type=code&client_id=RsrOy2iB0edR53TJSuD5ULad1pGmrVZL&redirect_uri=http%3A%2F%2Flocalhost%3A3001%2Fcallback&nonce={nonce}&state={STATE}&code_challenge={challenge}&code_challenge_method=S256&redirect_uri_https_type=app_claimed_https"
        );
        assert_eq!(url.replace('+', "%20"), format!("https://stg-id.singpass.gov.sg/auth?x=1{rest}"));
    }

    #[test]
    fn an_issuer_need_not_come_back_and_has_to_be_right_where_it_does() {
        let judged = |rest: &str| {
            let callback = Callback::read(&format!("code=c&state={STATE}{rest}"));
            let state = State::from_session(STATE);
            accept(&config(), &callback, (&state, Bound::fresh(&System).unwrap())).map_err(|error| error.code())
        };
        assert!(judged("").is_ok() && judged("&iss=https://stg-id.singpass.gov.sg").is_ok());
        assert_eq!(judged("&iss=https://stg-id.singpass.gov.sg/fapi").unwrap_err(), "issuer");
        assert_eq!(judged("&error=access_denied").unwrap_err(), "access_denied");
    }
}
