//! What is fetched seldom: kept for an hour, fetched by one caller while the others wait for it.

use crate::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long it is kept, in seconds. DOC, technical concepts: at least an hour, and not for ever.
const LIFETIME: u64 = 60 * 60;

/// Something fetched.
pub(crate) struct Cached<T>(Mutex<Option<Fetched<T>>>);

struct Fetched<T> {
    at: u64,
    value: Arc<T>,
}

impl<T> Cached<T> {
    pub(crate) fn empty() -> Self {
        Self(Mutex::new(None))
    }

    /// What was fetched within the hour, or is fetched now.
    pub(crate) async fn current(
        &self,
        now: u64,
        fetch: impl Future<Output = Result<T, Error>>,
    ) -> Result<Arc<T>, Error> {
        let mut slot = self.0.lock().await;
        // a clock that was set back does not make it last longer
        let fresh = |fetched: &&Fetched<T>| (fetched.at..fetched.at.saturating_add(LIFETIME)).contains(&now);
        match slot.as_ref().filter(fresh) {
            Some(fetched) => Ok(Arc::clone(&fetched.value)),
            None => Self::put(&mut slot, now, fetch.await?),
        }
    }

    /// Something newer than `stale`: fetched now, unless somebody did it meanwhile.
    pub(crate) async fn newer(
        &self,
        stale: &Arc<T>,
        now: u64,
        fetch: impl Future<Output = Result<T, Error>>,
    ) -> Result<Arc<T>, Error> {
        let mut slot = self.0.lock().await;
        match slot.as_ref().filter(|fetched| !Arc::ptr_eq(&fetched.value, stale)) {
            Some(fetched) => Ok(Arc::clone(&fetched.value)),
            None => Self::put(&mut slot, now, fetch.await?),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the arms of its callers are results")]
    fn put(slot: &mut Option<Fetched<T>>, at: u64, value: T) -> Result<Arc<T>, Error> {
        let value = Arc::new(value);
        *slot = Some(Fetched { at, value: Arc::clone(&value) });
        Ok(value)
    }
}

impl<T> fmt::Debug for Cached<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Cached")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(value: u32) -> std::future::Ready<Result<u32, Error>> {
        std::future::ready(Ok(value))
    }

    #[tokio::test]
    async fn it_is_fetched_once_an_hour() {
        let cached = Cached::empty();
        for (now, value, expected) in [(100, 1, 1), (3_699, 2, 1), (3_700, 3, 3), (7_299, 4, 3), (50, 5, 5)] {
            assert_eq!(*cached.current(now, ready(value)).await.unwrap(), expected, "at {now}");
        }
    }

    #[tokio::test]
    async fn what_is_stale_is_fetched_anew_by_one_of_those_who_found_out() {
        let cached = Cached::empty();
        let stale = cached.current(0, ready(1)).await.unwrap();
        assert_eq!(*cached.newer(&stale, 0, ready(2)).await.unwrap(), 2);
        assert_eq!(*cached.newer(&stale, 0, ready(3)).await.unwrap(), 2);
        assert_eq!(*cached.current(0, ready(4)).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let cached = Cached::empty();
        let failing = async { Err::<u32, _>(Error::Configuration("no".to_owned())) };
        assert!(cached.current(0, failing).await.is_err());
        assert_eq!(*cached.current(0, ready(1)).await.unwrap(), 1);
    }
}
