//! The journal: what came, what was found out about it, and what was answered; the newest exchanges of a realm.

pub(crate) mod filter;
pub(crate) mod har;
pub(crate) mod mask;
pub(crate) mod metrics;
pub(crate) mod notices;
mod request;
mod sent_keys;
mod told_error;
pub(crate) mod transaction;
pub(crate) mod view;

pub(crate) use self::request::Request;

use self::filter::Filter;
use self::metrics::Counters;
use self::notices::Notices;
use self::request::header_bytes;
use crate::ambient::Timestamp;
use crate::examination::{Examination, Link, Verdict};
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::protocol::{Event, Kind};
use crate::refusal::Refusal;
use crate::searches::Pending;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// One entry of the journal.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Counted from 1.
    pub(crate) number: u64,
    /// When it was answered, by the clock of the checks.
    pub(crate) at: Timestamp,
    pub(crate) event: Event,
    /// The transaction that it belongs to; the number of its first exchange.
    pub(crate) transaction: u64,
    pub(crate) request: Request,
    pub(crate) exam: Examination,
    pub(crate) answer: Answer,
    /// How much memory it takes.
    bytes: usize,
}

impl Exchange {
    /// When the work on it began.
    pub(crate) fn began(&self) -> Timestamp {
        self.exam.began.unwrap_or(self.at)
    }

    /// Whether the client sent this state.
    fn has_state(&self, wanted: &str) -> bool {
        self.exam.links.iter().any(|link| matches!(link, Link::State { state, .. } if state == wanted))
    }

    /// How much memory what was found out later takes.
    fn late_bytes(&self) -> usize {
        let noted = self.exam.verdicts.iter().filter_map(Verdict::noted);
        noted.filter_map(|noted| noted.late.get()).map(Refusal::bytes).sum()
    }
}

/// The newest exchanges, in bounded memory.
#[derive(Debug)]
pub(crate) struct Journal {
    cap: usize,
    ring: Mutex<Ring>,
    /// What is told of the server itself.
    pub(crate) notices: Notices,
    /// The number of the newest exchange, for those who follow.
    newest: watch::Sender<u64>,
    /// Changes whenever a search ends, for those who wait for one.
    searched: watch::Sender<u64>,
}

/// Where an exchange was written down.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    /// The number of its transaction.
    pub(crate) transaction: u64,
    /// The search that is waited for, still to be made.
    pub(crate) pending: Option<Pending>,
}

#[derive(Debug, Default)]
struct Ring {
    exchanges: VecDeque<Arc<Exchange>>,
    bytes: usize,
    last: u64,
    /// The transaction of each link, and the last exchange that mentioned it.
    links: HashMap<Link, (u64, u64)>,
    counters: Counters,
    /// The exchanges whose search has not ended.
    searched_for: BTreeSet<u64>,
}

/// The number that those who follow see when nothing more will come.
pub(crate) const CLOSED: u64 = u64::MAX;
/// How long a reader waits for searches that are under way.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many bytes of requests and answers are kept, whatever the number of exchanges.
const BYTES: usize = 16 * 1024 * 1024;

impl Journal {
    /// A journal of at most `cap` exchanges.
    pub(crate) fn new(cap: usize) -> Self {
        let (newest, searched) = (watch::Sender::new(0), watch::Sender::new(0));
        Self { cap, ring: Mutex::default(), notices: Notices::default(), newest, searched }
    }

    /// Adds an exchange: finds its transaction, or begins one. A search that is pending is waited for by who reads.
    pub(crate) fn append(
        &self,
        event: Event,
        at: Timestamp,
        request: Request,
        (mut exam, answer): (Examination, Answer),
    ) -> Entry {
        let mut ring = self.locked();
        ring.last += 1;
        let number = ring.last;
        let known = if exam.begins { None } else { exam.links.iter().find_map(|link| ring.links.get(link)) };
        let transaction = known.map_or(number, |(transaction, _)| *transaction);
        ring.links.extend(exam.links.iter().map(|link| (link.clone(), (transaction, number))));
        ring.counters.count(event, &exam, &answer);
        let pending = exam.pending.take();
        if pending.is_some() {
            ring.searched_for.insert(number);
        }
        let answered = answer.headers.iter().map(|(name, value)| header_bytes(name, value.len()));
        let answered = size_of::<Exchange>() + answer.body.len() + answered.sum::<usize>();
        let bytes = request.bytes() + exam.bytes() + answered;
        let exchange = Exchange { number, at, event, transaction, request, exam, answer, bytes };
        ring.bytes += bytes;
        ring.exchanges.push_back(Arc::new(exchange));
        while ring.exchanges.len() > self.cap || ring.bytes > BYTES {
            ring.drop_oldest();
        }
        drop(ring);
        self.newest.send_replace(number);
        Entry { number, transaction, pending }
    }

    /// Notes what a search found out about an exchange, or that none was made.
    pub(crate) fn complete(&self, number: u64, found: Refusal) {
        let mut ring = self.locked();
        ring.searched_for.remove(&number);
        let exchange = ring.exchanges.iter().find(|exchange| exchange.number == number).cloned();
        if let Some(exchange) = exchange {
            let mut noted = exchange.exam.verdicts.iter().filter_map(Verdict::noted);
            if let Some(noted) = noted.find(|noted| noted.first.rule.id == found.rule.id) {
                let _ = noted.late.set(found);
                ring.bytes += exchange.late_bytes();
            }
        }
        while ring.bytes > BYTES {
            ring.drop_oldest();
        }
        drop(ring);
        self.searched.send_modify(|times| *times += 1);
    }

    /// Waits until no exchange up to this number is searched for any more; not longer than anybody would.
    pub(crate) async fn settled(&self, until: u64) {
        let mut searched = self.searched.subscribe();
        // what comes while somebody waits is not waited for
        let until = until.min(self.locked().last);
        let wait = async {
            // marked as seen before it is looked at: what ends in between is told again
            while self.locked().searched_for.first().is_some_and(|first| *first <= until) {
                if searched.changed().await.is_err() {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(PATIENCE, wait).await;
    }

    /// The exchanges that a filter lets through, oldest first. A state is that of the whole transaction.
    pub(crate) fn select(&self, filter: &Filter) -> Vec<Arc<Exchange>> {
        self.page(filter, usize::MAX)
    }

    /// The first of them, at most so many.
    pub(crate) fn page(&self, filter: &Filter, most: usize) -> Vec<Arc<Exchange>> {
        let ring = self.locked();
        let of_state: Option<HashSet<u64>> = filter.state.as_ref().map(|wanted| {
            let with_state = ring.exchanges.iter().filter(|exchange| exchange.has_state(wanted));
            with_state.map(|exchange| exchange.transaction).collect()
        });
        let in_state =
            |exchange: &Exchange| of_state.as_ref().is_none_or(|numbers| numbers.contains(&exchange.transaction));
        let fits = |exchange: &&Arc<Exchange>| filter.lets_through(exchange) && in_state(exchange);
        ring.exchanges.iter().filter(fits).take(most).cloned().collect()
    }

    /// Ends the streams of those who follow: the server stops.
    pub(crate) fn close(&self) {
        self.newest.send_replace(CLOSED);
    }

    /// The whole transactions of the exchanges that a filter lets through, newest first. Reading what is published for
    /// everybody begins none.
    pub(crate) fn transactions(&self, filter: &Filter) -> Vec<Vec<Arc<Exchange>>> {
        let selected = self.select(filter);
        let of_logins = selected.iter().filter(|exchange| exchange.event.kind() != Some(Kind::Metadata));
        let wanted: HashSet<u64> = of_logins.map(|exchange| exchange.transaction).collect();
        let mut whole: BTreeMap<u64, Vec<Arc<Exchange>>> = BTreeMap::new();
        for exchange in self.locked().exchanges.iter().filter(|exchange| wanted.contains(&exchange.transaction)) {
            whole.entry(exchange.transaction).or_default().push(Arc::clone(exchange));
        }
        whole.into_values().rev().collect()
    }

    /// The exchange of this number, if it is still there.
    pub(crate) fn find(&self, number: u64) -> Option<Arc<Exchange>> {
        self.locked().exchanges.iter().find(|exchange| exchange.number == number).cloned()
    }

    /// Tells the number of the newest exchange whenever there is one.
    pub(crate) fn follow(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// The number of the newest exchange, and of the oldest that is still there.
    pub(crate) fn span(&self) -> (u64, u64) {
        let ring = self.locked();
        (ring.last, ring.exchanges.front().map_or(ring.last + 1, |exchange| exchange.number))
    }

    /// Forgets everything. The numbers go on, so that whoever follows misses nothing; the counters do, too.
    pub(crate) fn clear(&self) {
        self.notices.clear();
        let mut ring = self.locked();
        ring.exchanges.clear();
        ring.links.clear();
        ring.bytes = 0;
    }

    /// What was counted since the start.
    pub(crate) fn counters(&self) -> Counters {
        self.locked().counters.clone()
    }

    /// The state of another login than that with `own`, the newest.
    pub(crate) fn another_state(&self, own: &str) -> Option<String> {
        let ring = self.locked();
        ring.exchanges.iter().rev().flat_map(|exchange| &exchange.exam.links).find_map(|link| match link {
            Link::State { state, .. } if state != own => Some(state.clone()),
            Link::State { .. } | Link::RequestUri(_) | Link::Login(_) | Link::Code(_) | Link::Token(_) => None,
        })
    }

    /// The newest exchange of which something holds.
    pub(crate) fn newest_that(&self, holds: impl Fn(&Exchange) -> bool) -> Option<Arc<Exchange>> {
        self.locked().exchanges.iter().rev().find(|exchange| holds(exchange)).cloned()
    }

    /// The faults that struck in the transaction of a link.
    pub(crate) fn faults_of(&self, link: &Link) -> Vec<&'static str> {
        let ring = self.locked();
        let Some((transaction, _)) = ring.links.get(link) else { return Vec::new() };
        let of_it = ring.exchanges.iter().filter(|exchange| exchange.transaction == *transaction);
        of_it.flat_map(|exchange| exchange.exam.faults.iter().copied()).collect()
    }

    /// The parameters of the authorise request of a transaction.
    pub(crate) fn authorise_parameters(&self, link: &Link) -> Vec<(String, String)> {
        let ring = self.locked();
        let Some((transaction, _)) = ring.links.get(link) else { return Vec::new() };
        let first = ring.exchanges.iter().find(|exchange| exchange.number == *transaction);
        let pairs = first.and_then(|exchange| Pairs::parse(&exchange.request.query).ok()).unwrap_or_default();
        pairs.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn locked(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn drop_oldest(&mut self) {
        let Some(oldest) = self.exchanges.pop_front() else { return };
        self.bytes = self.bytes.saturating_sub(oldest.bytes + oldest.late_bytes());
        for link in &oldest.exam.links {
            if self.links.get(link).is_some_and(|(_, last)| *last == oldest.number) {
                self.links.remove(link);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::catalogue::EXTRA_PARAM;
    use crate::doctor::difference::Comparison;
    use crate::examination::Noted;
    use crate::refusal::Refusal;
    use crate::rule::common;
    use bytes::Bytes;
    use warp::http::{HeaderName, Method, StatusCode};

    /// What one exchange weighs.
    fn size(exam: Examination, change: impl FnOnce(&mut Request)) -> usize {
        let journal = Journal::new(10);
        let mut request = request();
        change(&mut request);
        let answer = Answer::api(StatusCode::OK, "text/plain", Bytes::new());
        journal.append(Event::Other, Timestamp(0), request, (exam, answer));
        journal.find(1).unwrap().bytes
    }

    fn request() -> Request {
        Request {
            method: Method::GET,
            origin: String::new(),
            path: String::new(),
            query: String::new(),
            headers: Vec::new(),
            body: Ok(Bytes::new()),
            peer: None,
        }
    }

    fn append(journal: &Journal, begins: bool, links: &[Link], body: usize) -> u64 {
        let exam = Examination { begins, links: links.to_vec(), ..Examination::default() };
        let answer = Answer::api(StatusCode::OK, "text/plain", vec![0; body]);
        journal.append(Event::Other, Timestamp(0), request(), (exam, answer)).transaction
    }

    fn code(text: &str) -> Link {
        Link::Code(text.to_owned())
    }

    #[test]
    fn exchanges_are_one_transaction_when_a_link_joins_them() {
        let journal = Journal::new(10);
        let state = Link::State { client: "A".into(), state: "s".into() };
        assert_eq!(append(&journal, true, &[state.clone(), code("c")], 0), 1);
        assert_eq!(append(&journal, false, &[code("c"), Link::Token("t".into())], 0), 1);
        assert_eq!(append(&journal, false, &[Link::Token("t".into())], 0), 1);
        assert_eq!(append(&journal, false, &[code("another")], 0), 4);
        assert_eq!(append(&journal, true, &[state], 0), 5, "a state that is used again is another login");
    }

    #[test]
    fn everything_that_is_remembered_of_an_exchange_counts() {
        let empty = size(Examination::default(), |_| {});
        let text = "x".repeat(100_000);
        let refusal = Refusal::malformed(common::PATH, &text).compared(Comparison::new(&*text, &*text));
        let broken =
            Examination { verdicts: vec![Verdict::Broken(Box::new(Noted::new(refusal)))], ..Examination::default() };
        assert!(size(broken, |_| {}) >= empty + 400_000, "message, hint and both sides of the comparison");
        let mut noted = Examination::default();
        (0..9_000).for_each(|_| noted.note(EXTRA_PARAM, &*text));
        assert!((4_000_000..10_000_000).contains(&size(noted, |_| {})), "of very many notes only some are kept");
        let state = Link::State { client: "A".into(), state: text.clone() };
        let linked = Examination { links: vec![state], ..Examination::default() };
        assert!(size(linked, |_| {}) >= empty + 200_000, "a state is here and where transactions are found by it");
        let name = HeaderName::from_bytes(text.split_at(1_000).0.as_bytes()).unwrap();
        let with_header = |request: &mut Request| request.headers.push((name, Box::from([0; 5_000])));
        assert!(size(Examination::default(), with_header) >= empty + 6_000);
        let with_path = |request: &mut Request| request.path.push_str(&text);
        assert!(size(Examination::default(), with_path) >= empty + 100_000);
    }

    #[test]
    fn the_ring_is_bounded_by_number_and_by_bytes_and_forgets_its_links() {
        let journal = Journal::new(3);
        for place in 0..10 {
            append(&journal, true, &[code(&place.to_string())], 0);
        }
        assert_eq!(journal.span(), (10, 8));
        assert_eq!(journal.locked().links.len(), 3);
        for _ in 0..3 {
            append(&journal, true, &[], BYTES / 2);
        }
        assert_eq!(journal.locked().exchanges.len(), 1);
        assert!(journal.locked().bytes <= BYTES);
    }
}
