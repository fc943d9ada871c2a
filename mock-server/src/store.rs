//! What the server remembers between requests: login transactions, authorisation codes, revoked tokens. Bounded, expiring.

use crate::ambient::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// A map whose entries expire by the injected clock and which drops the oldest entry when it is full.
#[derive(Debug)]
pub(crate) struct ExpiringMap<K, V> {
    entries: HashMap<K, (Timestamp, V)>,
    order: VecDeque<(Timestamp, K)>,
    cap: usize,
    name: &'static str,
    overflow_was_told: bool,
}

impl<K: Hash + Eq + Clone, V> ExpiringMap<K, V> {
    /// A map of at most `cap` entries; `name` is what the log calls it when it overflows.
    pub(crate) fn new(name: &'static str, cap: usize) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), cap, name, overflow_was_told: false }
    }

    /// Stores `value` until `expires`. All entries of one map are expected to live equally long.
    pub(crate) fn insert(&mut self, key: K, value: V, now: Timestamp, expires: Timestamp) {
        self.drop_expired(now);
        if self.entries.len() >= self.cap
            && let Some((_, oldest)) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
            if !self.overflow_was_told {
                self.overflow_was_told = true;
                tracing::warn!(
                    store = self.name,
                    cap = self.cap,
                    "the store is full: from now on its oldest entries are dropped"
                );
            }
        }
        self.order.push_back((expires, key.clone()));
        self.entries.insert(key, (expires, value));
    }

    /// The entry, unless it expired.
    pub(crate) fn get_mut(&mut self, key: &K, now: Timestamp) -> Option<&mut V> {
        self.entries.get_mut(key).filter(|(expires, _)| *expires > now).map(|(_, value)| value)
    }

    /// Takes the entry out, unless it expired.
    pub(crate) fn remove(&mut self, key: &K, now: Timestamp) -> Option<V> {
        self.entries.remove(key).filter(|(expires, _)| *expires > now).map(|(_, value)| value)
    }

    fn drop_expired(&mut self, now: Timestamp) {
        while self.order.front().is_some_and(|(expires, _)| *expires <= now) {
            if let Some((expires, key)) = self.order.pop_front()
                && self.entries.get(&key).is_some_and(|(stored, _)| *stored == expires)
            {
                self.entries.remove(&key);
            }
        }
        // keys that were taken out early leave their place in the queue; they must not pile up
        if self.order.len() > 2 * self.entries.len() + 64 {
            self.order.retain(|(expires, key)| self.entries.get(key).is_some_and(|(stored, _)| stored == expires));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    #[test]
    fn an_entry_is_gone_when_its_time_is_over() {
        let mut map = ExpiringMap::new("test", 10);
        map.insert("a", 1, at(0), at(10));
        assert_eq!(map.get_mut(&"a", at(9)), Some(&mut 1));
        assert_eq!(map.get_mut(&"a", at(10)), None);
    }

    #[test]
    fn the_oldest_entry_makes_room() {
        let mut map = ExpiringMap::new("test", 2);
        for key in ["a", "b", "c"] {
            map.insert(key, (), at(0), at(10));
        }
        assert!(map.get_mut(&"a", at(1)).is_none());
        assert!(map.get_mut(&"c", at(1)).is_some());
    }

    #[test]
    fn entries_taken_out_early_leave_nothing_behind() {
        let mut map = ExpiringMap::new("test", 10);
        for number in 0..10_000_u32 {
            map.insert(number, (), at(0), at(10));
            map.remove(&number, at(1));
        }
        assert!(map.order.len() < 100, "{} places are still queued", map.order.len());
    }
}
