//! What can be done to the documents of OpenID Connect: ID token and userinfo.

use super::claims::{remove, set};
use super::jws::HS256 as HS256_BY_CERTIFICATE;
use super::{Deformation, jwe, jws};
use serde_json::{Value, json};

pub(crate) const NOT_ENCRYPTED: Deformation = jwe("sends the signed document without encryption", |draft| {
    draft.instead = Some(("application/jwt", draft.signed.as_bytes().to_vec()));
});
pub(crate) const HS256: Deformation =
    Deformation { says: "signs with HS256, keyed with the public key", ..HS256_BY_CERTIFICATE };
pub(crate) const AUDIENCE_LIST: Deformation = jws("writes `aud` as a list of the client alone", |draft| {
    let client = draft.client_id.clone();
    set(draft, "aud", json!([client]));
});
pub(crate) const AUDIENCE_STRANGERS: Deformation =
    jws("writes `aud` as a list of the client and a stranger, without azp", |draft| {
        let client = draft.client_id.clone();
        set(draft, "aud", json!([client, "somebody-else"]));
    });
pub(crate) const EXP_TEXT: Deformation = jws("writes `exp` as a text", |draft| {
    draft.claims(|claims| {
        let exp = claims.get("exp").map(Value::to_string).unwrap_or_default();
        claims.insert("exp".to_owned(), exp.into());
    });
});
pub(crate) const NONCE: Deformation = jws("carries the nonce of another login", |draft| {
    set(draft, "nonce", json!("nonce-of-another-login-0123456789"));
});
pub(crate) const NONCE_LONGER: Deformation = jws("carries a nonce that goes on behind that of the login", |draft| {
    draft.claims(|claims| {
        let longer = format!("{}0", claims.get("nonce").and_then(Value::as_str).unwrap_or_default());
        claims.insert("nonce".to_owned(), longer.into());
    });
});
pub(crate) const NO_NONCE: Deformation = jws("carries no nonce", |draft| remove(draft, "nonce"));
pub(crate) const SUB_OTHER: Deformation = jws("names another `sub` than the ID token", |draft| {
    set(draft, "sub", json!("00000000-0000-4000-8000-000000000000"));
});
