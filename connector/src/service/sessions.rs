//! Browser sessions: which logins a browser began, and what its good callbacks gave. Bounded and expiring.
//!
//! They stay on the server although what they keep could travel in the cookie: that a callback works once, and a code for
//! one browser once, has to be remembered where the browser cannot put it back.

use crate::callback::Callback;
use crate::error::{Error, StateProblem};
use crate::granted::Granted;
use crate::kept::Kept;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The sessions of one service.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Session>>);

#[derive(Debug, Default)]
struct Session {
    expires: u64,
    /// Logins that were begun, the newest last.
    logins: Vec<Kept>,
    /// What good callbacks gave and was not redeemed yet, the newest last.
    granted: Vec<Granted>,
}

impl Sessions {
    /// Notes that a browser began a login, under a name that is made for it. What its session remembers goes with it, where
    /// there is one: a name that a stranger gave the browser is never taken over.
    pub(super) fn begin(&self, before: Option<&str>, name: &str, kept: Kept, now: u64) {
        let mut sessions = self.locked();
        sessions.retain(|_, session| session.expires > now);
        let mut session = before.and_then(|before| sessions.remove(before)).unwrap_or_default();
        if sessions.len() >= SESSIONS
            && let Some(first) = sessions.iter().min_by_key(|(_, session)| session.expires).map(|(id, _)| id.clone())
        {
            sessions.remove(&first);
        }
        session.expires = now + LIFETIME;
        push(&mut session.logins, kept);
        sessions.insert(name.to_owned(), session);
    }

    /// Takes out the login that a callback of the browser with this session claims to belong to: whatever the verdict on the
    /// callback will be, there is none on a second one.
    pub(super) fn take_login(&self, session: Option<&str>, callback: &Callback, now: u64) -> Result<Kept, Error> {
        let unknown = Error::State(StateProblem::Unknown);
        let mut sessions = self.locked();
        let session = alive(&mut sessions, session, now).ok_or_else(|| unknown.clone())?;
        let claimed = callback.claimed_state().ok_or(Error::State(StateProblem::Missing))?;
        let place = session.logins.iter().position(|kept| kept.state().matches(claimed)).ok_or(unknown)?;
        Ok(session.logins.remove(place))
    }

    /// Notes what a good callback gave to the browser with this session.
    pub(super) fn grant(&self, session: Option<&str>, granted: Granted, now: u64) {
        if let Some(session) = alive(&mut self.locked(), session, now) {
            push(&mut session.granted, granted);
        }
    }

    /// Takes out what came with a code to the browser with this session: it can be redeemed once, and by this browser only.
    pub(super) fn take_granted(&self, session: Option<&str>, code: &str, now: u64) -> Option<Granted> {
        let mut sessions = self.locked();
        let session = alive(&mut sessions, session, now)?;
        let place = session.granted.iter().position(|granted| granted.code().matches(code))?;
        Some(session.granted.remove(place))
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn alive<'a>(sessions: &'a mut HashMap<String, Session>, id: Option<&str>, now: u64) -> Option<&'a mut Session> {
    sessions.get_mut(id?).filter(|session| session.expires > now)
}

/// Adds the newest; the oldest makes room.
fn push<T>(list: &mut Vec<T>, newest: T) {
    if list.len() >= LOGINS {
        list.remove(0);
    }
    list.push(newest);
}

/// How long a session lives without a new login, in seconds.
const LIFETIME: u64 = 15 * 60;
/// How many browsers are remembered; beyond that the one that expires first is forgotten.
const SESSIONS: usize = 10_000;
/// How many logins one browser may have open, in several tabs.
const LOGINS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept::State;
    use crate::v3::authorise::Code;

    fn kept(state: &str) -> Kept {
        Kept::new(State::from_session(state))
    }

    fn callback(state: &str) -> Callback {
        Callback::from_query(&format!("code=c&state={state}"))
    }

    fn begun() -> Sessions {
        let sessions = Sessions::default();
        sessions.begin(None, "browser", kept("a state"), 0);
        sessions
    }

    #[test]
    fn a_login_is_taken_once_and_by_its_own_browser_only() {
        let sessions = begun();
        let callback = callback("a state");
        for session in [Some("other"), None] {
            let error = sessions.take_login(session, &callback, 1).unwrap_err();
            assert_eq!(error, Error::State(StateProblem::Unknown));
        }
        assert_eq!(sessions.take_login(Some("browser"), &callback, 1).unwrap().state().as_str(), "a state");
        let again = sessions.take_login(Some("browser"), &callback, 1).unwrap_err();
        assert_eq!(again, Error::State(StateProblem::Unknown));
    }

    #[test]
    fn a_callback_without_a_state_or_with_another_one_takes_no_login() {
        let sessions = begun();
        let none = sessions.take_login(Some("browser"), &Callback::from_query("code=c"), 1).unwrap_err();
        assert_eq!(none, Error::State(StateProblem::Missing));
        assert!(sessions.take_login(Some("browser"), &callback("another"), 1).is_err());
        assert!(sessions.take_login(Some("browser"), &callback("a state"), 1).is_ok());
    }

    #[test]
    fn a_code_is_redeemed_once_and_by_its_own_browser_only() {
        let sessions = begun();
        sessions.grant(Some("browser"), Code::new("c").into(), 1);
        sessions.grant(Some("nobody"), Code::new("c").into(), 1);
        assert!(sessions.take_granted(Some("other"), "c", 1).is_none());
        assert!(sessions.take_granted(Some("nobody"), "c", 1).is_none());
        assert!(sessions.take_granted(Some("browser"), "d", 1).is_none());
        assert!(sessions.take_granted(Some("browser"), "c", 1).is_some());
        assert!(sessions.take_granted(Some("browser"), "c", 1).is_none());
    }

    #[test]
    fn a_name_that_a_stranger_planted_is_not_taken_over_and_each_login_has_a_new_one() {
        let sessions = begun();
        sessions.begin(Some("planted"), "made", kept("of the victim"), 1);
        assert!(sessions.take_login(Some("planted"), &callback("of the victim"), 1).is_err());
        sessions.begin(Some("browser"), "next", kept("another tab"), 1);
        assert!(sessions.take_login(Some("browser"), &callback("another tab"), 1).is_err(), "the old name is gone");
        assert!(sessions.take_login(Some("next"), &callback("a state"), 1).is_ok(), "its first login goes with it");
    }

    #[test]
    fn a_session_expires_and_what_is_old_makes_room() {
        let sessions = begun();
        sessions.grant(Some("browser"), Code::new("c").into(), 1);
        assert!(sessions.take_login(Some("browser"), &callback("a state"), LIFETIME).is_err());
        assert!(sessions.take_granted(Some("browser"), "c", LIFETIME).is_none());
        for number in 0..LOGINS {
            sessions.begin(Some("browser"), "browser", kept(&number.to_string()), 1);
            sessions.grant(Some("browser"), Code::new(number.to_string()).into(), 1);
        }
        assert!(sessions.take_login(Some("browser"), &callback("a state"), 2).is_err());
        assert!(sessions.take_granted(Some("browser"), "c", 2).is_none());
        assert!(sessions.take_login(Some("browser"), &callback("0"), 2).is_ok());
        assert!(sessions.take_granted(Some("browser"), "0", 2).is_some());
    }
}
