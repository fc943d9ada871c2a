//! Judging servers: the suite plays the client, keeps every rule but one, and says whether the server noticed.

pub mod login;
pub mod target;
pub mod trial;

use self::target::Target;
use self::trial::Trial;
use crate::baseline::Baseline;
use crate::case::server::{Plan, run};
use crate::case::{Case, Side};
use crate::driver::Hello;
use crate::run::{Event, Judged, Outcome, judge};
use crate::verdict::{Stop, Verdict};
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
    /// How many cases at once.
    pub jobs: usize,
}

/// Judges a server. `tell` hears of each case in its turn.
pub async fn judge_server(
    options: &Options,
    target: &Target,
    baseline: &Baseline,
    mut tell: impl FnMut(&Event<'_>),
) -> Outcome {
    let start = crate::bench::now();
    let about = Hello { name: target.name.clone(), connector_version: target.version.clone(), ..Hello::default() };
    tell(&Event::Began { target: &about, cases: options.cases.len(), seed: 0 });
    let work = iter(&options.cases).map(|case| async {
        let began = crate::bench::now();
        let verdict = one(case, options.strict, target).await;
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        baseline.apply(Judged { case: case.about(), verdict, known: None, milliseconds })
    });
    let mut done = Box::pin(work.buffered(options.jobs.max(1)));
    let mut judged = Vec::new();
    while let Some(one) = done.next().await {
        tell(&Event::Done(&one));
        judged.push(one);
    }
    Outcome { side: Side::Server, target: about, seed: 0, strict: options.strict, judged, took: start.elapsed() }
}

async fn one(case: &ServerCase, strict: bool, target: &Target) -> Verdict {
    let ground = match target.ground(case.code).await {
        Ok(ground) => ground,
        Err(error) => return Verdict::Inconclusive { cause: format!("{error:#}") },
    };
    let mut trial = Trial::new(ground);
    let step = run(case, &mut trial).await;
    let (notebook, ground) = trial.close();
    let ended = ground.end().await.map_err(Stop::from);
    judge(case.level, strict, notebook, step.and(ended))
}
