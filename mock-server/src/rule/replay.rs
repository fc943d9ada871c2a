//! Which nonces were used: per client, for a window, in bounded memory.

use crate::ambient::Timestamp;
use crate::store::{ExpiringMap, Weight};
use sha2::{Digest, Sha256};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Remembers nonces as half a SHA-256 each, so that a client's 10 kB nonce costs no more than a short one. It has a lock of its
/// own, which is held while one is looked up: never while a signature is verified.
#[derive(Debug)]
pub(crate) struct NonceCache {
    seen: Mutex<ExpiringMap<[u8; 16], FirstUse>>,
}

/// When and where a nonce was first used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FirstUse {
    /// The moment of the first use.
    pub(crate) at: Timestamp,
    /// The endpoint that saw it first.
    pub(crate) endpoint: &'static str,
}

impl Weight for FirstUse {
    fn weight(&self) -> usize {
        0
    }
}

/// How many nonces are remembered; beyond that the oldest is forgotten, with a line in the log.
const CAP: usize = 65_536;

impl NonceCache {
    pub(crate) fn new() -> Self {
        Self { seen: Mutex::new(ExpiringMap::new("nonces", CAP)) }
    }

    /// When the nonce was used before, without noting anything.
    pub(crate) fn seen(&self, client: &str, nonce: &str, now: Timestamp) -> Option<FirstUse> {
        self.locked().get_mut(&fingerprint(client, nonce), now).copied()
    }

    /// Notes the nonce, or tells when it was used before. v3: a nonce may be used once for each client.
    pub(crate) fn note(&self, client: &str, nonce: &str, first: FirstUse, window_seconds: u64) -> Result<(), FirstUse> {
        let key = fingerprint(client, nonce);
        let mut seen = self.locked();
        if let Some(earlier) = seen.get_mut(&key, first.at) {
            return Err(*earlier);
        }
        seen.insert(key, first, first.at, first.at.plus_seconds(window_seconds));
        Ok(())
    }

    fn locked(&self) -> MutexGuard<'_, ExpiringMap<[u8; 16], FirstUse>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The memory in which a request's `jti` is looked up, and where and when the request came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replay<'m> {
    pub(crate) memory: &'m NonceCache,
    pub(crate) here: FirstUse,
}

/// Whose `jti` it is, and for how long it is remembered.
pub(crate) struct Jti<'j> {
    pub(crate) whose: &'j str,
    pub(crate) id: &'j str,
    pub(crate) window_seconds: u64,
}

impl Replay<'_> {
    /// A `jti` is used once: notes it where it is to be noted, or tells when it was used before.
    pub(crate) fn once(&self, jti: &Jti<'_>, note: bool) -> Result<(), String> {
        let here = self.here;
        let used = if note {
            self.memory.note(jti.whose, jti.id, here, jti.window_seconds)
        } else {
            self.memory.seen(jti.whose, jti.id, here.at).map_or(Ok(()), Err)
        };
        used.map_err(|earlier| {
            let seconds = here.at.0.saturating_sub(earlier.at.0) / 1000;
            let when = format!("{seconds} s ago, at {}, on {}", earlier.at.rfc3339(), earlier.endpoint);
            format!("this `jti` was used {when}: make a new one for every request, retries included")
        })
    }
}

fn fingerprint(client: &str, nonce: &str) -> [u8; 16] {
    let digest = Sha256::new().chain_update(client).chain_update([0]).chain_update(nonce).finalize();
    let mut half = [0; 16];
    half.copy_from_slice(digest.split_at(16).0);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(seconds: u64) -> FirstUse {
        FirstUse { at: Timestamp(seconds * 1000), endpoint: "token" }
    }

    #[test]
    fn a_nonce_is_refused_the_second_time_and_free_again_after_the_window() {
        let cache = NonceCache::new();
        assert_eq!(cache.note("APP", "n", first(0), 600), Ok(()));
        assert_eq!(cache.note("APP", "n", first(599), 600), Err(first(0)));
        assert_eq!(cache.note("APP", "n", first(600), 600), Ok(()));
    }

    #[test]
    fn two_clients_may_use_the_same_nonce() {
        let cache = NonceCache::new();
        assert_eq!(cache.note("A", "n", first(0), 600), Ok(()));
        assert_eq!(cache.note("B", "n", first(0), 600), Ok(()));
    }
}
