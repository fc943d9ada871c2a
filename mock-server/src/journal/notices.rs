//! What the journal tells of the server itself: configurations that were read again while it ran.

use crate::ambient::Timestamp;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) at: Timestamp,
    /// Whether it holds from then on.
    pub(crate) taken: bool,
    /// What changed, or why it cannot be used.
    pub(crate) says: Vec<String>,
}

/// The newest of them.
#[derive(Debug, Default)]
pub(crate) struct Notices(Mutex<VecDeque<Notice>>);

/// How many are kept.
const KEPT: usize = 50;

impl Notices {
    /// Notes one; `false` where the newest says the same.
    pub(crate) fn add(&self, notice: Notice) -> bool {
        let mut kept = self.locked();
        if kept.back().is_some_and(|newest| (newest.taken, &newest.says) == (notice.taken, &notice.says)) {
            return false;
        }
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(notice);
        true
    }

    /// Those that are kept, oldest first.
    pub(crate) fn all(&self) -> Vec<Notice> {
        self.locked().iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.locked().clear();
    }

    fn locked(&self) -> MutexGuard<'_, VecDeque<Notice>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(number: usize) -> Notice {
        Notice { at: Timestamp(0), taken: number.is_multiple_of(2), says: vec![number.to_string()] }
    }

    #[test]
    fn what_was_said_last_is_not_said_again_and_the_oldest_go() {
        let notices = Notices::default();
        assert!(notices.add(notice(1)));
        assert!(!notices.add(Notice { at: Timestamp(9), ..notice(1) }), "at another time, it is still the same");
        assert!((2..=60).all(|number| notices.add(notice(number))));
        let kept = notices.all();
        assert_eq!((kept.len(), &kept[0], &kept[49]), (50, &notice(11), &notice(60)));
    }
}
