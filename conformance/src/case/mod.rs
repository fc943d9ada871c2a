//! The cases: one experiment each, a row of a table with a plan made of verbs.

pub mod server;
pub mod v3;

use crate::driver::{Class, Outcome};
use crate::stage::{Endpoint, Stage, Step, class_name};
use crate::verdict::{Level, Stop};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde_json::{Map, Value};

/// Which side of the protocol is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The suite plays the server.
    Connector,
    /// The suite plays the client.
    Server,
}

impl Side {
    /// What is judged.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connector => "connector",
            Self::Server => "server",
        }
    }

    /// What the suite plays.
    pub const fn other(self) -> &'static str {
        match self {
            Self::Connector => "server",
            Self::Server => "client",
        }
    }
}

/// What a case is, without how it is done: all that a report needs.
pub type About = Case<()>;

/// One experiment.
#[derive(Debug, Clone, Copy)]
pub struct Case<P = Plan> {
    /// The stable name: `profile.subject.behaviour`.
    pub id: &'static str,
    /// The short name in lists: `V3-CB-01`.
    pub code: &'static str,
    /// How binding it is.
    pub level: Level,
    /// The requirements that it tests, by their ids in `clauses.toml`.
    pub clauses: &'static [&'static str],
    /// What the side does that the suite plays: the server to a connector, the client to a server.
    pub other: &'static str,
    /// What a good one does on the side that is judged.
    pub good: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about one that does otherwise.
    pub fix: &'static str,
    /// How it is done.
    pub plan: P,
}

impl<P> Case<P> {
    /// What it is.
    pub const fn about(&self) -> About {
        Case {
            id: self.id,
            code: self.code,
            level: self.level,
            clauses: self.clauses,
            other: self.other,
            good: self.good,
            why: self.why,
            fix: self.fix,
            plan: (),
        }
    }
}

/// A case's verbs.
pub type Verbs = for<'a, 'b> fn(&'a mut Stage<'b>) -> LocalBoxFuture<'a, Step>;

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
    /// Something else, in a realm whose configuration has tables beyond the usual.
    VerbsIn(fn() -> Value, Verbs),
}

impl Case {
    /// The configuration of its realm beyond the usual.
    pub fn realm(&self) -> Map<String, Value> {
        match self.plan {
            Plan::VerbsIn(tables, _) => tables().as_object().cloned().unwrap_or_default(),
            Plan::Refuse(_) | Plan::RefuseAs(..) | Plan::Accept(_) | Plan::Either(_) | Plan::Verbs(_) => Map::new(),
        }
    }

    /// The faults that it arms one by one.
    pub const fn faults(&self) -> &'static [&'static str] {
        match self.plan {
            Plan::Refuse(faults) | Plan::RefuseAs(faults, _) | Plan::Accept(faults) | Plan::Either(faults) => faults,
            Plan::Verbs(_) | Plan::VerbsIn(..) => &[],
        }
    }

    /// Does it. Findings stay on the stage.
    ///
    /// # Errors
    /// [`Stop`] when it cannot be done.
    pub async fn run(&self, stage: &mut Stage<'_>) -> Step {
        match self.plan {
            Plan::Verbs(verbs) | Plan::VerbsIn(_, verbs) => verbs(stage).await,
            Plan::Refuse(faults) => each(stage, faults, Expected::Refused(&[])).await,
            Plan::RefuseAs(faults, classes) => each(stage, faults, Expected::Refused(classes)).await,
            Plan::Accept(faults) => each(stage, faults, Expected::Accepted).await,
            Plan::Either(faults) => each(stage, faults, Expected::Either).await,
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

async fn each(stage: &mut Stage<'_>, faults: &[&str], expected: Expected) -> Step {
    stage.ready().await?;
    for fault in faults {
        with_fault(stage, fault, expected).await?;
    }
    Ok(())
}

/// One flow with a fault, which must be refused.
///
/// # Errors
/// [`Stop::Inconclusive`] when the fault did not strike: then nothing was shown.
pub(crate) async fn refuses(stage: &mut Stage<'_>, fault: &str) -> Step {
    with_fault(stage, fault, Expected::Refused(&[])).await
}

/// One flow with one fault, which must have struck.
///
/// # Errors
/// [`Stop::Inconclusive`] when it did not strike: then nothing was shown.
async fn with_fault(stage: &mut Stage<'_>, fault: &str, expected: Expected) -> Step {
    stage.when(format!("with the fault {fault}"));
    let outcome = stage.flow_with(fault).await?;
    let struck = stage.journal("").await?.iter().any(|exchange| {
        exchange.get("faults").and_then(Value::as_array).is_some_and(|faults| faults.iter().any(|known| known == fault))
    });
    if !struck {
        let what = "the fault never struck: the connector did not come so far";
        return Err(Stop::Inconclusive(format!("{what} ({fault})")));
    }
    judge(stage, fault, &outcome, expected).await
}

async fn judge(stage: &mut Stage<'_>, fault: &str, outcome: &Outcome, expected: Expected) -> Step {
    match expected {
        Expected::Refused(classes) => {
            let class = stage.refused(outcome);
            for endpoint in later_than(fault) {
                stage.no_call(*endpoint);
            }
            if stage.calls(Endpoint::Token).len() > 1 && !fault.starts_with("token-") {
                stage.find("exchanges a code once", "token was called more than once");
            }
            if let Some(class) = class.filter(|class| !classes.is_empty() && !classes.contains(class)) {
                let wanted: Vec<String> = classes.iter().map(|class| class_name(*class)).collect();
                stage.find_light(
                    format!("tells the reason: {}", wanted.join(" or ")),
                    format!("it said {}", class_name(class)),
                );
            }
        }
        Expected::Accepted => stage.accepted(outcome).await?,
        Expected::Either => {
            let what = match outcome {
                Outcome::Accepted { .. } => "accepted".to_owned(),
                Outcome::Rejected { .. }
                    if later_than(fault).iter().any(|endpoint| !stage.calls(*endpoint).is_empty()) =>
                {
                    "taken, and refused by the server then".to_owned()
                }
                Outcome::Rejected { class, .. } => format!("refused as {}", class_name(*class)),
                Outcome::Crash { .. } => {
                    stage.find("does not crash", "it crashed");
                    return Ok(());
                }
            };
            stage.note(format!("{fault}: {what}"));
        }
    }
    Ok(())
}

/// The endpoints that must not be called any more once a fault struck.
fn later_than(fault: &str) -> &'static [Endpoint] {
    match fault.split('-').next().unwrap_or_default() {
        "callback" => &[Endpoint::Token, Endpoint::Person],
        "token" | "access" => &[Endpoint::Person],
        _ => &[],
    }
}

/// Boxes an async function as verbs.
macro_rules! verbs {
    ($function:path) => {
        $crate::case::Plan::Verbs(|stage| Box::pin($function(stage)))
    };
    ($function:path, in $tables:path) => {
        $crate::case::Plan::VerbsIn($tables, |stage| Box::pin($function(stage)))
    };
}
pub(crate) use verbs;
