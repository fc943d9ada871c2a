//! The cases of connectors: faults that are armed one by one, or verbs, a folder for each profile.

mod callback;
pub mod fapi;
pub mod oidc;
mod stalled;
pub mod v3;

use super::Case;
use crate::connector::driver::{Class, Outcome};
use crate::connector::outcome::class_name;
use crate::connector::session::Session;
use crate::verdict::{Step, Stop};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};

/// A case of a connector.
pub type ConnectorCase = Case<Plan>;

/// A case's verbs.
pub type Verbs = for<'a, 'b> fn(&'a mut Session<'b>) -> LocalBoxFuture<'a, Step>;

/// How a case is done. The first four arm faults one by one; each flow must end as said, after a control without any.
#[derive(Debug, Clone, Copy)]
pub enum Plan {
    /// Each is refused, no later endpoint is called, nothing leaks.
    Refuse(&'static [&'static str]),
    /// The same, and the refusal is of one of these kinds.
    RefuseAs(&'static [&'static str], &'static [Class]),
    /// Each is accepted, and the person arrives as it was sent.
    Accept(&'static [&'static str]),
    /// Either is right; what happened is reported.
    Either(&'static [&'static str]),
    /// Something else.
    Verbs(Verbs),
    /// Something else, in which these faults and no others are armed.
    VerbsWith(&'static [&'static str], Verbs),
    /// Something else, in a realm whose configuration has tables beyond the usual.
    VerbsIn(fn() -> Value, Verbs),
}

impl ConnectorCase {
    /// The configuration of its realm beyond the usual.
    pub fn realm(&self) -> Map<String, Value> {
        match self.plan {
            Plan::VerbsIn(tables, _) => tables().as_object().cloned().unwrap_or_default(),
            Plan::Refuse(_)
            | Plan::RefuseAs(..)
            | Plan::Accept(_)
            | Plan::Either(_)
            | Plan::Verbs(_)
            | Plan::VerbsWith(..) => Map::new(),
        }
    }

    /// The faults that it arms, and no others.
    pub const fn faults(&self) -> &'static [&'static str] {
        match self.plan {
            Plan::Refuse(faults)
            | Plan::RefuseAs(faults, _)
            | Plan::Accept(faults)
            | Plan::Either(faults)
            | Plan::VerbsWith(faults, _) => faults,
            Plan::Verbs(_) | Plan::VerbsIn(..) => &[],
        }
    }

    /// Whether the target may wait in it, for an answer that does not come or before it tries again. When it is begun follows from
    /// that, and nothing else.
    pub fn waits(&self) -> bool {
        const LATER: [&str; 5] = ["-stalled", "-429", "-500", "-502", "-503"];
        self.faults().iter().any(|fault| LATER.iter().any(|end| fault.ends_with(end)))
    }

    /// Does it. Findings stay with the session.
    ///
    /// # Errors
    /// [`Stop`] when it cannot be done.
    pub async fn run(&self, session: &mut Session<'_>) -> Step {
        match self.plan {
            Plan::Verbs(verbs) | Plan::VerbsWith(_, verbs) | Plan::VerbsIn(_, verbs) => verbs(session).await,
            Plan::Refuse(faults) => each_fault(session, faults, Expected::Refused(&[])).await,
            Plan::RefuseAs(faults, classes) => each_fault(session, faults, Expected::Refused(classes)).await,
            Plan::Accept(faults) => each_fault(session, faults, Expected::Accepted).await,
            Plan::Either(faults) => each_fault(session, faults, Expected::Either).await,
        }
    }
}

/// How the flow with a fault must end.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Refused(&'static [Class]),
    Accepted,
    Either,
}

async fn each_fault(session: &mut Session<'_>, faults: &[&str], expected: Expected) -> Step {
    session.ready().await?;
    for fault in faults {
        flow_with_fault(session, fault, expected).await?;
    }
    Ok(())
}

/// One flow with a fault, which must be refused.
///
/// # Errors
/// [`Stop::Inconclusive`] when the fault did not strike: then nothing was shown.
pub(crate) async fn refuses(session: &mut Session<'_>, fault: &str) -> Step {
    flow_with_fault(session, fault, Expected::Refused(&[])).await
}

/// One flow with a fault, which must be accepted, and the person arrive as it was sent.
///
/// # Errors
/// [`Stop::Inconclusive`] when the fault did not strike: then nothing was shown.
pub(crate) async fn accepts(session: &mut Session<'_>, fault: &str) -> Step {
    flow_with_fault(session, fault, Expected::Accepted).await
}

/// The end of a flow with a fault that must have been refused as one of these classes.
///
/// # Errors
/// [`Stop::Inconclusive`] when the fault did not strike: then nothing was shown.
pub(crate) async fn refused_as(
    session: &mut Session<'_>,
    fault: &str,
    outcome: &Outcome,
    classes: &'static [Class],
) -> Step {
    struck(session, fault).await?;
    judge_flow(session, fault, outcome, Expected::Refused(classes)).await
}

/// One flow with one fault, which must have struck.
///
/// # Errors
/// [`Stop::Inconclusive`] when it did not strike: then nothing was shown.
async fn flow_with_fault(session: &mut Session<'_>, fault: &str, expected: Expected) -> Step {
    session.when(format!("with the fault {fault}"));
    if matches!(expected, Expected::Refused(_)) && session.is_before_browser(fault)? {
        return refuses_to_begin(session, fault, expected).await;
    }
    let outcome = session.flow_with(fault).await?;
    struck(session, fault).await?;
    judge_flow(session, fault, &outcome, expected).await
}

/// A fault that strikes before the browser comes: no login may begin.
async fn refuses_to_begin(session: &mut Session<'_>, fault: &str, expected: Expected) -> Step {
    let outcome = session.begin_with(fault).await?;
    struck(session, fault).await?;
    let Some(outcome) = outcome else {
        session.find("begins no login", "the browser was sent away");
        return Ok(());
    };
    judge_flow(session, fault, &outcome, expected).await
}

/// Whether a fault struck since the mark.
async fn has_struck(session: &Session<'_>, fault: &str) -> Step<bool> {
    Ok(session.journal("").await?.iter().any(|exchange| {
        exchange.get("faults").and_then(Value::as_array).is_some_and(|faults| faults.iter().any(|known| known == fault))
    }))
}

async fn struck(session: &Session<'_>, fault: &str) -> Step {
    if has_struck(session, fault).await? {
        return Ok(());
    }
    let what = "the fault never struck: the connector did not come so far";
    Err(Stop::Inconclusive(format!("{what} ({fault})")))
}

async fn judge_flow(session: &mut Session<'_>, fault: &str, outcome: &Outcome, expected: Expected) -> Step {
    match expected {
        Expected::Refused(classes) => {
            let class = session.refused(outcome);
            let place = session.place_of(fault)?;
            for endpoint in &place.later {
                session.no_call(endpoint);
            }
            // a token request whose own answer broke may be repeated; what is wrong in a whole answer is no reason for it
            session.code_exchanged_once(&place);
            if let Some(class) = class.filter(|class| !classes.is_empty() && !classes.contains(class)) {
                let wanted: Vec<String> = classes.iter().map(|class| class_name(*class)).collect();
                session.find_light(
                    format!("tells the reason: {}", wanted.join(" or ")),
                    format!("it said {}", class_name(class)),
                );
            }
        }
        Expected::Accepted => session.accepted(outcome).await?,
        Expected::Either => {
            let what = match outcome {
                Outcome::Accepted { .. } => "accepted".to_owned(),
                Outcome::Rejected { .. }
                    if session.place_of(fault)?.later.iter().any(|endpoint| !session.calls(endpoint).is_empty()) =>
                {
                    "taken, and refused by the server then".to_owned()
                }
                Outcome::Rejected { class, .. } => format!("refused as {}", class_name(*class)),
                Outcome::Crash { .. } => {
                    session.find("does not crash", "it crashed");
                    return Ok(());
                }
            };
            session.note(format!("{fault}: {what}"));
        }
    }
    Ok(())
}

/// Boxes an async function as verbs.
macro_rules! verbs {
    ($function:path) => {
        $crate::case::connector::Plan::Verbs(|session| Box::pin($function(session)))
    };
    ($function:path, with [$($fault:literal),+]) => {
        $crate::case::connector::Plan::VerbsWith(&[$($fault),+], |session| Box::pin($function(session)))
    };
    ($function:path, in $tables:path) => {
        $crate::case::connector::Plan::VerbsIn($tables, |session| Box::pin($function(session)))
    };
}
pub(crate) use verbs;
