//! Answers of which half comes, and then nothing: a connector that was given a time limit gives up, and says so.

use super::{has_struck, refused_as};
use crate::connector::driver::{Class, Outcome};
use crate::connector::login::{Begun, Login};
use crate::connector::session::Session;
use crate::connector::testbed::CANARY_ID;
use crate::verdict::Step;
use std::time::Duration;

/// The time limit that a connector is given, in seconds.
const TIME_LIMIT: u64 = 2;
/// How long a login may take then: three tries, and what else is to be done.
const PATIENCE: Duration = Duration::from_secs(3 * TIME_LIMIT + 4);
/// How often a flow is gone through at most until the fault strikes.
const TRIES: u32 = 5;

/// Configures the connector with a time limit, after a flow without any fault.
///
/// # Errors
/// When it takes none, or that flow does not end with the person.
pub(super) async fn limited(session: &mut Session<'_>) -> Step {
    session.need("timeout")?;
    session.ready().await?;
    session.setup.common.timeout_seconds = Some(TIME_LIMIT);
    session.configure().await
}

/// One flow with a fault that stalls an answer, which must be refused as a failure of the network; whether the connector gave up.
///
/// # Errors
/// [`crate::verdict::Stop::Inconclusive`] when the fault never struck: then nothing was shown.
pub(super) async fn gives_up(session: &mut Session<'_>, fault: &str) -> Step<bool> {
    session.when(format!("with a time limit of {TIME_LIMIT} seconds, and the fault {fault}"));
    let Some(outcome) = struck_flow(session, fault).await? else {
        session.find("gives up", format!("it still waited after {} seconds", PATIENCE.as_secs()));
        return Ok(false);
    };
    refused_as(session, fault, &outcome, &[Class::Transport]).await?;
    Ok(true)
}

/// What came of a flow in which the fault struck; nothing, where the connector still waits. The limit holds for the calls before the
/// fault, too: where a busy machine is too slow for one of them, that says nothing of the connector, and the flow is gone through again.
async fn struck_flow(session: &mut Session<'_>, fault: &str) -> Step<Option<Outcome>> {
    let mut tries = 1;
    loop {
        session.mark().await?;
        session.arm(fault, None).await?;
        let outcome = patient_flow(session).await?;
        session.realm.disarm().await?;
        if outcome.is_none() || tries == TRIES || has_struck(session, fault).await? {
            return Ok(outcome);
        }
        tries += 1;
    }
}

/// A whole flow of a connector that may never answer; a login that it does not begin is a refusal.
async fn patient_flow(session: &mut Session<'_>) -> Step<Option<Outcome>> {
    match session.begin().await? {
        Ok(Begun { browser, url }) => {
            let callback = session.realm.visit(&url, CANARY_ID).await?;
            session.finish_within(&Login { browser, url, callback }, PATIENCE).await
        }
        Err(refusal) => Ok(Some(refusal)),
    }
}
