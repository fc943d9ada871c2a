//! A run against a server: the cases one by one, or several at once where each has a realm of its own.

use super::fapi::{FapiInstance, FapiTrial};
use super::seed::Seed;
use super::target::Target;
use super::trial::Trial;
use crate::baseline::Baseline;
use crate::case::Side;
use crate::case::server::{ServerCase, fapi, run};
use crate::connector::driver::Hello;
use crate::evidence::Evidence;
use crate::judged::Judged;
use crate::notebook::Notebook;
use crate::profile::ProfileId;
use crate::run::{CASE_TIME, Event, Outcome};
use crate::verdict::{Step, Stop, Verdict};
use anyhow::{Result, bail};
use futures_util::StreamExt;
use futures_util::stream::iter;
use tokio::time::error::Elapsed;

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
    let cases = spoken(&options.cases, target)?;
    first_logins(&cases, options, target).await?;
    tell(&Event::Began { target: &about, cases: cases.len(), fails: false });
    let jobs = if target.bears_company() { options.jobs.max(1) } else { 1 };
    let work = iter(&cases).map(|case| async {
        let began = crate::clock::now();
        let (verdict, evidence) = judge_case(case, options, target).await;
        let milliseconds = crate::clock::milliseconds_since(began);
        baseline.apply(Judged { case: case.about(), verdict, known: None, milliseconds, evidence, replay: None })
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
        migrating_from: None,
        mend_first: None,
        judged,
        took: start.elapsed(),
    })
}

/// The cases of the profiles that the server speaks: of another protocol nothing can be said.
///
/// # Errors
/// When it speaks none of those that were chosen.
fn spoken(chosen: &[&'static ServerCase], target: &Target) -> Result<Vec<&'static ServerCase>> {
    let spoken: Vec<_> = chosen.iter().copied().filter(|case| target.speaks(case.profile())).collect();
    if spoken.is_empty() {
        let speaks: Vec<&str> =
            ProfileId::ALL.into_iter().filter(|id| target.speaks(*id)).map(ProfileId::name).collect();
        bail!("the target file describes a server of {}, and none of the chosen cases is of it", speaks.join(" and "));
    }
    Ok(spoken)
}

/// The person logs in once in each of the profiles, before any case.
async fn first_logins(cases: &[&ServerCase], options: &Options, target: &Target) -> Result<()> {
    for profile in ProfileId::ALL {
        if cases.iter().any(|case| case.profile() == profile) {
            first_login(profile, target, options.seed).await?;
        }
    }
    Ok(())
}

async fn first_login(profile: ProfileId, target: &Target, seed: Seed) -> Result<()> {
    let (code, ended) = match profile {
        ProfileId::V3 => {
            let trial = Trial::new(target.instance("first", seed).await?);
            (trial.code().await.map(drop), trial.close().1.end().await)
        }
        ProfileId::Fapi => Box::pin(first_code(target.fapi_instance("first-fapi", seed).await?)).await,
        ProfileId::Oidc => Box::pin(first_code(target.oidc_instance("first-oidc", seed).await?)).await,
    };
    match code {
        // a server with a fault that the tests of the cases arm is judged all the same
        Err(Stop::Inconclusive(cause) | Stop::Skip(cause)) if !target.has_fault() => {
            bail!("nothing can be judged: {cause}; is everything right in the target file?")
        }
        _ => ended,
    }
}

async fn first_code(instance: FapiInstance) -> (Step, Result<()>) {
    let trial = FapiTrial::new(instance);
    let client = &trial.server.client;
    (trial.code_of(client, &client.login()).await.map(drop), trial.close().1.end().await)
}

/// What came of a case, and what that rests on.
type Came = (Verdict, Vec<Evidence>);

async fn judge_case(case: &ServerCase, options: &Options, target: &Target) -> Came {
    match case.profile() {
        ProfileId::V3 => judge_v3(case, options, target).await,
        // boxed: the clients of an instance are large
        ProfileId::Fapi | ProfileId::Oidc => Box::pin(judge_openid(case, options, target)).await,
    }
}

async fn judge_v3(case: &ServerCase, options: &Options, target: &Target) -> Came {
    let instance = match target.instance(case.code, options.seed).await {
        Ok(instance) => instance,
        Err(error) => return (Verdict::inconclusive(&format!("{error:#}")), Vec::new()),
    };
    let mut trial = Trial::new(instance);
    let step = tokio::time::timeout(CASE_TIME, run(case, &mut trial)).await;
    let step = in_time(step);
    still_there(&mut trial, target).await;
    let (notebook, instance) = trial.close();
    let ended = instance.end().await.map_err(Stop::from);
    let evidence = notebook.evidence();
    (notebook.verdict(case.level, options.strict, step.and(ended)), evidence)
}

/// A case of FAPI, or of the API before it.
async fn judge_openid(case: &ServerCase, options: &Options, target: &Target) -> Came {
    let instance = match case.profile() {
        ProfileId::Oidc => target.oidc_instance(case.code, options.seed).await,
        ProfileId::V3 | ProfileId::Fapi => target.fapi_instance(case.code, options.seed).await,
    };
    let instance = match instance {
        Ok(instance) => instance,
        Err(error) => return (Verdict::inconclusive(&format!("{error:#}")), Vec::new()),
    };
    let mut trial = FapiTrial::new(instance);
    let step = tokio::time::timeout(CASE_TIME, fapi::run(case, &mut trial)).await;
    let step = in_time(step);
    still_there(&mut trial, target).await;
    let (notebook, instance) = trial.close();
    let ended = instance.end().await.map_err(Stop::from);
    let evidence = notebook.evidence();
    (notebook.verdict(case.level, options.strict, step.and(ended)), evidence)
}

/// How a case ended, unless it took too long.
fn in_time(step: Result<Step, Elapsed>) -> Step {
    let late = || Stop::Inconclusive(format!("the case took more than {} seconds", CASE_TIME.as_secs()));
    step.unwrap_or_else(|_| Err(late()))
}

/// A server that the suite started must not have ended.
async fn still_there(notebook: &mut Notebook, target: &Target) {
    if let Some(how) = target.ended().await {
        notebook.find("goes on serving", how);
    }
}
