//! In which order cases are begun: those in which the target waits early, so that the others have the processor meanwhile.

use crate::case::connector::ConnectorCase;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// A case and its place in the table.
pub(super) type Placed = (usize, &'static ConnectorCase);

/// The cases that are not begun yet.
#[derive(Debug)]
pub(super) struct Queue(Mutex<Rows>);

#[derive(Debug)]
struct Rows {
    /// Those in which the target waits.
    waiting: VecDeque<Placed>,
    others: VecDeque<Placed>,
}

impl Queue {
    /// Of cases for some workers. One alone goes through the table as it stands: nothing is done meanwhile.
    pub(super) fn of(cases: Vec<&'static ConnectorCase>, workers: usize) -> Self {
        let apart = |(_, case): &Placed| workers > 1 && case.waits();
        let (waiting, others) = cases.into_iter().enumerate().partition(apart);
        Self(Mutex::new(Rows { waiting, others }))
    }

    /// The next case of a worker: every second one begins with those in which the target waits.
    pub(super) fn next(&self, worker: usize) -> Option<Placed> {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Rows { waiting, others } = &mut *rows;
        let (first, then) = if worker % 2 == 1 { (waiting, others) } else { (others, waiting) };
        first.pop_front().or_else(|| then.pop_front())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::connector::v3;

    /// The places in the order in which workers take them, by turns.
    fn taken(workers: usize) -> Vec<Placed> {
        let queue = Queue::of(v3::cases().collect(), workers);
        (0..workers).cycle().map_while(|worker| queue.next(worker)).collect()
    }

    #[test]
    fn one_worker_goes_through_the_table_as_it_stands() {
        assert!(taken(1).iter().map(|(place, _)| *place).eq(0..v3::cases().count()));
    }

    #[test]
    fn of_several_workers_every_second_begins_with_the_cases_that_wait_and_none_is_left_out() {
        let taken = taken(4);
        let waits: Vec<bool> = taken.iter().take(4).map(|(_, case)| case.waits()).collect();
        assert_eq!(waits, [false, true, false, true]);
        let mut places: Vec<usize> = taken.iter().map(|(place, _)| *place).collect();
        places.sort_unstable();
        assert!(places.into_iter().eq(0..v3::cases().count()));
        let stalled = taken.iter().position(|(_, case)| case.id == "v3.person.stalled").unwrap();
        assert!(stalled < 16, "it waits longest of all, and is the {stalled}th");
    }
}
