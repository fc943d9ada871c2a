//! A client's public keys: registered as they are, or fetched from the client's own address and kept for an hour.

use super::api::Api;
use super::caller::{Caller, claimed_client};
use super::client;
use super::settings::{FapiSettings, JwksFetching};
use crate::ambient::Timestamp;
use crate::app::App;
use crate::call::Call;
use crate::config::ClientRegistration;
use crate::fetch::{Fetching, Trouble, fetch};
use crate::http::exchange::Incoming;
use crate::http::pairs::Pairs;
use crate::jose::jwk_set::JwkSet;
use crate::jose::nested::unverified;
use crate::refusal::Refusal;
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use warp::http::header;

/// Where the keys of a client are.
#[derive(Debug, Clone)]
pub(super) enum Keys {
    /// In its registration.
    Registered(Arc<JwkSet>),
    /// At this address.
    At(String),
}

/// The keys of a client, and what is to be known of where they came from.
#[derive(Debug, Clone)]
pub(in crate::profile) struct KnownKeys {
    pub(in crate::profile) set: Arc<JwkSet>,
    /// A sentence for whoever misses a key in the set; empty where nothing needs to be said.
    pub(super) origin: String,
}

/// The keys of a client, as they are registered or were fetched [`beforehand`].
pub(in crate::profile) fn of(
    call: &Call<'_>,
    settings: &FapiSettings,
    caller: Caller<'_>,
    api: &Api,
) -> Result<KnownKeys, Refusal> {
    let url = match &caller.own.keys {
        Keys::Registered(set) => return Ok(KnownKeys { set: Arc::clone(set), origin: String::new() }),
        Keys::At(url) => url,
    };
    let kept = call.app.memory().of::<KeptSets>().at(url);
    let found = kept.last().unwrap_or(Err(NoKeys::NotFetched)).map_err(|problem| refusal(api, url, &problem))?;
    let age = call.app.clock.now().seconds().saturating_sub(found.at.seconds());
    let origin = format!(
        "; the set was fetched from {url} {age} s ago, and is fetched again when it is {} s old, as Singpass does it",
        settings.jwks.cache_seconds
    );
    Ok(KnownKeys { set: found.set, origin })
}

/// Fetches the set of the client that a request names, where it has to be: before the request is worked on, so that whoever
/// waits for a slow server holds up nobody else.
pub(super) fn beforehand(app: &Arc<App>, incoming: &Incoming) -> Option<BoxFuture<'static, ()>> {
    fetched(app, || named_client(incoming))
}

/// The same for a client that is named in a way of its own; where no client's set is elsewhere, nobody looks who is named.
pub(in crate::profile) fn fetched(
    app: &Arc<App>,
    named: impl FnOnce() -> Option<String>,
) -> Option<BoxFuture<'static, ()>> {
    let settings = FapiSettings::of(&app.config)?;
    let book = app.book();
    let elsewhere = |client: &ClientRegistration| client::of(client).is_some_and(|own| matches!(own.keys, Keys::At(_)));
    if !book.clients.values().any(elsewhere) {
        return None;
    }
    let Keys::At(url) = &client::of(book.client(&named()?)?)?.keys else { return None };
    let (url, jwks, now) = (url.clone(), settings.jwks.clone(), app.clock.now());
    let kept = app.memory().of::<KeptSets>().at(&url);
    Some(Box::pin(async move {
        let fresh = |set: &FetchedSet| now.seconds().saturating_sub(set.at.seconds()) < jwks.cache_seconds;
        kept.refresh(fresh, read(&url, &jwks, now)).await;
    }))
}

/// The client that a request says it is of: nothing is proved yet.
pub(in crate::profile) fn named_client(incoming: &Incoming) -> Option<String> {
    if let Some(token) = incoming.headers.get(header::AUTHORIZATION) {
        let (_, token) = token.to_str().ok()?.split_once(' ')?;
        return Some(unverified(token.trim(), 1)?.get("client_id")?.as_str()?.to_owned());
    }
    let form = Pairs::parse(std::str::from_utf8(incoming.body.as_ref().ok()?).ok()?).ok()?;
    let named = form.value("client_id").map(str::to_owned);
    named.or_else(|| claimed_client(form.value("client_assertion")?))
}

/// Fetches and reads a set.
async fn read(url: &str, jwks: &JwksFetching, now: Timestamp) -> Result<FetchedSet, NoKeys> {
    let how = Fetching {
        patience: Duration::from_secs(jwks.patience_seconds),
        tries: jwks.tries,
        authority_pem: jwks.authority_pem.as_deref(),
    };
    let text = fetch(url, how).await.map_err(NoKeys::Unreachable)?;
    let set = JwkSet::read(&text).map_err(NoKeys::Unusable)?;
    tracing::info!(url, keys = set.keys.len(), "fetched a client's JWK Set");
    Ok(FetchedSet { set: Arc::new(set), at: now })
}

/// A server that cannot be reached is 502 (partner support's table of statuses); a set that cannot be used makes the
/// client unknown (DOC, 1. Authorization request, `invalid_client`).
fn refusal(api: &Api, url: &str, problem: &NoKeys) -> Refusal {
    match problem {
        NoKeys::Unreachable(trouble) => {
            (api.unreachable)(api.keys, format!("the client's JWK Set at {url} could not be fetched: {trouble}"))
        }
        NoKeys::Unusable(problems) => {
            let told = problems.iter().take(10).map(String::as_str).collect::<Vec<_>>().join("; ");
            (api.invalid_client)(api.keys, format!("the client's JWK Set at {url} cannot be used: {told}"))
        }
        NoKeys::NotFetched => (api.unreachable)(api.keys, format!("the client's JWK Set at {url} was not fetched")),
    }
}

/// Why there are no keys.
#[derive(Debug, Clone, PartialEq, Eq)]
enum NoKeys {
    Unreachable(Trouble),
    Unusable(Vec<String>),
    /// Nobody fetched it: a doctor without a network.
    NotFetched,
}

/// A set, and when it was fetched.
#[derive(Debug, Clone)]
struct FetchedSet {
    set: Arc<JwkSet>,
    at: Timestamp,
}

/// The sets that were fetched, by address.
#[derive(Debug, Default)]
struct KeptSets(BTreeMap<String, Arc<Kept>>);

/// How many addresses are remembered. Clients that are registered again and again with other addresses do not pile up.
const ADDRESSES: usize = 1_000;

impl KeptSets {
    fn at(&mut self, url: &str) -> Arc<Kept> {
        if self.0.len() >= ADDRESSES && !self.0.contains_key(url) {
            self.0.clear();
        }
        Arc::clone(self.0.entry(url.to_owned()).or_default())
    }
}

/// What is known of one address. It is fetched once for all who want it at the same time.
#[derive(Debug, Default)]
struct Kept {
    turn: tokio::sync::Mutex<()>,
    fetches: AtomicU64,
    last: Mutex<Option<Result<FetchedSet, NoKeys>>>,
}

impl Kept {
    fn last(&self) -> Option<Result<FetchedSet, NoKeys>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fetches, unless the last set is fresh. Who waited for somebody else's fetch shares what came of it.
    async fn refresh(
        &self,
        fresh: impl FnOnce(&FetchedSet) -> bool,
        fetch: impl Future<Output = Result<FetchedSet, NoKeys>>,
    ) {
        let before = self.fetches.load(Ordering::SeqCst);
        let _turn = self.turn.lock().await;
        let waited = self.fetches.load(Ordering::SeqCst) > before;
        let enough = self.last().is_some_and(|last| last.map_or(waited, |set| fresh(&set)));
        if enough {
            return;
        }
        let fetched = fetch.await;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(fetched);
        self.fetches.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::future::{Ready, ready};
    use tokio::sync::Semaphore;

    fn good() -> Ready<Result<FetchedSet, NoKeys>> {
        ready(Ok(FetchedSet { set: Arc::default(), at: Timestamp(0) }))
    }

    fn bad() -> Ready<Result<FetchedSet, NoKeys>> {
        ready(Err(NoKeys::Unreachable(Trouble::Text)))
    }

    #[tokio::test]
    async fn a_set_is_fetched_again_only_when_it_is_old_and_a_failure_is_not_kept() {
        let kept = Kept::default();
        assert!(kept.last().is_none());
        kept.refresh(|_| true, bad()).await;
        assert!(kept.last().unwrap().is_err());
        kept.refresh(|_| true, good()).await;
        assert!(kept.last().unwrap().is_ok(), "the failure is over");
        kept.refresh(|_| true, bad()).await;
        assert!(kept.last().unwrap().is_ok(), "it is fresh");
        kept.refresh(|_| false, bad()).await;
        assert!(kept.last().unwrap().is_err(), "it was old");
    }

    #[tokio::test]
    async fn those_who_wait_share_one_fetch_and_its_failure() {
        let (kept, begun, may_end) = (Kept::default(), AtomicU64::new(0), Semaphore::new(0));
        let fetch = || async {
            begun.fetch_add(1, Ordering::SeqCst);
            may_end.acquire().await.unwrap().forget();
            bad().await
        };
        let all = join_all((0..20).map(|_| kept.refresh(|_| true, fetch())));
        // polled in turn: when this one's turn comes, all twenty wait
        futures_util::future::join(all, async { may_end.add_permits(20) }).await;
        assert_eq!(begun.load(Ordering::SeqCst), 1);
        assert!(kept.last().unwrap().is_err());
    }
}
