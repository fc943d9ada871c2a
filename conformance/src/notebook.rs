//! What a case writes down while it runs: what was found, and what was merely seen.

use crate::text::{LONGEST, plain};
use crate::verdict::{Finding, Level, Step, Stop, Verdict, Weight};
use std::sync::{Mutex, PoisonError};

/// The notes of one case under way.
#[derive(Debug)]
pub struct Notebook {
    /// What is being done now, for findings.
    situation: String,
    findings: Vec<Finding>,
    notes: Vec<String>,
    /// What repeats the request that findings rest on from here on, where the suite is the one that asks.
    curl: Mutex<Option<String>>,
}

impl Notebook {
    /// An empty one; `situation` is what is being done until a case says otherwise.
    pub fn new(situation: &str) -> Self {
        Self { situation: situation.to_owned(), findings: Vec::new(), notes: Vec::new(), curl: Mutex::default() }
    }

    /// Says what is done from here on: findings begin with it.
    pub fn when(&mut self, situation: impl Into<String>) {
        self.situation = situation.into();
    }

    /// Says what repeats the request that was sent now, as a line of the shell: findings from here on rest on it.
    pub fn repeated_by(&self, line: String) {
        *self.curl.lock().unwrap_or_else(PoisonError::into_inner) = Some(line);
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
                let curl = self.curl.lock().unwrap_or_else(PoisonError::into_inner).clone();
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
            Err(Stop::Skip(reason)) => Verdict::Skip { reason },
            Err(Stop::Inconclusive(cause)) => Verdict::inconclusive(&cause),
            Ok(()) => Verdict::of(level, strict, findings, notes),
        }
    }
}
