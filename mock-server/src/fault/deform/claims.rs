//! What can be done to the claims of a signed token.

use super::super::draft::JwsDraft;
use super::{Deformation, jws};
use serde_json::{Map, Value, json};

/// An hour, in seconds.
const HOUR: i64 = 3600;

pub(crate) const EXPIRED: Deformation = jws("gives a token that expired an hour ago", |draft| {
    expire(draft, HOUR);
});
pub(crate) const EXPIRED_30_SECONDS: Deformation = jws("gives a token that expired 30 seconds ago", |draft| {
    expire(draft, 30);
});
pub(crate) const EXPIRED_15_MINUTES: Deformation = jws("gives a token that expired 15 minutes ago", |draft| {
    expire(draft, HOUR / 4);
});
pub(crate) const FUTURE_15_MINUTES: Deformation = jws("gives a token that becomes valid in 15 minutes", |draft| {
    shift_times(draft, HOUR / 4);
});
pub(crate) const FUTURE: Deformation = jws("gives a token that becomes valid in an hour", |draft| {
    shift_times(draft, HOUR);
});
pub(crate) const NO_EXP: Deformation = jws("gives a token without `exp`", |draft| remove(draft, "exp"));
pub(crate) const NO_SUB: Deformation = jws("gives a token without `sub`", |draft| remove(draft, "sub"));
pub(crate) const SUB_EMPTY: Deformation = jws("gives a token with an empty `sub`", |draft| {
    set(draft, "sub", json!(""));
});
pub(crate) const SUB_NUMBER: Deformation = jws("gives a token whose `sub` is a number", |draft| {
    set(draft, "sub", json!(60_050_480));
});
pub(crate) const SUB_PATH: Deformation = jws("gives a token whose `sub` is `../token?x=`", |draft| {
    set(draft, "sub", json!("../token?x="));
});
pub(crate) const SUB_SLASHES: Deformation = jws("gives a token whose `sub` is `a/../../%2e%2e/b#c`", |draft| {
    set(draft, "sub", json!("a/../../%2e%2e/b#c"));
});
pub(crate) const ISSUER: Deformation = jws("names another issuer", |draft| {
    set(draft, "iss", json!("https://nobody.invalid/serviceauth/myinfo-com"));
});
pub(crate) const AUDIENCE: Deformation = jws("is for another client", |draft| {
    let another = format!("{}-ANOTHER", draft.client_id);
    set(draft, "aud", json!(another));
});
pub(crate) const SCOPE: Deformation = jws("consents to nothing but the name", |draft| {
    set(draft, "scope", json!(["name"]));
});

/// Takes a claim out.
pub(crate) fn remove(draft: &mut JwsDraft, claim: &str) {
    draft.claims(|claims| {
        claims.shift_remove(claim);
    });
}

/// Gives a claim another value; adds it where it is missing.
pub(crate) fn set(draft: &mut JwsDraft, claim: &str, value: Value) {
    draft.claims(|claims| {
        claims.insert(claim.to_owned(), value);
    });
}

/// Moves the token into the past, so that it expired so many seconds ago, however long tokens live.
fn expire(draft: &mut JwsDraft, seconds_ago: i64) {
    let mut lifetime = 0;
    draft.claims(|claims| lifetime = time(claims, "exp").saturating_sub(time(claims, "iat")).cast_signed());
    shift_times(draft, -lifetime - seconds_ago);
}

/// Moves the three times of the token by seconds.
fn shift_times(draft: &mut JwsDraft, seconds: i64) {
    draft.claims(|claims| {
        for name in ["iat", "nbf", "exp"] {
            if claims.contains_key(name) {
                claims.insert(name.to_owned(), time(claims, name).saturating_add_signed(seconds).into());
            }
        }
    });
}

fn time(claims: &Map<String, Value>, name: &str) -> u64 {
    claims.get(name).and_then(Value::as_u64).unwrap_or_default()
}
