//! A run: the cases one by one, or several at once, each in a realm of its own; what happens is told as events.

use crate::baseline::{Baseline, Known};
use crate::case::{About, Case, Side};
use crate::driver::{Driver, DriverError, Drivers, Hello};
use crate::handed::FORMATS;
use crate::notebook::{Notebook, plain};
use crate::replay::Replay;
use crate::served::Realm;
use crate::served::Served;
use crate::stage::{Stage, Step};
use crate::tape::Taped;
use crate::verdict::{Level, Stop, Verdict};
use anyhow::{Context, Result, bail};
use futures_util::future::join_all;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long one case may take.
pub const CASE_TIME: Duration = Duration::from_secs(120);

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cases, in their order.
    pub cases: Vec<&'static Case>,
    /// Whether a SHOULD counts like a MUST.
    pub strict: bool,
    /// Makes the canary's mark, and so the run, repeatable.
    pub seed: u64,
    /// How many cases at once.
    pub jobs: usize,
}

/// What came of one case.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// The case.
    #[serde(skip)]
    pub case: About,
    /// The result.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Why it is expected, where the baseline says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
    /// How long it took.
    pub milliseconds: u64,
    /// What happened, to be judged again: where something was found in a connector.
    #[serde(skip)]
    pub replay: Option<Replay>,
}

/// How a result stands with what was expected: the one word of it in every report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Kept.
    Pass,
    /// A MUST broken.
    Fail,
    /// A SHOULD broken.
    Warn,
    /// Not claimed by the target.
    Skip,
    /// Nothing was shown.
    Inconclusive,
    /// Not kept, and the baseline says why.
    Known,
    /// Kept, though the baseline expects a failure.
    Stale,
}

impl Standing {
    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Skip => "skip",
            Self::Inconclusive => "inconclusive",
            Self::Known => "known",
            Self::Stale => "stale",
        }
    }
}

impl Judged {
    /// How it stands.
    pub const fn standing(&self) -> Standing {
        match (&self.verdict, &self.known) {
            (Verdict::Pass { .. }, None) => Standing::Pass,
            (Verdict::Pass { .. }, Some(_)) => Standing::Stale,
            (Verdict::Skip { .. }, _) => Standing::Skip,
            (Verdict::Fail { .. } | Verdict::Warn { .. }, Some(_)) => Standing::Known,
            (Verdict::Fail { .. }, None) => Standing::Fail,
            (Verdict::Warn { .. }, None) => Standing::Warn,
            (Verdict::Inconclusive { .. }, _) => Standing::Inconclusive,
        }
    }
}

/// What happens in a run, in order.
#[derive(Debug)]
pub enum Event<'e> {
    /// It begins.
    Began {
        /// What the target is.
        target: &'e Hello,
        /// How many cases there are.
        cases: usize,
    },
    /// A case is done.
    Done(&'e Judged),
}

/// Everything that a report needs.
#[derive(Debug)]
pub struct Outcome {
    /// Which side was judged.
    pub side: Side,
    /// What the target is: a driver says it of itself.
    pub target: Hello,
    /// The seed, where there is one.
    pub seed: Option<u64>,
    /// Whether SHOULDs counted.
    pub strict: bool,
    /// The cases in the order of the table.
    pub judged: Vec<Judged>,
    /// How long the whole run took.
    pub took: Duration,
}

/// Runs the cases. `tell` hears of each as soon as it is done.
///
/// # Errors
/// When the served side does not start, or no driver does.
pub async fn run(
    options: &Options,
    drivers: &dyn Drivers,
    baseline: &Baseline,
    tell: impl FnMut(&Event<'_>),
) -> Result<Outcome> {
    let start = crate::bench::now();
    let served = Served::start(&mark(options.seed)).await.context("the served side does not start")?;
    let first = drivers.fresh().await?;
    let mut target = first.hello().clone();
    for told in [&mut target.name, &mut target.connector_version, &mut target.language] {
        *told = plain(told, 80);
    }
    if let Some(odd) = target.key_formats.iter().find(|format| !FORMATS.contains(&format.as_str())) {
        bail!("the driver asks for keys as `{odd}`; there are {}", FORMATS.join(", "));
    }
    let tell = Mutex::new(tell);
    let speak = |event: &Event<'_>| (tell.lock().unwrap_or_else(PoisonError::into_inner))(event);
    speak(&Event::Began { target: &target, cases: options.cases.len() });
    let queue: Mutex<VecDeque<(usize, &'static Case)>> =
        Mutex::new(options.cases.iter().copied().enumerate().collect());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let mut spare = Some(first);
    let workers = (0..options.jobs.max(1)).map(|_| {
        let mut driver = spare.take();
        let (served, next, speak) = (&served, &next, &speak);
        async move {
            let mut judged = Vec::new();
            while let Some((place, case)) = next() {
                let began = crate::bench::now();
                let (verdict, replay) = one(case, options.strict, (served, drivers), &mut driver).await;
                let milliseconds = crate::bench::milliseconds_since(began);
                let judgement =
                    baseline.apply(Judged { case: case.about(), verdict, known: None, milliseconds, replay });
                speak(&Event::Done(&judgement));
                judged.push((place, judgement));
            }
            if let Some(driver) = driver.take() {
                driver.leave().await;
            }
            judged
        }
    });
    let mut judged: Vec<(usize, Judged)> = join_all(workers).await.into_iter().flatten().collect();
    judged.sort_by_key(|(place, _)| *place);
    served.stop().await;
    let judged = judged.into_iter().map(|(_, judged)| judged).collect();
    Ok(Outcome {
        side: Side::Connector,
        target,
        seed: Some(options.seed),
        strict: options.strict,
        judged,
        took: start.elapsed(),
    })
}

/// What marks a run's canary: no word of any language.
fn mark(seed: u64) -> String {
    let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31) ^ 0xA5A5_5A5A_1234_8765;
    format!("X{:010X}", mixed & 0x00FF_FFFF_FFFF)
}

/// Judges one case, with a driver that works: a new one where there is none, or the last one broke.
async fn one(
    case: &Case,
    strict: bool,
    (served, drivers): (&Served, &dyn Drivers),
    driver: &mut Option<Box<dyn Driver>>,
) -> (Verdict, Option<Replay>) {
    let usable = match driver.take() {
        Some(usable) => Ok(usable),
        None => drivers.fresh().await,
    };
    let mut usable = match usable {
        Ok(usable) => usable,
        Err(error) => return (Verdict::inconclusive(&error.to_string()), None),
    };
    let timed = tokio::time::timeout(CASE_TIME, staged(case, strict, served, &mut *usable)).await;
    let (verdict, broken, replay) = timed.unwrap_or_else(|_| {
        let seconds = CASE_TIME.as_secs();
        (Verdict::inconclusive(&format!("the case took more than {seconds} seconds")), true, None)
    });
    if drivers.one_a_case() || broken {
        // one that broke is ended without a word
        if !broken {
            usable.leave().await;
        }
    } else {
        *driver = Some(usable);
    }
    (verdict, replay)
}

async fn staged(
    case: &Case,
    strict: bool,
    served: &Served,
    driver: &mut dyn Driver,
) -> (Verdict, bool, Option<Replay>) {
    let nothing_shown = |cause: String, broken: bool| (Verdict::inconclusive(&cause), broken, None);
    let name = case.id.replace('.', "-");
    let callback = driver.hello().redirect_uri.clone();
    let realm = match served.realm(&name, &case.realm(), callback.as_deref()).await {
        Ok(realm) => realm,
        Err(error) => return nothing_shown(format!("{error:#}"), false),
    };
    if let Err(error @ (DriverError::Died(_) | DriverError::Late(..))) = driver.reset().await {
        return nothing_shown(error.to_string(), true);
    }
    let (scene, tape, target) = (realm.scene().clone(), realm.tape().clone(), driver.hello().clone());
    let taped = Taped::writing(driver, tape.clone());
    let (verdict, broken) = act(case, strict, realm, taped).await;
    let replay = (!verdict.findings().is_empty()).then(|| Replay::new(case, strict, target, scene, tape.entries()));
    (verdict, broken, replay)
}

/// Goes through a case, at a realm and with a driver that are there, or that there is a tape of.
pub async fn act<'s>(case: &Case, strict: bool, realm: Realm<'s>, driver: Taped<'s>) -> (Verdict, bool) {
    let mut stage = match Stage::new(realm, driver) {
        Ok(stage) => stage,
        Err(error) => return (Verdict::inconclusive(&format!("{error:#}")), false),
    };
    let step = case.run(&mut stage).await;
    let (notebook, broken, realm) = stage.close();
    let ended = realm.end().await.map_err(Stop::from);
    (judge(case.level, strict, notebook, step.and(ended)), broken)
}

/// The verdict for what was written down, and for how the case ended.
pub fn judge(level: Level, strict: bool, notebook: Notebook, ended: Step) -> Verdict {
    let (findings, notes) = notebook.close();
    match ended {
        // what was found before a stop was found all the same
        Err(_) if !findings.is_empty() => Verdict::of(level, strict, findings, notes),
        Err(Stop::Skip(reason)) => Verdict::Skip { reason },
        Err(Stop::Inconclusive(cause)) => Verdict::inconclusive(&cause),
        Ok(()) => Verdict::of(level, strict, findings, notes),
    }
}

/// How many cases came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// All of them.
    pub cases: usize,
    /// Kept.
    pub passed: usize,
    /// A MUST broken, or a SHOULD with `--strict`.
    pub failed: usize,
    /// A SHOULD broken.
    pub warned: usize,
    /// Not claimed by the target.
    pub skipped: usize,
    /// Nothing was shown.
    pub inconclusive: usize,
    /// Failed, and the baseline says why.
    pub known: usize,
    /// Passed, though the baseline expects a failure.
    pub stale: usize,
}

impl Outcome {
    /// The numbers.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { cases: self.judged.len(), ..Summary::default() };
        for judged in &self.judged {
            let counter = match judged.standing() {
                Standing::Pass => &mut summary.passed,
                Standing::Fail => &mut summary.failed,
                Standing::Warn => &mut summary.warned,
                Standing::Skip => &mut summary.skipped,
                Standing::Inconclusive => &mut summary.inconclusive,
                Standing::Known => &mut summary.known,
                Standing::Stale => &mut summary.stale,
            };
            *counter += 1;
        }
        summary
    }
}
