//! Searches for what a client did wrong, after its answer went out: one thread for all of a server, and a bounded queue.

use crate::refusal::Refusal;
use crate::rule::Rule;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// How many searches of one client wait at once.
pub(crate) const OF_A_CLIENT: usize = 16;
/// How many wait in all.
const IN_ALL: usize = 64;

/// What a refusal says as long as its search is not done.
pub(crate) const UNDER_WAY: &str = "; what was done instead is being searched for: read this exchange again";
/// What it says where none was made.
pub(crate) const NOT_MADE: &str =
    "; what was done instead was not searched for, as too many searches waited: send the request again by itself";

/// A search for what is wrong with a request, which its answer need not wait for.
pub(crate) struct Pending {
    /// The broken rule whose refusal it completes.
    pub(crate) rule: &'static Rule,
    search: Box<dyn FnOnce() -> Refusal + Send + Sync>,
}

impl Pending {
    pub(crate) fn new(rule: &'static Rule, search: impl FnOnce() -> Refusal + Send + Sync + 'static) -> Self {
        Self { rule, search: Box::new(search) }
    }

    /// Searches, and gives back the whole refusal.
    pub(crate) fn run(self) -> Refusal {
        (self.search)()
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pending({})", self.rule.id)
    }
}

/// Something to do, and the client for which.
struct Job {
    client: String,
    work: Box<dyn FnOnce() + Send>,
}

/// The queue in front of the one thread, which begins with the first search and ends with the queue.
#[derive(Default)]
pub(crate) struct Searches {
    queue: OnceLock<Option<SyncSender<Job>>>,
    waiting: Arc<Waiting>,
}

/// How many searches of each client wait or run.
#[derive(Default)]
struct Waiting(Mutex<BTreeMap<String, usize>>);

impl Searches {
    /// Queues a search. Where too many wait, `work` is dropped.
    pub(crate) fn add(&self, client: &str, work: impl FnOnce() + Send + 'static) {
        let Some(queue) = self.queue.get_or_init(|| start(Arc::clone(&self.waiting))) else { return };
        if !self.waiting.enter(client) {
            return;
        }
        let job = Job { client: client.to_owned(), work: Box::new(work) };
        if queue.try_send(job).is_err() {
            self.waiting.leave(client);
        }
    }
}

impl fmt::Debug for Searches {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Searches")
    }
}

impl Waiting {
    /// Counts one more of a client; `false` where it has too many.
    fn enter(&self, client: &str) -> bool {
        let mut waiting = self.locked();
        let count = waiting.entry(client.to_owned()).or_default();
        let has_room = *count < OF_A_CLIENT;
        *count += usize::from(has_room);
        has_room
    }

    fn leave(&self, client: &str) {
        let mut waiting = self.locked();
        if let Some(count) = waiting.get_mut(client) {
            *count -= 1;
        }
        // nothing is remembered of a client that has none
        waiting.retain(|_, count| *count > 0);
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread; nothing where the system has none left.
fn start(waiting: Arc<Waiting>) -> Option<SyncSender<Job>> {
    let (queue, jobs) = sync_channel(IN_ALL);
    let thread = std::thread::Builder::new().name("searches".to_owned());
    thread.spawn(move || work_off(&jobs, &waiting)).ok().map(|_| queue)
}

fn work_off(jobs: &Receiver<Job>, waiting: &Waiting) {
    for Job { client, work } in jobs {
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!("a search did not finish: please report this as a bug of the mock");
        }
        waiting.leave(&client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_client_has_so_many_searches_and_another_one_still_has_its_own() {
        let (searches, (release, held), (done, all)) = (Searches::default(), channel::<()>(), channel());
        searches.add("A", move || held.recv().unwrap_or_default());
        for number in 0..40 {
            let done = done.clone();
            searches.add("A", move || done.send(("A", number)).unwrap());
        }
        let of_another = done.clone();
        searches.add("B", move || of_another.send(("B", 0)).unwrap());
        drop((release, done));
        let done: Vec<_> = all.iter().collect();
        let of_the_first = (0..40).take(OF_A_CLIENT - 1);
        let expected: Vec<_> = of_the_first.map(|number| ("A", number)).chain([("B", 0)]).collect();
        assert_eq!(done, expected, "what waits is done in its order, what is too much never");
    }

    #[test]
    fn no_more_wait_in_all_than_there_is_room_for() {
        let (searches, (release, held), (done, all)) = (Searches::default(), channel::<()>(), channel());
        let (begun, has_begun) = channel();
        searches.add("held", move || {
            begun.send(()).unwrap();
            held.recv().unwrap_or_default();
        });
        has_begun.recv().unwrap();
        for number in 0..200 {
            let done = done.clone();
            searches.add(&format!("client {number}"), move || done.send(number).unwrap());
        }
        drop((release, done));
        assert_eq!(all.iter().count(), IN_ALL);
        assert!(searches.waiting.locked().len() <= 1, "nothing is remembered of those that are done");
    }

    #[test]
    fn a_search_that_panics_ends_no_other() {
        let (searches, (done, all)) = (Searches::default(), channel());
        searches.add("A", || panic!("as a test"));
        searches.add("A", move || done.send(()).unwrap());
        assert_eq!(all.iter().count(), 1);
    }
}
