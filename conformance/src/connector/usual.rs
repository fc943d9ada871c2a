//! The usual flow, gone through before all cases: where it fails, the cause is said once, and not with every case that waits.

use super::driver::{Driver, Drivers, Kind, Unstarted};
use super::run::mark;
use super::session::{Left, Session};
use super::tape::{Tape, Taped};
use super::testbed::Testbed;
use crate::masked::masked;
use crate::profile::Profile;
use crate::run::{CASE_TIME, MendFirst};
use crate::text::plain;
use crate::verdict::Stop;
use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// How many of the last lines of a target are shown.
const LAST_LINES: usize = 20;
/// How long each may be.
const LONGEST_LINE: usize = 160;
/// How long a cause may be.
const LONGEST_CAUSE: usize = 600;

/// What came of one login in which nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// It ended with the person.
    Well,
    /// The target does not even start.
    NotStarted(MendFirst),
    /// It starts, and the login fails.
    Fails(MendFirst),
}

/// Starts a target as a run does, and goes through one login.
///
/// # Errors
/// When the suite's own server does not start, or no driver of the target does.
pub async fn try_login(drivers: &dyn Drivers) -> Result<Tried> {
    let testbed = Testbed::start(&mark(1)).await.context("the testbed does not start")?;
    let mut driver = drivers.fresh().await?;
    let Usual { fails, .. } = go_through_usual(&testbed, &mut *driver).await;
    let started = driver.unstarted().is_none();
    driver.leave().await;
    testbed.stop().await;
    Ok(match fails {
        None => Tried::Well,
        Some(first) if started => Tried::Fails(first),
        Some(first) => Tried::NotStarted(first),
    })
}

/// What came of the usual flow.
#[derive(Debug)]
pub(super) struct Usual {
    /// Why it fails, where it does.
    pub(super) fails: Option<MendFirst>,
    /// What the driver is good for.
    pub(super) left: Left,
}

impl Usual {
    /// Of a flow that was not gone through.
    const fn untried() -> Self {
        Self { fails: None, left: Left::Usable }
    }
}

/// Configures the target, and goes through a flow in which nothing is wrong, in the first profile that it speaks.
pub(super) async fn go_through_usual(testbed: &Testbed, driver: &mut dyn Driver) -> Usual {
    let Some(profile) = driver.hello().first_profile() else { return Usual::untried() };
    let callback = driver.hello().redirect_uri.clone();
    let Ok(realm) = testbed.realm(profile, "usual-flow", &Map::new(), callback.as_deref()).await else {
        return Usual::untried();
    };
    let Ok(mut session) = Session::new(profile, &[], realm, Taped::writing(driver, Tape::empty())) else {
        return Usual::untried();
    };
    let ended = tokio::time::timeout(CASE_TIME, session.ready()).await;
    // nobody knows what a driver is doing whose flow was cut off
    let late = ended.is_err();
    let too_long = || Err(Stop::Inconclusive(format!("it did not end within {} seconds", CASE_TIME.as_secs())));
    let fails = match ended.unwrap_or_else(|_| too_long()) {
        Ok(()) => None,
        Err(Stop::Inconclusive(seen) | Stop::Skip(seen)) => Some(cause(&mut session, &seen).await),
    };
    let (_, left, realm) = session.close();
    // a realm that stays is gone with the testbed
    let _ = realm.end().await;
    Usual { fails, left: if late { Left::Late } else { left } }
}

/// Why the target does not start; or what the server says of the last request that it refused; else what was seen.
async fn cause(session: &mut Session<'_>, seen: &str) -> MendFirst {
    if let Some(Unstarted { cause, fix }) = session.driver.unstarted() {
        return MendFirst { cause: shown(&cause, LONGEST_CAUSE), fix: Some(fix), seen: None, log: last_lines(session) };
    }
    let exchanges = session.journal("").await.unwrap_or_default();
    let refused = exchanges.iter().rev().find(|exchange| exchange.get("refused").is_some_and(|it| !it.is_null()));
    let said = |name: &str| refused?.get("refused")?.get(name)?.as_str();
    let fix = said("fix").map(|fix| shown(fix, LONGEST_CAUSE));
    let cause = refused.zip(said("cause")).map(|(exchange, cause)| {
        let request = request_of(exchange, session.profile, &session.realm.prefix());
        shown(&format!("{request}: {cause}"), LONGEST_CAUSE)
    });
    let (seen, log) = (shown(seen, LONGEST_CAUSE), last_lines(session));
    let Some(cause) = cause else {
        let fix = session.driver.to_do().unwrap_or(fix_of(session.kind()));
        return MendFirst { cause: seen, fix: Some(fix.to_owned()), seen: None, log };
    };
    MendFirst { cause, fix, seen: Some(seen), log }
}

/// Which request an exchange began with: by the step that it is of, where it is of one, and as it stands on the wire.
fn request_of(exchange: &Value, profile: &Profile, prefix: &str) -> String {
    let text = |pointer: &str| exchange.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let url = text("/request/url");
    let place =
        url.split_once("://").map_or(url, |(_, rest)| rest.find('/').map_or("", |start| rest.split_at(start).1));
    let path = place.split('?').next().unwrap_or_default();
    let line = format!("{} {}", text("/request/method"), path.strip_prefix(prefix).unwrap_or(path));
    match profile.endpoints.iter().find(|endpoint| endpoint.name == text("/event")) {
        Some(endpoint) => format!("the {} request ({line})", endpoint.name),
        None => format!("the request {line}"),
    }
}

/// What to do where no request was refused, so that nobody says more of it than what was seen.
const fn fix_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Driver => {
            "Look at the driver's answer to the step that is named, and at docs/driver-protocol.md for what is expected there"
        }
        Kind::Application => {
            "Go the way of a browser by hand: `login` has to lead to Myinfo, at once or by redirects; and what `success.text` looks for has to stand on the page behind the callback. docs/web-app-target.md describes both"
        }
    }
}

/// The last lines that the target wrote, without what looks secret.
fn last_lines(session: &mut Session<'_>) -> Vec<String> {
    let newest = session.driver.logs();
    let all = format!("{}\n{newest}", session.logs);
    let lines: Vec<&str> = all.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.iter().skip(lines.len().saturating_sub(LAST_LINES));
    last.map(|line| shown(line, LONGEST_LINE)).collect()
}

/// The beginning of a text of somebody else's, without what looks secret.
fn shown(text: &str, longest: usize) -> String {
    plain(&masked(text), longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::ProfileId;
    use serde_json::json;

    #[test]
    fn a_request_is_named_by_its_step_in_every_profile_and_without_its_query() {
        for profile in ProfileId::ALL.map(ProfileId::profile) {
            for endpoint in profile.endpoints {
                let (path, name) = (endpoint.path_in("com"), endpoint.name);
                let exchange = json!({"event": name, "request": {"method": endpoint.method, "url": format!("http://127.0.0.1:1/_realm/r/{path}?code=x")}});
                let told = request_of(&exchange, profile, "/_realm/r");
                assert_eq!(told, format!("the {name} request ({} /{path})", endpoint.method));
            }
        }
        let astray = json!({"event": "astray", "request": {"method": "GET", "url": "/fapi/tokens"}});
        assert_eq!(request_of(&astray, ProfileId::Fapi.profile(), "/_realm/r"), "the request GET /fapi/tokens");
    }
}
