//! What the server remembers between requests: login transactions, authorisation codes, revoked tokens. Bounded in number
//! and in bytes, expiring.

use crate::ambient::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

/// How much memory a value takes beside its own fields: texts, lists.
pub(crate) trait Weight {
    fn weight(&self) -> usize;
}

impl Weight for () {
    fn weight(&self) -> usize {
        0
    }
}

impl Weight for String {
    fn weight(&self) -> usize {
        self.capacity()
    }
}

impl<const N: usize> Weight for [u8; N] {
    fn weight(&self) -> usize {
        0
    }
}

impl<T: Weight> Weight for Arc<T> {
    fn weight(&self) -> usize {
        size_of::<T>() + T::weight(self)
    }
}

/// How many bytes the entries of one store may take, whatever their number.
const BYTES: usize = 8 * 1024 * 1024;

/// A map whose entries expire by the injected clock and which drops the oldest entry when it is full.
#[derive(Debug)]
pub(crate) struct ExpiringMap<K, V> {
    entries: HashMap<K, Entry<V>>,
    order: VecDeque<(Timestamp, K)>,
    cap: usize,
    /// What the entries weigh together.
    bytes: usize,
    name: &'static str,
    overflow_was_told: bool,
}

#[derive(Debug)]
struct Entry<V> {
    expires: Timestamp,
    bytes: usize,
    value: V,
}

impl<K: Hash + Eq + Clone + Weight, V: Weight> ExpiringMap<K, V> {
    /// A map of at most `cap` entries; `name` is what the log calls it when it overflows.
    pub(crate) fn new(name: &'static str, cap: usize) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), cap, bytes: 0, name, overflow_was_told: false }
    }

    /// Stores `value` until `expires`. All entries of one map are expected to live equally long.
    pub(crate) fn insert(&mut self, key: K, value: V, now: Timestamp, expires: Timestamp) {
        self.drop_expired(now);
        self.take(&key);
        // the key stands in the queue as well
        let bytes = 2 * (size_of::<K>() + key.weight()) + size_of::<Entry<V>>() + value.weight();
        while self.entries.len() >= self.cap || self.bytes + bytes > BYTES {
            let Some((end, oldest)) = self.order.pop_front() else { break };
            if self.entries.get(&oldest).is_some_and(|entry| entry.expires == end) {
                self.take(&oldest);
                self.tell_overflow();
            }
        }
        self.order.push_back((expires, key.clone()));
        self.bytes += bytes;
        self.entries.insert(key, Entry { expires, bytes, value });
    }

    /// The entry, unless it expired.
    pub(crate) fn get_mut(&mut self, key: &K, now: Timestamp) -> Option<&mut V> {
        self.entries.get_mut(key).filter(|entry| entry.expires > now).map(|entry| &mut entry.value)
    }

    /// What is there, in no order; what expired may be among it.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.values().map(|entry| &entry.value)
    }

    /// Takes the entry out, unless it expired.
    pub(crate) fn remove(&mut self, key: &K, now: Timestamp) -> Option<V> {
        self.take(key).filter(|entry| entry.expires > now).map(|entry| entry.value)
    }

    fn take(&mut self, key: &K) -> Option<Entry<V>> {
        let entry = self.entries.remove(key)?;
        self.bytes -= entry.bytes;
        Some(entry)
    }

    fn tell_overflow(&mut self) {
        if !self.overflow_was_told {
            self.overflow_was_told = true;
            tracing::warn!(
                store = self.name,
                cap = self.cap,
                bytes = BYTES,
                "the store is full: from now on its oldest entries are dropped"
            );
        }
    }

    fn drop_expired(&mut self, now: Timestamp) {
        while self.order.front().is_some_and(|(expires, _)| *expires <= now) {
            if let Some((expires, key)) = self.order.pop_front()
                && self.entries.get(&key).is_some_and(|entry| entry.expires == expires)
            {
                self.take(&key);
            }
        }
        // keys that were taken out early leave their place in the queue; they must not pile up
        if self.order.len() > 2 * self.entries.len() + 64 {
            self.order.retain(|(expires, key)| self.entries.get(key).is_some_and(|entry| entry.expires == *expires));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    fn key(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn an_entry_is_gone_when_its_time_is_over() {
        let mut map = ExpiringMap::new("test", 10);
        map.insert(key("a"), [1], at(0), at(10));
        assert_eq!(map.get_mut(&key("a"), at(9)), Some(&mut [1]));
        assert_eq!(map.get_mut(&key("a"), at(10)), None);
    }

    #[test]
    fn the_oldest_entry_makes_room() {
        let mut map = ExpiringMap::new("test", 2);
        for name in ["a", "b", "c"] {
            map.insert(key(name), (), at(0), at(10));
        }
        assert!(map.get_mut(&key("a"), at(1)).is_none());
        assert!(map.get_mut(&key("c"), at(1)).is_some());
    }

    #[test]
    fn large_entries_make_room_before_they_are_many() {
        let mut map = ExpiringMap::new("test", 10_000);
        for number in 0..1_000 {
            map.insert(key(&number.to_string()), "x".repeat(60_000), at(0), at(10));
        }
        let kept: usize = map.entries.values().map(|entry| entry.value.len()).sum();
        assert!((BYTES / 2..=BYTES).contains(&kept), "{kept} bytes are kept");
        assert!(map.get_mut(&key("999"), at(1)).is_some(), "the newest is there");
        for number in 0..1_000 {
            map.remove(&key(&number.to_string()), at(1));
        }
        assert_eq!(map.bytes, 0, "what was taken out is not counted any more");
    }

    #[test]
    fn an_entry_that_is_put_again_counts_once() {
        let mut map = ExpiringMap::new("test", 10);
        map.insert(key("a"), "x".repeat(1_000), at(0), at(10));
        let once = map.bytes;
        map.insert(key("a"), "x".repeat(1_000), at(1), at(11));
        assert_eq!(map.bytes, once);
        map.insert(key("b"), String::new(), at(10), at(20));
        assert!(map.get_mut(&key("a"), at(10)).is_some(), "its first end is not its end");
    }

    #[test]
    fn entries_taken_out_early_leave_nothing_behind() {
        let mut map = ExpiringMap::new("test", 10);
        for number in 0..10_000_u32 {
            map.insert(number.to_be_bytes(), (), at(0), at(10));
            map.remove(&number.to_be_bytes(), at(1));
        }
        assert!(map.order.len() < 100, "{} places are still queued", map.order.len());
    }
}
