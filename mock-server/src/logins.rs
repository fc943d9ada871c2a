//! The login queue: how the next logins end, whoever starts them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Endings in the order in which they will be used: persona ids or names, or `error:…`.
#[derive(Debug, Default)]
pub(crate) struct LoginQueue(Mutex<VecDeque<String>>);

/// How many endings may wait.
pub(crate) const CAP: usize = 1_000;

impl LoginQueue {
    /// Puts endings behind those that wait; `false` where they would be too many.
    pub(crate) fn push(&self, endings: Vec<String>) -> bool {
        let mut queue = self.locked();
        if queue.len() + endings.len() > CAP {
            return false;
        }
        queue.extend(endings);
        true
    }

    /// Takes the next ending.
    pub(crate) fn take(&self) -> Option<String> {
        self.locked().pop_front()
    }

    /// What waits, next first.
    pub(crate) fn waiting(&self) -> Vec<String> {
        self.locked().iter().cloned().collect()
    }

    /// Empties the queue.
    pub(crate) fn clear(&self) {
        self.locked().clear();
    }

    fn locked(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
