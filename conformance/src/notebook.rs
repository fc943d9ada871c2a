//! What a case writes down while it runs: what was found, and what was merely seen.

use crate::evidence::{Evidence, Exchange, bounded};
use crate::text::{LONGEST, plain};
use crate::verdict::{Finding, Level, Step, Stop, Verdict, Weight};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where a finding was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ground {
    /// The newest exchange of the journal when its situation began, where the suite is the one that is asked.
    pub since: u64,
    /// The exchange that it rests on, where the suite is the one that asks.
    pub exchange: Option<Exchange>,
}

/// What the suite asked last.
#[derive(Debug, Clone, Default)]
struct Asked {
    /// What repeats it.
    curl: Option<String>,
    exchange: Option<Exchange>,
}

/// The notes of one case under way.
#[derive(Debug)]
pub struct Notebook {
    /// What is being done now, for findings.
    situation: String,
    findings: Vec<Finding>,
    /// Of each finding.
    grounds: Vec<Ground>,
    /// The newest exchanges when situations began.
    marks: Vec<u64>,
    notes: Vec<String>,
    /// What findings rest on from here on, where the suite is the one that asks.
    asked: Mutex<Asked>,
}

impl Notebook {
    /// An empty one; `situation` is what is being done until a case says otherwise.
    pub fn new(situation: &str) -> Self {
        Self {
            situation: situation.to_owned(),
            findings: Vec::new(),
            grounds: Vec::new(),
            marks: Vec::new(),
            notes: Vec::new(),
            asked: Mutex::default(),
        }
    }

    /// Says what is done from here on: findings begin with it.
    pub fn when(&mut self, situation: impl Into<String>) {
        self.situation = situation.into();
    }

    /// Says which exchange is the newest now: findings from here on rest on those behind it.
    pub fn since(&mut self, newest: u64) {
        self.marks.push(newest);
    }

    /// Says what repeats the request that was sent now, as a line of the shell: findings from here on rest on it.
    pub fn repeated_by(&self, line: String) {
        *self.asked() = Asked { curl: Some(line), exchange: None };
    }

    /// The same of a request that can be shown; its answer is still to come.
    pub fn asks(&self, exchange: Exchange) {
        *self.asked() = Asked { curl: Some(exchange.curl.clone()), exchange: Some(exchange) };
    }

    /// Says what the newest request was answered.
    pub fn answered(&self, status: u16, answer: String) {
        if let Some(exchange) = &mut self.asked().exchange {
            exchange.status = Some(status);
            exchange.answer = answer;
        }
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where each finding was made, and the marks of the situations.
    pub fn grounds(&self) -> (&[Ground], &[u64]) {
        (&self.grounds, &self.marks)
    }

    /// What findings rest on, where the suite is the one that asks; findings that rest on one request together.
    pub fn evidence(&self) -> Vec<Evidence> {
        let mut all: Vec<Evidence> = Vec::new();
        for (finding, ground) in self.grounds.iter().enumerate() {
            let Some(exchange) = &ground.exchange else { continue };
            match all.iter_mut().find(|known| known.exchanges.contains(exchange)) {
                Some(known) => known.findings.push(finding),
                None => all.push(Evidence { findings: vec![finding], exchanges: vec![exchange.clone()], left_out: 0 }),
            }
        }
        bounded(all)
    }

    /// Notes something that is neither good nor bad.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Notes a finding.
    pub fn find(&mut self, expected: impl Into<String>, found: impl Into<String>) {
        self.add(&expected.into(), &found.into(), None, None);
    }

    /// Notes a finding that weighs no more than a SHOULD.
    pub fn find_light(&mut self, expected: impl Into<String>, found: impl Into<String>) {
        self.add(&expected.into(), &found.into(), Some(Weight::Light), None);
    }

    /// Notes that something came out that has to stay inside, with what is to be done about it: a violation, whatever the case is about.
    pub fn find_leak(&mut self, expected: &str, found: &str, fix: &'static str) {
        self.add(expected, found, Some(Weight::Violation), Some(fix));
    }

    /// Notes a finding, once: where the same was found before, it gets one more situation.
    fn add(&mut self, expected: &str, found: &str, weight: Option<Weight>, fix: Option<&'static str>) {
        let (expected, found) = (plain(expected, LONGEST), plain(found, LONGEST));
        let same = |known: &&mut Finding| known.expected == expected && known.found == found && known.weight == weight;
        match self.findings.iter_mut().find(same) {
            Some(known) if known.when == self.situation => {}
            Some(known) => {
                known.when.push_str("; ");
                known.when.push_str(&self.situation);
            }
            None => {
                let Asked { curl, exchange } = self.asked().clone();
                let since = self.marks.last().copied().unwrap_or_default();
                self.grounds.push(Ground { since, exchange });
                self.findings.push(Finding { when: self.situation.clone(), expected, found, weight, fix, curl });
            }
        }
    }

    /// Notes a finding unless something holds.
    pub fn expect(&mut self, holds: bool, expected: &str, found: impl FnOnce() -> String) {
        if !holds {
            self.find(expected, found());
        }
    }

    /// The same for one that weighs no more than a SHOULD.
    pub fn expect_light(&mut self, holds: bool, expected: &str, found: impl FnOnce() -> String) {
        if !holds {
            self.find_light(expected, found());
        }
    }

    /// The verdict for what was written down, and for how the case ended.
    pub fn verdict(self, level: Level, strict: bool, ended: Step) -> Verdict {
        let Self { findings, notes, .. } = self;
        match ended {
            // what was found before a stop was found all the same
            Err(_) if !findings.is_empty() => Verdict::of(level, strict, findings, notes),
            Err(Stop::Skip(reason)) => Verdict::skip(&reason),
            Err(Stop::Inconclusive(cause)) => Verdict::inconclusive(&cause),
            Ok(()) => Verdict::of(level, strict, findings, notes),
        }
    }
}
