//! What can be done to a signed token or document: its signature, its header, and the form of its payload.

use super::super::draft::{JwsDraft, Who, stranger};
use super::{Deformation, jws};
use crate::jose::jwk::rsa_jwk;
use crate::jose::jws::Alg;
use serde_json::{Value, json};

pub(crate) const SIGNATURE: Deformation = jws("changes one bit of the signature", |draft| {
    draft.break_signature = true;
});
pub(crate) const KEY: Deformation = jws("signs with another key", |draft| {
    draft.by = Who::Stranger;
});
pub(crate) const NONE: Deformation = jws("says alg `none`, with an empty signature", |draft| {
    signed_as(draft, Who::Nobody, Alg::None);
});
pub(crate) const HS256: Deformation = jws("signs with HS256, keyed with the certificate", |draft| {
    signed_as(draft, Who::WhoeverHasTheCertificate, Alg::Hs256);
});
pub(crate) const RS512: Deformation = jws("signs with RS512 by the right key", |draft| {
    signed_as(draft, Who::Service, Alg::Rs512);
});
pub(crate) const PS256: Deformation = jws("signs with PS256 by the right key", |draft| {
    signed_as(draft, Who::Service, Alg::Ps256);
});
pub(crate) const JWK: Deformation = jws("embeds another key as `jwk` and signs with it", |draft| {
    let jwk = stranger().and_then(|key| rsa_jwk(&key)).unwrap_or(Value::Null);
    by_stranger(draft, "jwk", jwk);
});
pub(crate) const JKU: Deformation = jws("points to another key by `jku` and signs with it", |draft| {
    by_stranger(draft, "jku", json!("https://nobody.invalid/jwks.json"));
});
pub(crate) const X5C: Deformation = jws("embeds another certificate as `x5c` and signs with its key", |draft| {
    let body: String =
        myinfo_fixtures::keys::STRANGER_CERT_PEM.lines().filter(|line| !line.starts_with("-----")).collect();
    by_stranger(draft, "x5c", json!([body]));
});
pub(crate) const KID_UNKNOWN: Deformation = jws("names an unknown `kid`; the signature is right", |draft| {
    draft.header.insert("kid".to_owned(), json!("../../unknown"));
});
pub(crate) const PAYLOAD_NOT_JSON: Deformation = jws("carries a payload that is no JSON", |draft| {
    draft.payload = b"this is no JSON".to_vec();
});
pub(crate) const PAYLOAD_ARRAY: Deformation = jws("signs a JSON array around the person", |draft| {
    let person: Value = serde_json::from_slice(&draft.payload).unwrap_or(Value::Null);
    draft.payload = json!([person]).to_string().into_bytes();
});
pub(crate) const PAYLOAD_STRING: Deformation = jws("signs the person as a JSON string", |draft| {
    draft.payload = json!(String::from_utf8_lossy(&draft.payload)).to_string().into_bytes();
});

fn signed_as(draft: &mut JwsDraft, by: Who, alg: Alg) {
    draft.header.insert("alg".to_owned(), json!(alg.name()));
    (draft.by, draft.alg) = (by, alg);
}

fn by_stranger(draft: &mut JwsDraft, member: &str, value: Value) {
    draft.header.insert(member.to_owned(), value);
    draft.by = Who::Stranger;
}
