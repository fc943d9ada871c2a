//! What the browser's session keeps of a login until the callback.

use crate::ambient::{Ambient, random_hex};
use crate::error::{Error, KeptProblem};
use crate::fapi::Bound;
use crate::oidc;
use serde::{Deserialize, Serialize};
use std::fmt;
use subtle::ConstantTimeEq;

/// What belongs to one login in one browser, and to nobody else: keep it in the session, or in a cookie under a
/// [`Seal`](crate::Seal).
///
/// It is no `Clone`, and finishing a login takes it by value: a login is finished once. A kept value with members that this
/// version does not know is refused, for what it would leave out might be what protects the login.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    state: State,
    /// What a FAPI login keeps besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fapi: Option<Bound>,
    /// What a login of the API before FAPI keeps besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    oidc: Option<oidc::Bound>,
}

impl Kept {
    /// What a v3 login keeps: its state.
    pub const fn new(state: State) -> Self {
        Self { state, fapi: None, oidc: None }
    }

    /// What a FAPI login keeps: its state, and what binds its steps.
    pub const fn with_fapi(state: State, bound: Bound) -> Self {
        Self { state, fapi: Some(bound), oidc: None }
    }

    /// What a login of the API before FAPI keeps: its state, and what binds its steps.
    pub const fn with_oidc(state: State, bound: oidc::Bound) -> Self {
        Self { state, fapi: None, oidc: Some(bound) }
    }

    /// The state of the login.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The state of a v3 login.
    pub(crate) fn into_state(self) -> Result<State, Error> {
        match self {
            Self { state, fapi: None, oidc: None } => Ok(state),
            Self { .. } => Err(Error::Kept(KeptProblem::OtherProtocol)),
        }
    }

    /// What a FAPI login kept.
    pub(crate) fn into_fapi(self) -> Result<(State, Bound), Error> {
        let bound = self.fapi.ok_or(Error::Kept(KeptProblem::OtherProtocol))?;
        Ok((self.state, bound))
    }

    /// What a login of the API before FAPI kept.
    pub(crate) fn into_oidc(self) -> Result<(State, oidc::Bound), Error> {
        let bound = self.oidc.ok_or(Error::Kept(KeptProblem::OtherProtocol))?;
        Ok((self.state, bound))
    }
}

/// The value that binds a callback to the login that this browser began: 128 random bits (RFC 6749 §10.12).
///
/// It is no `Clone`, and the judge of a callback takes it by value: a state is used once.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(String);

impl State {
    /// A fresh state.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no randomness to give.
    pub fn fresh(ambient: &dyn Ambient) -> Result<Self, Error> {
        random_hex(ambient).map(Self)
    }

    /// A state that was kept somewhere, such as in a session.
    pub fn from_session(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to be kept in the browser's session.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares in constant time, so that an answer's delay tells nothing about the state.
    pub(crate) fn matches(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("State([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_store_gets_and_gives_it_as_json() {
        let json = serde_json::to_string(&Kept::new(State::from_session("5tate"))).unwrap();
        assert_eq!(json, r#"{"state":"5tate"}"#);
        assert_eq!(serde_json::from_str::<Kept>(&json).unwrap().state().as_str(), "5tate");
    }

    #[test]
    fn what_another_version_kept_besides_is_not_left_out_in_silence() {
        assert!(serde_json::from_str::<Kept>(r#"{"state":"s","verifier":"v"}"#).is_err());
        assert!(serde_json::from_str::<Kept>("{}").is_err());
        assert!(serde_json::from_str::<Kept>(r#"{"state":"s","fapi":{"nonce":"n"}}"#).is_err());
    }

    #[test]
    fn debug_output_holds_no_state() {
        let text = format!("{:?}", Kept::new(State::from_session("5tate")));
        assert_eq!(text, "Kept { state: State([redacted]), fapi: None, oidc: None }");
    }

    #[test]
    fn what_fapi_keeps_goes_through_a_session_store_and_shows_nothing() {
        let kept = Kept::with_fapi(State::from_session("5tate"), Bound::fresh(true, &crate::ambient::System).unwrap());
        let json = serde_json::to_value(&kept).unwrap();
        let again: Kept = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&again).unwrap(), json);
        let names: Vec<&String> = json["fapi"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["nonce", "verifier", "proof_key", "iss"]);
        let shown = format!("{kept:?}");
        for name in ["nonce", "verifier", "proof_key"] {
            assert!(!shown.contains(json["fapi"][name].as_str().unwrap()), "{shown}");
        }
        assert_eq!(again.into_state().unwrap_err(), Error::Kept(KeptProblem::OtherProtocol));
        let before =
            || Kept::with_oidc(State::from_session("5tate"), oidc::Bound::fresh(&crate::ambient::System).unwrap());
        assert!(before().into_oidc().is_ok());
        assert_eq!(before().into_fapi().unwrap_err(), Error::Kept(KeptProblem::OtherProtocol));
        assert_eq!(before().into_state().unwrap_err(), Error::Kept(KeptProblem::OtherProtocol));
        let of_v3 = Kept::new(State::from_session("5tate"));
        assert_eq!(of_v3.into_fapi().unwrap_err(), Error::Kept(KeptProblem::OtherProtocol));
    }
}
