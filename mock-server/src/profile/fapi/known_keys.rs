//! The keys that a client may have signed with instead of its signing key: all that a server knows, the nearest first.

use super::client;
use super::client_keys::Keys;
use crate::call::Call;
use crate::jose::ec::EcPublic;
use crate::jose::jwk_set::{JwkSet, SetKey};
use crate::jose::nested::unverified;
use crate::rule::wrong_signature::KnownKey;
use myinfo_fixtures::keys::ec;
use serde_json::Value;

/// How many keys are tried: those of very many clients are not.
const MOST: usize = 250;

/// The keys for an assertion of a client. The service's own is given: this is asked for while the memory is held.
pub(super) fn of(call: &Call<'_>, service: &EcPublic, client_id: &str, own: &JwkSet) -> Vec<KnownKey> {
    let is_own = |other: &KnownKey| own.keys.iter().any(|key| key.key.is_same(&other.key));
    let own = own.keys.iter().map(|key| {
        let what = if key.usage == "enc" { "encryption" } else { "signing" };
        known(format!("the client's {what} key `{}`", key.kid), key)
    });
    // who else has a key of the client's own is of no interest
    let others = of_others(call, client_id).chain(published()).filter(|other| !is_own(other));
    let service = KnownKey { name: "the mock's own key".to_owned(), key: service.clone() };
    own.chain(of_proof(call)).chain(others).chain([service]).take(MOST).collect()
}

/// The key of the proof that the same request carries: nothing is proved of it, and nothing need be.
fn of_proof(call: &Call<'_>) -> Option<KnownKey> {
    let header = unverified(call.incoming.headers.get("dpop")?.to_str().ok()?, 0)?;
    let key = EcPublic::from_jwk(header.get("jwk")?.as_object()?).ok()?;
    Some(KnownKey { name: "the key of the request's DPoP proof".to_owned(), key })
}

fn of_others<'a>(call: &Call<'a>, client_id: &str) -> impl Iterator<Item = KnownKey> + use<'a> {
    let client_id = client_id.to_owned();
    let others = call.book.clients.values().filter(move |other| other.id != client_id);
    let sets = others.filter_map(|other| match &client::of(other)?.keys {
        Keys::Registered(set) => Some((other.id.as_str(), set)),
        Keys::At(_) => None,
    });
    sets.flat_map(|(id, set)| set.keys.iter().map(move |key| known(format!("the key `{}` of `{id}`", key.kid), key)))
}

/// The public halves of private keys that everybody has: who signs with them has proved nothing.
fn published() -> Vec<KnownKey> {
    let set: Value = serde_json::from_str(ec::CLIENT_JWKS).unwrap_or_default();
    let keys = set.get("keys").and_then(Value::as_array).into_iter().flatten().filter_map(|jwk| {
        let kid = jwk.get("kid")?.as_str()?;
        let name = format!("the key `{kid}` that the testbed publishes with its private half");
        Some(KnownKey { name, key: EcPublic::from_jwk(jwk.as_object()?).ok()? })
    });
    keys.collect()
}

fn known(name: String, key: &SetKey) -> KnownKey {
    KnownKey { name, key: key.key.clone() }
}
