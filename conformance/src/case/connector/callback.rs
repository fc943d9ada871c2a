//! Verbs of the callback that every profile has: another browser's, the same one twice, the code of another login.

use crate::connector::driver::Outcome;
use crate::connector::session::Session;
use crate::verdict::Step;

pub(super) async fn other_session(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("with the callback of another browser's session");
    session.mark().await?;
    let victim = session.login().await?;
    let attacker = session.login().await?;
    let outcome = session.finish(&victim.browser, &attacker.callback).await?;
    session.refused(&outcome);
    if let Some(endpoint) = session.code_endpoint() {
        session.no_call(endpoint);
    }
    Ok(())
}

pub(super) async fn twice(session: &mut Session<'_>) -> Step {
    session.ready().await?;
    session.when("opening the same callback twice");
    session.mark().await?;
    let login = session.login().await?;
    session.finish(&login.browser, &login.callback).await?;
    let second = session.finish(&login.browser, &login.callback).await?;
    if let Outcome::Accepted { .. } = second {
        session.find("refuses the second one by itself", "the person was accepted twice");
    }
    let calls = session.code_endpoint().map_or(0, |endpoint| session.calls(endpoint).len());
    session.expect(calls == 1, "calls token once", || format!("token was called {calls} times"));
    Ok(())
}

/// A callback with the code of another one in the place of its own, byte for byte.
pub(super) fn with_code_of(callback: &str, other: &str) -> String {
    let code = |callback: &str| callback.split(['?', '&']).find(|pair| pair.starts_with("code=")).map(str::to_owned);
    match (code(callback), code(other)) {
        (Some(own), Some(other)) => callback.replacen(&own, &other, 1),
        _ => callback.to_owned(),
    }
}
