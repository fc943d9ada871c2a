//! A run: the cases one by one, or several at once, each in a realm of its own; what happens is told as events.

use super::driver::{Driver, DriverError, Drivers, Hello, Kind};
use super::evidence::of_case;
use super::keys::FORMATS;
use super::patience::Patience;
use super::queue::Queue;
use super::realm::Realm;
use super::session::{Left, Session};
use super::tape::{Tape, Taped};
use super::testbed::Testbed;
use super::usual::{Usual, go_through_usual};
use crate::baseline::Baseline;
use crate::case::Side;
use crate::case::connector::ConnectorCase;
use crate::evidence::Evidence;
use crate::judged::{Judged, Standing};
use crate::masked::masked;
use crate::notebook::Notebook;
use crate::replay::Replay;
use crate::run::{CASE_TIME, Event, Outcome};
use crate::text::{meant, plain};
use crate::verdict::{Stop, Verdict};
use anyhow::{Context, Result, bail};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cases, in their order.
    pub cases: Vec<&'static ConnectorCase>,
    /// Whether a SHOULD counts like a MUST.
    pub strict: bool,
    /// Makes the canary's mark, and so the run, repeatable.
    pub seed: u64,
    /// How many cases at once.
    pub jobs: usize,
}

/// Runs the cases. `tell` hears of each as soon as it is done.
///
/// # Errors
/// When the testbed does not start, or no driver does.
pub async fn run(
    options: &Options,
    drivers: &dyn Drivers,
    baseline: &Baseline,
    tell: impl FnMut(&Event<'_>),
) -> Result<Outcome> {
    let testbed = Testbed::start(&mark(options.seed)).await.context("the testbed does not start")?;
    run_at(testbed, options, drivers, (baseline, tell)).await
}

/// The same at a testbed that was started already, with the mark of the same seed.
///
/// # Errors
/// When no driver starts.
pub async fn run_at(
    testbed: Testbed,
    options: &Options,
    drivers: &dyn Drivers,
    (baseline, mut tell): (&Baseline, impl FnMut(&Event<'_>)),
) -> Result<Outcome> {
    let start = crate::clock::now();
    let mut first = drivers.fresh().await?;
    let mut target = first.hello().clone();
    let kind = first.kind();
    let names = [&mut target.name, &mut target.connector_version, &mut target.language];
    for told in names.into_iter().chain(&mut target.capabilities).chain(&mut target.profiles) {
        *told = plain(&masked(told), 80);
    }
    if let Some(odd) = target.key_formats.iter().find(|format| !FORMATS.contains(&format.as_str())) {
        let odd = plain(&masked(odd), 80);
        let meant = meant(&odd, FORMATS);
        bail!("{} asks for keys as `{odd}`; there are {}{meant}", kind.name(), FORMATS.join(", "));
    }
    let cases = spoken(&options.cases, &target, kind)?;
    let Usual { fails, left } = go_through_usual(&testbed, &mut *first).await;
    let patience = Patience::after(kind, left);
    tell(&Event::Began { target: &target, cases: cases.len(), fails: fails.is_some() });
    let told = Mutex::new(Told { tell, early: BTreeMap::new(), judged: Vec::new() });
    let jobs = options.jobs.clamp(1, testbed.most_jobs());
    let queue = Queue::of(cases, jobs);
    let mut spare = kept(first, drivers.one_a_case(), left).await;
    let workers = (0..jobs).map(|worker| {
        let mut driver = spare.take();
        let at = At { testbed: &testbed, drivers, kind, strict: options.strict, patience: &patience };
        let (queue, told) = (&queue, &told);
        async move {
            while let Some((place, case)) = queue.next(worker) {
                let began = crate::clock::now();
                let Judgement { verdict, evidence, replay, .. } = judge_case(case, at, &mut driver).await;
                let milliseconds = crate::clock::milliseconds_since(began);
                let judged = Judged { case: case.about(), verdict, known: None, milliseconds, evidence, replay };
                told.lock().unwrap_or_else(PoisonError::into_inner).tell(place, baseline.apply(judged));
            }
            if let Some(driver) = driver.take() {
                driver.leave().await;
            }
        }
    });
    join_all(workers).await;
    testbed.stop().await;
    let judged = told.into_inner().unwrap_or_else(PoisonError::into_inner).judged;
    let waits = judged.iter().any(|judged| judged.standing() == Standing::Inconclusive);
    Ok(Outcome {
        side: Side::Connector,
        target,
        seed: Some(options.seed),
        strict: options.strict,
        migrating_from: None,
        mend_first: fails.filter(|_| waits),
        judged,
        took: start.elapsed(),
    })
}

/// The cases of the profiles that the target speaks: of another protocol nothing can be said.
///
/// # Errors
/// When it speaks none of those that were chosen.
fn spoken(chosen: &[&'static ConnectorCase], target: &Hello, kind: Kind) -> Result<Vec<&'static ConnectorCase>> {
    let spoken: Vec<_> = chosen.iter().copied().filter(|case| target.speaks(case.profile())).collect();
    if spoken.is_empty() {
        let asked: BTreeSet<&str> = chosen.iter().map(|case| case.profile().name()).collect();
        let asked: Vec<&str> = asked.into_iter().collect();
        let speaks: Vec<String> = target.profiles.iter().map(|name| plain(name, 20)).collect();
        bail!(
            "{} says that it speaks {}, and the chosen cases are of {}: {} names what it speaks; choose cases of that, or mend it there",
            kind.name(),
            if speaks.is_empty() { "nothing".to_owned() } else { speaks.join(", ") },
            asked.join(", "),
            kind.says_in("profiles")
        );
    }
    Ok(spoken)
}

/// Results, told in the order of the table, in whatever order they come.
struct Told<F> {
    tell: F,
    /// Those that wait for one before them.
    early: BTreeMap<usize, Judged>,
    /// Those that were told.
    judged: Vec<Judged>,
}

impl<F: FnMut(&Event<'_>)> Told<F> {
    fn tell(&mut self, place: usize, judged: Judged) {
        self.early.insert(place, judged);
        while let Some(judged) = self.early.remove(&self.judged.len()) {
            (self.tell)(&Event::Done(&judged));
            self.judged.push(judged);
        }
    }
}

/// What came of one case.
struct Judgement {
    verdict: Verdict,
    /// What it rests on.
    evidence: Vec<Evidence>,
    /// What happened, where something was found.
    replay: Option<Replay>,
    /// What the driver is good for.
    left: Left,
}

impl Judgement {
    /// Nothing was shown.
    fn nothing(cause: &str, left: Left) -> Self {
        Self::of(Verdict::inconclusive(cause), left)
    }

    const fn of(verdict: Verdict, left: Left) -> Self {
        Self { verdict, evidence: Vec::new(), replay: None, left }
    }
}

/// Where cases are judged: at what, by whom, and how sternly.
#[derive(Clone, Copy)]
struct At<'r> {
    testbed: &'r Testbed,
    drivers: &'r dyn Drivers,
    kind: Kind,
    strict: bool,
    /// Whether the target is worth another case.
    patience: &'r Patience,
}

/// What marks a run's canary: no word of any language.
pub fn mark(seed: u64) -> String {
    let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31) ^ 0xA5A5_5A5A_1234_8765;
    format!("X{:010X}", mixed & 0x00FF_FFFF_FFFF)
}

/// Judges one case, with a driver that works: a new one where there is none, or the last one broke.
async fn judge_case(case: &ConnectorCase, at: At<'_>, driver: &mut Option<Box<dyn Driver>>) -> Judgement {
    if let Some(why) = at.patience.lost() {
        return Judgement::nothing(&why, Left::Late);
    }
    let usable = match driver.take() {
        Some(usable) => Ok(usable),
        None => at.drivers.fresh().await,
    };
    let mut usable = match usable {
        Ok(usable) => usable,
        Err(error) => return Judgement::nothing(&error.to_string(), Left::Broken),
    };
    let timed = tokio::time::timeout(CASE_TIME, judge_in_realm(case, at, &mut *usable)).await;
    let judgement = timed.unwrap_or_else(|_| {
        let seconds = CASE_TIME.as_secs();
        Judgement::nothing(&format!("the case took more than {seconds} seconds"), Left::Late)
    });
    at.patience.learn(judgement.left, &judgement.verdict);
    *driver = kept(usable, at.drivers.one_a_case(), judgement.left).await;
    judgement
}

/// A driver for the next case, unless it was used up; one that broke is ended without a word.
async fn kept(driver: Box<dyn Driver>, used_up: bool, left: Left) -> Option<Box<dyn Driver>> {
    match left {
        Left::Usable if used_up => driver.leave().await,
        Left::Usable => return Some(driver),
        Left::Broken | Left::Late | Left::Unstarted => {}
    }
    None
}

/// Judges one case in a realm of its own; with what happened, where something was found.
async fn judge_in_realm(case: &ConnectorCase, at: At<'_>, driver: &mut dyn Driver) -> Judgement {
    let profile = case.profile();
    if !driver.hello().speaks(profile) {
        let reason = format!("{} does not speak the profile `{profile}`", at.kind.name());
        return Judgement::of(Verdict::Skip { reason }, Left::Usable);
    }
    let name = case.id.replace('.', "-");
    let callback = driver.hello().redirect_uri.clone();
    let realm = match at.testbed.realm(case.profile(), &name, &case.realm(), callback.as_deref()).await {
        Ok(realm) => realm,
        Err(error) => return Judgement::nothing(&format!("{error:#}"), Left::Usable),
    };
    if let Err(error @ (DriverError::Died(_) | DriverError::Late(..) | DriverError::Unended { .. })) =
        driver.reset().await
    {
        let left = if matches!(error, DriverError::Died(_)) { Left::Broken } else { Left::Late };
        return Judgement::nothing(&error.to_string(), left);
    }
    let (scene, tape, target) = (realm.scene().clone(), realm.tape().clone(), driver.hello().clone());
    let taped = Taped::writing(driver, tape.clone());
    let judgement = go_through(case, at.strict, realm, taped).await;
    let found = !judgement.verdict.findings().is_empty();
    let replay = found.then(|| Replay::new(case, at.strict, target, scene, tape.entries()));
    Judgement { replay, ..judgement }
}

/// Goes through a case, at a realm and with a driver that are there, or that there is a tape of.
async fn go_through<'s>(case: &ConnectorCase, strict: bool, realm: Realm<'s>, driver: Taped<'s>) -> Judgement {
    let mut session = match Session::new(case.profile(), case.faults(), realm, driver) {
        Ok(session) => session,
        Err(error) => return Judgement::nothing(&format!("{error:#}"), Left::Usable),
    };
    let step = case.run(&mut session).await;
    let (notebook, left, realm) = session.close();
    let evidence = evidence(&notebook, &realm).await;
    let ended = realm.end().await.map_err(Stop::from);
    Judgement { evidence, ..Judgement::of(notebook.verdict(case.level, strict, step.and(ended)), left) }
}

/// What the findings of a case rest on.
async fn evidence(notebook: &Notebook, realm: &Realm<'_>) -> Vec<Evidence> {
    match notebook.grounds() {
        ([], _) => Vec::new(),
        (grounds, marks) => of_case(grounds, marks, &realm.shown().await),
    }
}

/// Judges what is in a replay file by the cases of today.
///
/// # Errors
/// When there is no such case any more.
pub async fn again(replay: Replay, strict: bool) -> Result<Judged> {
    let case = replay.known()?;
    let start = crate::clock::now();
    let (scene, target, tape, was_strict) = replay.into_parts();
    let tape = Tape::played(tape);
    let driver = Taped::playing(target, tape.clone());
    let Judgement { verdict, .. } = go_through(case, was_strict || strict, Realm::played(scene, tape), driver).await;
    let milliseconds = crate::clock::milliseconds_since(start);
    Ok(Judged { case: case.about(), verdict, known: None, milliseconds, evidence: Vec::new(), replay: None })
}
