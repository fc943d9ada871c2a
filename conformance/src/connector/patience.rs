//! When nothing more is tried: a target that does not answer, or does not start, case after case, costs its whole limit in each.

use super::driver::Kind;
use super::session::Left;
use crate::verdict::Verdict;
use std::sync::atomic::{AtomicUsize, Ordering};

/// After how many cases, one behind the other, no more is tried.
const MOST: usize = 3;

/// What cases told of the target so far.
#[derive(Debug)]
pub(super) struct Patience {
    kind: Kind,
    /// In how many cases, one behind the other, it did not answer in time.
    hangs: AtomicUsize,
    /// In how many cases, since something was last shown, it did not start with a configuration that it has to take.
    unstarted: AtomicUsize,
}

impl Patience {
    /// With a target in which the usual flow left its driver so.
    pub(super) fn after(kind: Kind, usual: Left) -> Self {
        let count = |left| AtomicUsize::new(usize::from(usual == left));
        Self { kind, hangs: count(Left::Late), unstarted: count(Left::Unstarted) }
    }

    /// Why no more is tried, where that is so.
    pub(super) fn lost(&self) -> Option<String> {
        let who = self.kind.name();
        if self.hangs.load(Ordering::Relaxed) >= MOST {
            return Some(format!("{who} did not answer in time in {MOST} cases before: no more of them are tried"));
        }
        (self.unstarted.load(Ordering::Relaxed) >= MOST)
            .then(|| format!("{who} did not start {MOST} times, one behind the other: it is not started again"))
    }

    /// Learns what came of a case.
    pub(super) fn learn(&self, left: Left, verdict: &Verdict) {
        match left {
            Left::Late => self.hangs.fetch_add(1, Ordering::Relaxed),
            Left::Usable | Left::Broken | Left::Unstarted => self.hangs.swap(0, Ordering::Relaxed),
        };
        // a case that was skipped says nothing of whether it starts
        match (left, verdict) {
            (Left::Unstarted, _) => self.unstarted.fetch_add(1, Ordering::Relaxed),
            (_, Verdict::Skip { .. } | Verdict::Inconclusive { .. }) => 0,
            _ => self.unstarted.swap(0, Ordering::Relaxed),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped() -> Verdict {
        Verdict::Skip { reason: "it cannot".to_owned() }
    }

    const fn passed() -> Verdict {
        Verdict::Pass { notes: Vec::new() }
    }

    #[test]
    fn what_never_starts_is_not_started_for_every_case_and_a_skipped_case_does_not_count() {
        let patience = Patience::after(Kind::Application, Left::Unstarted);
        patience.learn(Left::Unstarted, &Verdict::inconclusive("it does not start"));
        patience.learn(Left::Usable, &skipped());
        assert_eq!(patience.lost(), None);
        patience.learn(Left::Unstarted, &Verdict::inconclusive("it does not start"));
        let lost = patience.lost().unwrap();
        assert_eq!(lost, "the application did not start 3 times, one behind the other: it is not started again");
    }

    #[test]
    fn what_starts_now_and_then_is_tried_on() {
        let patience = Patience::after(Kind::Application, Left::Usable);
        for _ in 0..5 {
            patience.learn(Left::Unstarted, &Verdict::inconclusive("it does not start"));
            patience.learn(Left::Unstarted, &Verdict::inconclusive("it does not start"));
            patience.learn(Left::Usable, &passed());
        }
        assert_eq!(patience.lost(), None);
    }

    #[test]
    fn what_hangs_in_three_cases_behind_each_other_is_not_asked_again() {
        let patience = Patience::after(Kind::Driver, Left::Late);
        patience.learn(Left::Late, &Verdict::inconclusive("late"));
        patience.learn(Left::Usable, &passed());
        (0..2).for_each(|_| patience.learn(Left::Late, &Verdict::inconclusive("late")));
        assert_eq!(patience.lost(), None);
        patience.learn(Left::Late, &Verdict::inconclusive("late"));
        assert!(patience.lost().unwrap().contains("did not answer in time in 3 cases before"));
    }
}
