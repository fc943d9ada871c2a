//! The realms of a server: the default one, and those made by the admin API, each with a state of its own.

use crate::app::App;
use crate::config::Secret;
use crate::http::exchange::{Answer, Base, plain_error};
use crate::page::missing;
use crate::text::meant;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::{Request, StatusCode, Uri};

/// Everything that a server serves.
#[derive(Debug)]
pub(crate) struct Realms {
    /// The realm without a name, as it is configured now.
    default: RwLock<Arc<App>>,
    named: RwLock<Named>,
    /// The certificate of the mock's own authority, where TLS is served with it.
    pub(crate) authority_pem: Option<String>,
    /// What the admin API and its pages ask for, where they can be reached from elsewhere.
    pub(crate) admin_token: Option<Secret>,
}

/// The realms beside the default one.
#[derive(Debug, Default)]
struct Named {
    realms: BTreeMap<String, Arc<App>>,
    ended: Ended,
}

/// How many lives realms had that were removed, by name: a token of theirs is none of the next one's.
#[derive(Debug, Default)]
struct Ended {
    lives: BTreeMap<String, u64>,
    /// More than any name had that is no longer remembered.
    forgotten: u64,
}

impl Ended {
    fn of(&self, name: &str) -> u64 {
        self.lives.get(name).copied().unwrap_or(self.forgotten)
    }

    fn note(&mut self, name: &str, lives: u64) {
        if self.lives.len() >= ENDED {
            let most = std::mem::take(&mut self.lives).into_values().max();
            self.forgotten = self.forgotten.max(most.unwrap_or_default());
        }
        self.lives.insert(name.to_owned(), lives);
    }
}

/// Of how many removed realms the names are remembered.
const ENDED: usize = 10_000;

/// What the paths of a realm begin with.
pub(crate) const PREFIX: &str = "/_realm/";
/// What everybody calls the realm without a name; none can be made of this name.
pub(crate) const DEFAULT: &str = "default";
/// How many realms there may be beside the default one.
const CAP: usize = 256;

/// The realm that a request entered.
pub(crate) fn entered() -> BoxedFilter<(Arc<App>,)> {
    warp::ext::get::<Arc<App>>().boxed()
}

impl Realms {
    pub(crate) fn new(default: Arc<App>, authority_pem: Option<String>, admin_token: Option<Secret>) -> Self {
        Self { default: RwLock::new(default), named: RwLock::default(), authority_pem, admin_token }
    }

    /// The realm without a name.
    pub(crate) fn default(&self) -> Arc<App> {
        Arc::clone(&self.default.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Configures the realm without a name anew. Exchanges under way finish as they began.
    pub(crate) fn replace_default(&self, app: App) {
        *self.default.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(app);
    }

    /// Adds a realm; says why not, where the name is taken or there are too many.
    pub(crate) fn add(&self, name: &str, app: Arc<App>) -> Result<(), String> {
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        if named.realms.contains_key(name) {
            return Err(format!("the realm `{name}` exists: take another name, or DELETE it first"));
        }
        if named.realms.len() >= CAP {
            return Err(format!("there are {CAP} realms, and there can be no more: DELETE one first"));
        }
        app.begin(name, named.ended.of(name));
        named.realms.insert(name.to_owned(), app);
        Ok(())
    }

    /// Removes a realm; `false` where there is none of this name. Exchanges under way finish.
    pub(crate) fn remove(&self, name: &str) -> bool {
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        let Some(app) = named.realms.remove(name) else { return false };
        named.ended.note(name, app.memory().generation.number() + 1);
        true
    }

    /// The realms by name; the default one has an empty name.
    pub(crate) fn all(&self) -> Vec<(String, Arc<App>)> {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        let others = named.realms.iter().map(|(name, app)| (name.clone(), Arc::clone(app)));
        std::iter::once((String::new(), self.default())).chain(others).collect()
    }

    /// There is no realm of this name; what to do, and the name that was probably meant.
    fn missing(&self, name: &str) -> String {
        if name.eq_ignore_ascii_case(DEFAULT) {
            return format!("the default realm has no name: leave `{PREFIX}{name}` out of the address");
        }
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        let near = meant(name, named.realms.keys().map(String::as_str));
        let shown: String = name.chars().take(60).collect();
        format!("there is no realm `{shown}`: make it with POST /_mock/realms{near}")
    }

    /// Leads a request into its realm: notes which, and takes the realm's part out of the address.
    pub(crate) fn enter<B>(&self, request: &mut Request<B>) -> Result<(), Answer> {
        let Some(rest) = request.uri().path().strip_prefix(PREFIX) else {
            request.extensions_mut().insert(Base::default());
            request.extensions_mut().insert(self.default());
            return Ok(());
        };
        let (name, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (name, path) = (name.to_owned(), if path.is_empty() { "/".to_owned() } else { path.to_owned() });
        let found = self.named.read().unwrap_or_else(PoisonError::into_inner).realms.get(&name).cloned();
        let Some(app) = found else {
            let message = self.missing(&name);
            let wanted = missing::is_wanted(request.method(), &path, request.headers());
            let page = wanted.then(|| missing::page(StatusCode::NOT_FOUND, &message, "")).flatten();
            return Err(page.unwrap_or_else(|| plain_error(StatusCode::NOT_FOUND, &message)));
        };
        let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
        if let Ok(inner) = format!("{path}{query}").parse::<Uri>() {
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = inner.into_parts().path_and_query;
            if let Ok(uri) = Uri::from_parts(parts) {
                *request.uri_mut() = uri;
            }
        }
        request.extensions_mut().insert(Base(format!("{PREFIX}{name}")));
        request.extensions_mut().insert(app);
        Ok(())
    }
}
