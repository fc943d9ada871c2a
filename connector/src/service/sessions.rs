//! Browser sessions: which logins a browser began, and which codes came back to it. Bounded and expiring.

use crate::error::{Error, StateProblem};
use crate::v3::authorise::{self, Code, State};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The sessions of one service.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Session>>);

#[derive(Debug)]
struct Session {
    expires: u64,
    /// Logins that were begun, the newest last.
    states: Vec<State>,
    /// Codes whose callback was good and that were not redeemed yet.
    codes: Vec<Code>,
}

/// How long a session lives without a new login, in seconds.
const LIFETIME: u64 = 15 * 60;
/// How many browsers are remembered; beyond that the one that expires first is forgotten.
const SESSIONS: usize = 10_000;
/// How many logins one browser may have open, in several tabs.
const LOGINS: usize = 10;

impl Sessions {
    /// Notes that the browser with this session began a login.
    pub(super) fn begin(&self, session: &str, state: &State, now: u64) {
        let mut sessions = self.locked();
        sessions.retain(|_, session| session.expires > now);
        if sessions.len() >= SESSIONS
            && let Some(first) = sessions.iter().min_by_key(|(_, session)| session.expires).map(|(id, _)| id.clone())
        {
            sessions.remove(&first);
        }
        let session = sessions.entry(session.to_owned()).or_insert_with(|| Session {
            expires: 0,
            states: Vec::new(),
            codes: Vec::new(),
        });
        session.expires = now + LIFETIME;
        if session.states.len() >= LOGINS {
            session.states.remove(0);
        }
        session.states.push(State::from_session(state.as_str()));
    }

    /// Judges a callback of the browser with this session. Its state is used up, whatever the verdict.
    pub(super) fn callback(&self, session: Option<&str>, query: &str, now: u64) -> Result<Code, Error> {
        let unknown = Error::State(StateProblem::Unknown);
        let mut sessions = self.locked();
        let session = session
            .and_then(|id| sessions.get_mut(id))
            .filter(|session| session.expires > now)
            .ok_or_else(|| unknown.clone())?;
        let sent = form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "state")
            .map(|(_, state)| state.into_owned());
        let sent = sent.ok_or(Error::State(StateProblem::Missing))?;
        let place = session.states.iter().position(|state| state.matches(&sent)).ok_or(unknown)?;
        let code = authorise::accept(query, session.states.remove(place))?;
        session.codes.push(code.clone());
        Ok(code)
    }

    /// Takes out a code that came back to the browser with this session: it can be redeemed once, and by this browser only.
    pub(super) fn take_code(&self, session: Option<&str>, code: &str, now: u64) -> Option<Code> {
        let mut sessions = self.locked();
        let session = sessions.get_mut(session?).filter(|session| session.expires > now)?;
        let place = session.codes.iter().position(|known| known.matches(code))?;
        Some(session.codes.remove(place))
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> (Sessions, String) {
        let sessions = Sessions::default();
        let state = State::fresh().unwrap();
        sessions.begin("browser", &state, 0);
        let text = state.as_str().to_owned();
        (sessions, text)
    }

    #[test]
    fn a_callback_works_once_and_in_its_own_browser_only() {
        let (sessions, state) = begun();
        let query = format!("code=c&state={state}");
        let other = sessions.callback(Some("other"), &query, 1).unwrap_err();
        assert_eq!(other, Error::State(StateProblem::Unknown));
        assert_eq!(sessions.callback(None, &query, 1).unwrap_err().code(), "state");
        assert!(sessions.callback(Some("browser"), &query, 1).is_ok());
        assert_eq!(sessions.callback(Some("browser"), &query, 1).unwrap_err().code(), "state");
    }

    #[test]
    fn a_code_is_redeemed_once_and_by_its_own_browser_only() {
        let (sessions, state) = begun();
        sessions.callback(Some("browser"), &format!("code=c&state={state}"), 1).unwrap();
        assert!(sessions.take_code(Some("other"), "c", 1).is_none());
        assert!(sessions.take_code(Some("browser"), "d", 1).is_none());
        assert!(sessions.take_code(Some("browser"), "c", 1).is_some());
        assert!(sessions.take_code(Some("browser"), "c", 1).is_none());
    }

    #[test]
    fn a_session_expires_and_old_logins_make_room() {
        let (sessions, state) = begun();
        assert!(sessions.callback(Some("browser"), &format!("code=c&state={state}"), LIFETIME).is_err());
        let (sessions, state) = begun();
        for _ in 0..LOGINS {
            sessions.begin("browser", &State::fresh().unwrap(), 1);
        }
        assert!(sessions.callback(Some("browser"), &format!("code=c&state={state}"), 2).is_err());
    }
}
