//! Access tokens that were signed here, known by their hashes: what this server wrote itself need not be verified once more.

use crate::app::App;
use crate::call::Call;
use crate::store::ExpiringMap;
use sha2::{Digest, Sha256};

/// Those of a realm. One that is forgotten is verified by its signature.
#[derive(Debug)]
struct KnownTokens(ExpiringMap<[u8; 32], ()>);

/// How many are remembered.
const CAP: usize = 10_000;

impl Default for KnownTokens {
    fn default() -> Self {
        Self(ExpiringMap::new("access tokens of FAPI", CAP))
    }
}

/// Remembers a token for the seconds that it lives.
pub(super) fn remember(call: &Call<'_>, lifetime: u64, token: &str) {
    let now = call.app.clock.now();
    let expires = now.plus_seconds(lifetime);
    call.app.memory().of::<KnownTokens>().0.insert(hash(token), (), now, expires);
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Whether this very token, its signature included, was signed here by a key that still holds.
pub(super) fn is_known(call: &Call<'_>, token: &str) -> bool {
    let now = call.app.clock.now();
    call.app.memory().of::<KnownTokens>().0.get_mut(&hash(token), now).is_some()
}

/// Forgets all: the keys changed, and each token is held against those that hold now.
pub(super) fn forget(app: &App) {
    *app.memory().of::<KnownTokens>() = KnownTokens::default();
}
