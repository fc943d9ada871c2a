//! A run against a server: the cases one by one, or several at once where each has a realm of its own.

use super::seed::Seed;
use super::target::Target;
use super::trial::Trial;
use crate::baseline::Baseline;
use crate::case::Side;
use crate::case::server::{ServerCase, run};
use crate::connector::driver::Hello;
use crate::judged::Judged;
use crate::run::{CASE_TIME, Event, Outcome};
use crate::verdict::{Stop, Verdict};
use anyhow::{Result, bail};
use futures_util::StreamExt;
use futures_util::stream::iter;

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cases, in their order.
    pub cases: Vec<&'static ServerCase>,
    /// Whether a SHOULD counts like a MUST.
    pub strict: bool,
    /// From what everything follows that is chosen by chance.
    pub seed: Seed,
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
    let start = crate::clock::now();
    let about = Hello { name: target.name.clone(), connector_version: target.version.clone(), ..Hello::default() };
    first_login(target, options.seed).await?;
    tell(&Event::Began { target: &about, cases: options.cases.len(), fails: false });
    let jobs = if target.bears_company() { options.jobs.max(1) } else { 1 };
    let work = iter(&options.cases).map(|case| async {
        let began = crate::clock::now();
        let verdict = judge_case(case, options, target).await;
        let milliseconds = crate::clock::milliseconds_since(began);
        baseline.apply(Judged { case: case.about(), verdict, known: None, milliseconds, replay: None })
    });
    let mut done = Box::pin(work.buffered(jobs));
    let mut judged = Vec::new();
    while let Some(one) = done.next().await {
        tell(&Event::Done(&one));
        judged.push(one);
    }
    Ok(Outcome {
        side: Side::Server,
        target: about,
        seed: Some(options.seed.0),
        strict: options.strict,
        mend_first: None,
        judged,
        took: start.elapsed(),
    })
}

/// The person logs in once, before any case.
async fn first_login(target: &Target, seed: Seed) -> Result<()> {
    let trial = Trial::new(target.instance("first", seed).await?);
    let code = trial.code().await;
    let ended = trial.close().1.end().await;
    match code {
        // a server with a fault that the tests of the cases arm is judged all the same
        Err(Stop::Inconclusive(cause) | Stop::Skip(cause)) if !target.has_fault() => {
            bail!("nothing can be judged: {cause}; is everything right in the target file?")
        }
        _ => ended,
    }
}

async fn judge_case(case: &ServerCase, options: &Options, target: &Target) -> Verdict {
    let instance = match target.instance(case.code, options.seed).await {
        Ok(instance) => instance,
        Err(error) => return Verdict::inconclusive(&format!("{error:#}")),
    };
    let mut trial = Trial::new(instance);
    let step = tokio::time::timeout(CASE_TIME, run(case, &mut trial)).await;
    let late = || Stop::Inconclusive(format!("the case took more than {} seconds", CASE_TIME.as_secs()));
    let step = step.unwrap_or_else(|_| Err(late()));
    if let Some(how) = target.ended().await {
        trial.find("goes on serving", how);
    }
    let (notebook, instance) = trial.close();
    let ended = instance.end().await.map_err(Stop::from);
    notebook.verdict(case.level, options.strict, step.and(ended))
}
