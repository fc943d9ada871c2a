//! Faults of the discovery document and of the service's JWK Set.

use crate::fault::deform::json::members;
use crate::fault::deform::{Deformation, after, reply};
use crate::fault::{Fault, faults};
use serde_json::{Value, json};

const DISCOVERY: &str = "DOC, Technical concepts, discovery";
const ISSUER_CLAUSE: &str = "RFC 8414 §3.3: issuer is the one that the document was asked for by";
const ANNOUNCED: &str = "RFC 9207 §3";
const KEYS: &str = "DOC, Technical concepts, JWK Set of Singpass";

pub(super) const FAULTS: &[Fault] = faults! { "fapi";
    @ Discovery
        "fapi-discovery-issuer" ISSUER, ISSUER_CLAUSE => "rejects before PAR"
        "fapi-discovery-no-par" NO_PAR, DISCOVERY => "stops; never falls back to a request in the query"
        "fapi-discovery-no-iss" NO_ISS, ANNOUNCED => "demands no `iss` in the callback"
        "fapi-discovery-addresses" ADDRESSES, DISCOVERY => "calls the endpoints at the addresses that the document names"
        "fapi-discovery-login-host" LOGIN_HOST, DISCOVERY => "sends the browser there: the login may be on another host"
        "fapi-discovery-500" reply::FAILS, DISCOVERY => "says “try later”"
        "fapi-discovery-html" reply::HTML, DISCOVERY => "rejects as malformed, no crash"
        "fapi-discovery-stalled" reply::STALLED, DISCOVERY => "gives up after its own time limit"
    @ Keys
        "fapi-keys-shuffled" SHUFFLED, KEYS => "finds the key by its kid; skips kinds that it does not know"
        "fapi-keys-empty" NO_KEYS, KEYS => "fetches once more, then rejects; no loop"
        "fapi-keys-500" reply::FAILS, KEYS => "says “try later”"
        "fapi-keys-html" reply::HTML, KEYS => "rejects as malformed, no crash"
        "fapi-keys-stalled" reply::STALLED, KEYS => "gives up after its own time limit"
};

const ISSUER: Deformation = after("names another issuer in the discovery document", |draft| {
    members(draft, |members| {
        members.insert("issuer".to_owned(), json!("https://nobody.invalid/fapi"));
    });
});
const NO_PAR: Deformation = after("leaves the PAR endpoint out of the discovery document", |draft| {
    members(draft, |members| {
        members.shift_remove("pushed_authorization_request_endpoint");
    });
});
const NO_ISS: Deformation = after("announces no `iss` in the redirect", |draft| {
    members(draft, |members| {
        members.shift_remove("authorization_response_iss_parameter_supported");
    });
});
/// RFC 6749 §3.1, §3.2: the address of an endpoint may have a query, which is to be kept.
const ADDRESSES: Deformation = after("names PAR and token at addresses with a query", |draft| {
    members(draft, |members| {
        for name in ["pushed_authorization_request_endpoint", "token_endpoint"] {
            if let Some(Value::String(address)) = members.get_mut(name) {
                address.push_str("?by=discovery");
            }
        }
    });
});
const LOGIN_HOST: Deformation = after("names the authorisation endpoint on another host", |draft| {
    let Some((other, _)) = draft.elsewhere.split_once("/_elsewhere") else { return };
    let other = other.to_owned();
    members(draft, |members| {
        members.insert("authorization_endpoint".to_owned(), json!(format!("{other}/fapi/auth")));
    });
});
const SHUFFLED: Deformation =
    after("turns the keys round, among a key of an unknown kind and one for encryption", |draft| {
        keys(draft, |keys| {
            keys.reverse();
            keys.insert(0, json!({"kty": "XYZ", "kid": "unknown-kind", "use": "sig"}));
            if let Some(Value::Object(mut members)) = keys.last().cloned() {
                members.insert("kid".to_owned(), json!("for-encryption"));
                members.insert("use".to_owned(), json!("enc"));
                keys.insert(1, Value::Object(members));
            }
        });
    });
const NO_KEYS: Deformation = after("publishes an empty JWK Set", |draft| keys(draft, Vec::clear));

fn keys(draft: &mut crate::fault::draft::ReplyDraft, change: impl FnOnce(&mut Vec<Value>)) {
    members(draft, |members| {
        if let Some(Value::Array(keys)) = members.get_mut("keys") {
            change(keys);
        }
    });
}
