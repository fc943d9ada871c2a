//! Step 1: send the browser to Myinfo, and judge the callback that it comes back with.

use super::Config;
use crate::callback::Callback;
use crate::error::{AuthorisationError, Error};
use crate::form::encode_pairs;
pub use crate::granted::Code;
use crate::kept::State;

/// The address to send the browser to (RFC 6749 §4.1.1, with v3's `attributes` and `purpose`).
pub fn prepare(config: &Config, state: &State) -> String {
    let attributes = config.attributes.join(",");
    let mut pairs = vec![
        ("client_id", config.client_id.as_str()),
        ("attributes", &attributes),
        ("purpose", &config.purpose),
        ("state", state.as_str()),
        ("redirect_uri", &config.redirect_uri),
        ("response_type", "code"),
    ];
    if let Some(id) = &config.esvc_id {
        pairs.push(("sp_esvcId", id));
    }
    format!("{}?{}", config.endpoint("authorise"), encode_pairs(&pairs))
}

/// Judges a callback by the state of the login that it should belong to, and takes out the code.
///
/// The state is checked first: a forged callback learns nothing, not even whether its error would have been shown.
///
/// # Errors
/// [`Error::State`], [`Error::Authorisation`], or [`Error::Malformed`]. None of them repeats text from the address.
pub fn accept(callback: &Callback, state: State) -> Result<Code, Error> {
    let code = callback.once("code")?;
    let error = callback.once("error")?;
    callback.check_state(&state)?;
    drop(state);
    // an error wins over a code beside it
    if let Some(error) = error {
        return Err(Error::Authorisation(match error {
            "access_denied" => AuthorisationError::AccessDenied,
            "invalid_scope" => AuthorisationError::InvalidScope,
            "503" => AuthorisationError::Maintenance,
            _ => AuthorisationError::Server,
        }));
    }
    Callback::check_code(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::StateProblem;

    fn state() -> State {
        State::from_session("0123456789abcdef0123456789abcdef")
    }

    fn outcome(query: &str) -> Result<String, Error> {
        let callback = Callback::read(&format!("http://localhost:3001/callback?{query}"));
        accept(&callback, state()).map(|code| code.reveal().to_owned())
    }

    #[test]
    fn a_code_is_taken_byte_for_byte() {
        let good = format!("code=a%2Bb%2F%3D%252B&state={}&extra=1", state().as_str());
        assert_eq!(outcome(&good).unwrap(), "a+b/=%2B");
    }

    #[test]
    fn the_state_must_come_back_once_and_unchanged() {
        assert_eq!(outcome("code=c").unwrap_err(), Error::State(StateProblem::Missing));
        assert_eq!(outcome("code=c&state=").unwrap_err(), Error::State(StateProblem::Missing));
        assert_eq!(outcome("code=c&state=0123").unwrap_err(), Error::State(StateProblem::Different));
        let twice = format!("code=c&state={0}&state={0}", state().as_str());
        assert_eq!(outcome(&twice).unwrap_err().code(), "malformed");
    }

    #[test]
    fn a_wrong_state_hides_what_else_stands_in_the_callback() {
        assert_eq!(outcome("error=access_denied&state=x").unwrap_err().code(), "state");
    }

    #[test]
    fn each_error_is_told_apart_and_its_text_is_not_repeated() {
        let error = |name: &str| {
            outcome(&format!("error={name}&error-description=<script>&state={}", state().as_str())).unwrap_err()
        };
        assert_eq!(error("access_denied"), Error::Authorisation(AuthorisationError::AccessDenied));
        assert_eq!(error("invalid_scope"), Error::Authorisation(AuthorisationError::InvalidScope));
        assert_eq!(error("503"), Error::Authorisation(AuthorisationError::Maintenance));
        assert_eq!(error("500"), Error::Authorisation(AuthorisationError::Server));
        assert!(!error("x").to_string().contains('<'));
        let both = format!("code=c&error=500&state={}", state().as_str());
        assert_eq!(outcome(&both).unwrap_err().code(), "authorisation");
    }

    #[test]
    fn two_codes_are_no_code() {
        let twice = format!("code=a&code=b&state={}", state().as_str());
        assert_eq!(outcome(&twice).unwrap_err().code(), "malformed");
        assert_eq!(outcome(&format!("state={}", state().as_str())).unwrap_err().code(), "malformed");
    }
}
