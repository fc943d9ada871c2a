//! DPoP nonces, where the server is told to demand them: RFC 9449 §8 at PAR and token, §9 at userinfo.

use super::settings::FapiSettings;
use crate::call::Call;

/// How many seconds a nonce is given out; it is taken for as long again.
const SECONDS: u64 = 300;

/// The nonces of a realm, each with its turn: seconds since 1970, by [`SECONDS`].
#[derive(Debug, Default)]
struct Nonces(Vec<(u64, String)>);

/// The nonces that are taken now, the one that is given out first; none where none is demanded.
pub(super) fn accepted(call: &Call<'_>, settings: &FapiSettings) -> Vec<String> {
    if !settings.dpop_nonce {
        return Vec::new();
    }
    let turn = call.app.clock.now().seconds() / SECONDS;
    let mut memory = call.app.memory();
    let Nonces(nonces) = memory.of();
    // a clock that was put back makes the later ones strangers, too
    nonces.retain(|(given, _)| *given == turn || given + 1 == turn);
    if nonces.first().is_none_or(|(given, _)| *given != turn) {
        nonces.insert(0, (turn, call.app.entropy.alphanumeric(32)));
    }
    nonces.iter().map(|(_, nonce)| nonce.clone()).collect()
}
