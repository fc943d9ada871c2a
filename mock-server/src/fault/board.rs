//! Which faults are armed: for how many times, for which client.

use super::draft::{DataDraft, JweDraft, JwsDraft, RedirectDraft, ReplyDraft};
use super::{Change, Fault, Stage, When};
use crate::examination::Examination;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A fault that waits for its moment.
#[derive(Debug, Clone)]
pub(crate) struct Armed {
    pub(crate) fault: &'static Fault,
    /// How many times it will strike; nothing means for ever.
    pub(crate) left: Option<u32>,
    /// The only client that it strikes; nothing means any.
    pub(crate) client: Option<String>,
}

/// The armed faults of a realm.
#[derive(Debug, Default)]
pub(crate) struct FaultBoard {
    /// Whether anything is armed at all: the only thing that the happy path looks at.
    any: AtomicBool,
    armed: Mutex<Vec<Armed>>,
}

/// How many faults may be armed at once.
pub(crate) const CAP: usize = 1_000;

impl FaultBoard {
    /// Arms a fault behind those that are armed; `false` where there are too many.
    pub(crate) fn arm(&self, armed: Armed) -> bool {
        let mut board = self.locked();
        if board.len() >= CAP {
            return false;
        }
        board.push(armed);
        self.any.store(true, Ordering::Release);
        true
    }

    /// What is armed, in the order in which it strikes.
    pub(crate) fn armed(&self) -> Vec<Armed> {
        self.locked().clone()
    }

    /// Disarms one fault, or tells that it was not armed.
    pub(crate) fn disarm(&self, id: &str) -> bool {
        let mut board = self.locked();
        let before = board.len();
        board.retain(|armed| armed.fault.id != id);
        let found = board.len() < before;
        self.any.store(!board.is_empty(), Ordering::Release);
        found
    }

    /// Disarms everything.
    pub(crate) fn disarm_all(&self) {
        self.locked().clear();
        self.any.store(false, Ordering::Release);
    }

    /// Changes a redirect.
    pub(crate) fn redirect(&self, stage: Stage, draft: &mut RedirectDraft, exam: &mut Examination) {
        if let Some(change) = self.strike(stage, exam, Change::redirect) {
            change(draft);
        }
    }

    /// Changes an HTTP answer, if a fault of this stage and moment is armed. Whether it did.
    pub(crate) fn reply(&self, stage: Stage, when: When, draft: &mut ReplyDraft, exam: &mut Examination) -> bool {
        let change = self.strike(stage, exam, |change| change.reply(when));
        change.map(|change| change(draft)).is_some()
    }

    /// Changes what is signed.
    pub(crate) fn jws(&self, stage: Stage, draft: &mut JwsDraft, exam: &mut Examination) {
        if let Some(change) = self.strike(stage, exam, Change::jws) {
            change(draft);
        }
    }

    /// Changes what is encrypted.
    pub(crate) fn jwe(&self, stage: Stage, draft: &mut JweDraft, exam: &mut Examination) {
        if let Some(change) = self.strike(stage, exam, Change::jwe) {
            change(draft);
        }
    }

    /// Changes a person's data.
    pub(crate) fn data(&self, stage: Stage, draft: &mut DataDraft<'_>, exam: &mut Examination) {
        if let Some(change) = self.strike(stage, exam, Change::data) {
            change(draft);
        }
    }

    /// Whether anything is armed.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// The rules that the server overlooks now, each with the client for which.
    pub(crate) fn oversights(&self) -> Vec<(&'static str, Option<String>)> {
        if !self.any() {
            return Vec::new();
        }
        let board = self.locked();
        let oversight = |armed: &Armed| {
            let Change::Overlooks(rule) = armed.fault.change else { return None };
            Some((rule.id, armed.client.clone()))
        };
        board.iter().filter_map(oversight).collect()
    }

    /// Counts the oversights that an examination made use of.
    pub(crate) fn overlooked(&self, exam: &mut Examination) {
        let used: Vec<&'static str> = exam.overlooked_rules().collect();
        for id in used {
            self.strike(Stage::Acceptance, exam, |change| {
                matches!(change, Change::Overlooks(rule) if rule.id == id).then_some(())
            });
        }
    }

    /// What the first armed fault that fits does; it is used up by this.
    ///
    /// It fits where stage, profile and client are its own, and where `pick` finds in it what is wanted.
    fn strike<T>(&self, stage: Stage, exam: &mut Examination, pick: impl Fn(Change) -> Option<T>) -> Option<T> {
        if !self.any() {
            return None;
        }
        let mut board = self.locked();
        let (place, found) = board.iter().enumerate().find_map(|(place, armed)| {
            let here = armed.fault.stage == stage
                && armed.fault.profile == exam.profile
                && armed.client.as_ref().is_none_or(|client| exam.client.as_ref() == Some(client));
            Some((place, pick(armed.fault.change).filter(|_| here)?))
        })?;
        let armed = board.get_mut(place)?;
        let fault = armed.fault;
        if let Some(left) = &mut armed.left {
            *left -= 1;
            if *left == 0 {
                board.remove(place);
                self.any.store(!board.is_empty(), Ordering::Release);
            }
        }
        drop(board);
        exam.faults.push(fault.id);
        Some(found)
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
