//! Judging servers: the suite plays the client, keeps every rule but one, and says whether the server noticed.

pub mod ground;
pub mod login;
pub mod profile;
pub mod reach;
pub mod realms;
mod started;
pub mod target;
pub mod trial;

use self::target::Target;
use self::trial::Trial;
use crate::baseline::Baseline;
use crate::case::server::{Plan, run};
use crate::case::{Case, Side};
use crate::driver::Hello;
use crate::run::{CASE_TIME, Event, Judged, Outcome, judge};
use crate::verdict::{Stop, Verdict};
use anyhow::{Result, bail};
use futures_util::StreamExt;
use futures_util::stream::iter;

/// A case against a server.
pub type ServerCase = Case<Plan>;

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cases, in their order.
    pub cases: Vec<&'static ServerCase>,
    /// Whether a SHOULD counts like a MUST.
    pub strict: bool,
    /// How many cases at once, where each has a realm of its own.
    pub jobs: usize,
}

/// Judges a server. `tell` hears of each case in its turn.
///
/// # Errors
/// When not even a login gets through: then every case would say the same.
pub async fn judge_server(
    options: &Options,
    target: &Target,
    baseline: &Baseline,
    mut tell: impl FnMut(&Event<'_>),
) -> Result<Outcome> {
    let start = crate::bench::now();
    let about = Hello { name: target.name.clone(), connector_version: target.version.clone(), ..Hello::default() };
    first_login(target).await?;
    tell(&Event::Began { target: &about, cases: options.cases.len() });
    let jobs = if target.bears_company() { options.jobs.max(1) } else { 1 };
    let work = iter(&options.cases).map(|case| async {
        let began = crate::bench::now();
        let verdict = one(case, options.strict, target).await;
        let milliseconds = crate::bench::milliseconds_since(began);
        baseline.apply(Judged { case: case.about(), verdict, known: None, milliseconds, replay: None })
    });
    let mut done = Box::pin(work.buffered(jobs));
    let mut judged = Vec::new();
    while let Some(one) = done.next().await {
        tell(&Event::Done(&one));
        judged.push(one);
    }
    Ok(Outcome { side: Side::Server, target: about, seed: None, strict: options.strict, judged, took: start.elapsed() })
}

/// The person logs in once, before any case.
async fn first_login(target: &Target) -> Result<()> {
    let trial = Trial::new(target.ground("first").await?);
    let code = trial.code().await;
    let ended = trial.close().1.end().await;
    match code {
        // a server with a fault that the tests of the cases arm is judged all the same
        Err(Stop::Inconclusive(cause) | Stop::Skip(cause)) if !target.has_fault() => {
            bail!("nothing can be judged: {cause}; is everything right in the profile?")
        }
        _ => ended,
    }
}

async fn one(case: &ServerCase, strict: bool, target: &Target) -> Verdict {
    let ground = match target.ground(case.code).await {
        Ok(ground) => ground,
        Err(error) => return Verdict::inconclusive(&format!("{error:#}")),
    };
    let mut trial = Trial::new(ground);
    let step = tokio::time::timeout(CASE_TIME, run(case, &mut trial)).await;
    let late = || Stop::Inconclusive(format!("the case took more than {} seconds", CASE_TIME.as_secs()));
    let step = step.unwrap_or_else(|_| Err(late()));
    if let Some(how) = target.ended().await {
        trial.find("goes on serving", how);
    }
    let (notebook, ground) = trial.close();
    let ended = ground.end().await.map_err(Stop::from);
    judge(case.level, strict, notebook, step.and(ended))
}
