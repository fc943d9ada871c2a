//! What a relying party of the API before FAPI gets wrong.

use super::{accepted_if, crash_if, fabricated, in_json, mutants, with_claims};
use crate::document::Document;
use crate::world::Wire;
use myinfo_conformance::connector::driver::{Class, Outcome};
use myinfo_conformance::connector::wire::{decoded, value};
use myinfo_connector::error::Endpoint;
use serde_json::{Map, Value, json};

const CONSTANT: &str = "the-same-value-each-time-0123456789";

/// An address without a parameter.
fn without(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let left = query.split('&').filter(|pair| pair.split('=').next() != Some(name));
    format!("{address}?{}", left.collect::<Vec<_>>().join("&"))
}

fn has(url: &str, name: &str) -> bool {
    value(&decoded(url.split_once('?').map_or("", |(_, query)| query)), name).is_some()
}

/// The claims of the ID token as the application gets them, changed.
fn with_told(outcome: Outcome, change: impl FnOnce(&mut Map<String, Value>)) -> Outcome {
    match outcome {
        Outcome::Accepted { person, claims: Some(Value::Object(mut claims)) } => {
            change(&mut claims);
            Outcome::Accepted { person, claims: Some(Value::Object(claims)) }
        }
        other => other,
    }
}

/// The first member of `sub`, wherever it stands.
fn first_member(claims: &mut Map<String, Value>) {
    let first =
        claims.get("sub").and_then(Value::as_str).and_then(|sub| sub.split([',', '=']).nth(1)).map(str::to_owned);
    if let Some(first) = first {
        claims.insert("sub".to_owned(), json!(first));
    }
}

fn own_kid(document: &Document) -> bool {
    document.outer.as_ref().is_none_or(|outer| outer.get("kid").is_some_and(|kid| kid == "client-enc-p256"))
}

mutants! { oidc:
    "auth-no-challenge" "sends no code_challenge" { login: Some(|url| without(&without(&url, "code_challenge"), "code_challenge_method")) }
    "auth-no-nonce" "sends no nonce" { login: Some(|url| without(&url, "nonce")) }
    "auth-state-constant" "has one state for all logins" {
        login: Some(|url| format!("{}&state={CONSTANT}", without(&url, "state"))),
        kept: Some(|kept| kept["state"] = json!(CONSTANT))
    }
    "auth-nonce-constant" "has one nonce for all logins" {
        login: Some(|url| format!("{}&nonce={CONSTANT}", without(&url, "nonce"))),
        kept: Some(|kept| kept["oidc"]["nonce"] = json!(CONSTANT))
    }
    "apis-mixed" "exchanges its code at FAPI's token endpoint where PAR is announced" {
        answer: Some(|endpoint, answer, context| if endpoint == Endpoint::Discovery {
            let token = format!("{}/fapi/token", context.setup.common.issuer);
            in_json(answer, |members| if members.contains_key("pushed_authorization_request_endpoint") {
                members.insert("token_endpoint".to_owned(), json!(token));
            });
        })
    }
    "assertion-endpoint" "names the endpoint as aud of its assertions" {
        assertion: Some(|request, _, claims| { claims.insert("aud".to_owned(), json!(request.url)); })
    }
    "assertion-hour" "gives its assertions an hour" {
        assertion: Some(|_, _, claims| { let iat = claims["iat"].as_u64().unwrap(); claims.insert("exp".to_owned(), json!(iat + 3600)); })
    }
    "verifier-missing" "sends no verifier with token" {
        form: Some(|_, form| form.retain(|(name, _)| name != "code_verifier"))
    }
    "userinfo-query" "sends its token in the address of userinfo, too" {
        request: Some(|request| if request.endpoint == Endpoint::Person { request.url.push_str("?access_token=again"); })
    }
    "discovery-any-issuer" "compares no issuer in the discovery document" {
        answer: Some(|endpoint, answer, context| if endpoint == Endpoint::Discovery {
            in_json(answer, |members| { members.insert("issuer".to_owned(), json!(context.setup.common.issuer)); });
        })
    }
    "state-unchecked" "looks at no state" {
        callback: Some(|url, kept, _| format!("{}&state={}", without(&url, "state"), kept["state"].as_str().unwrap()))
    }
    "code-undefined" "exchanges a code that is not there" {
        callback: Some(|url, _, _| if has(&url, "code") || has(&url, "error") { url } else { format!("{url}&code=undefined") })
    }
    "issuer-unchecked" "looks at no iss of the callback" { callback: Some(|url, _, _| without(&url, "iss")) }
    "token-malformed-taken" "goes on where something is malformed" { outcome: Some(|outcome| accepted_if(outcome, &[Class::Malformed])) }
    "malformed-crash" "crashes at what has not its form" { outcome: Some(|outcome| crash_if(outcome, Class::Malformed)) }
    "code-again" "sends a code again that was refused, and after userinfo failed" { wire: Wire::RepeatsToken }
    "token-type-any" "takes any token_type" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Token {
            in_json(answer, |members| if members.contains_key("token_type") { members.insert("token_type".to_owned(), json!("Bearer")); });
        })
    }
    "token-type-exact" "compares token_type letter by letter" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Token {
            in_json(answer, |members| if members.get("token_type").is_some_and(|kind| kind != "Bearer") { members.insert("token_type".to_owned(), json!("x")); });
        })
    }
    "token-strict-members" "refuses members that it does not know at token" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Token {
            in_json(answer, |members| if members.len() > 3 { members.remove("id_token"); });
        })
    }
    "encryption-demanded" "takes no ID token that is signed alone" {
        id_token: Some(|_, document, _| (!document.opened && document.genuine).then(|| document.broken()))
    }
    "encryption-not-demanded" "takes an ID token that is signed alone though its profile has personal data" {
        id_token: Some(|_, document, context| {
            let encrypted = context.setup.as_oidc().is_some_and(|oidc| oidc.client_profile != "direct");
            (encrypted && !document.opened && document.genuine).then(|| document.made())
        })
    }
    "kid-demanded" "refuses an ID token whose kid is not its own" {
        id_token: Some(|_, document, _| if own_kid(&document) { None } else { Some(document.broken()) })
    }
    "subject-cut" "takes the first member of `sub` for who it is" { outcome: Some(|outcome| with_told(outcome, first_member)) }
    "subject-number-demanded" "demands the NRIC in `sub`" {
        outcome: Some(|outcome| match outcome {
            Outcome::Accepted { claims: Some(claims), .. } if !claims["sub"].as_str().is_some_and(|sub| sub.starts_with("s=")) => Outcome::Rejected {
                class: Class::Subject, native: "subject".into(), message: "there is no NRIC".into(),
            },
            other => other,
        })
    }
    "id-token-unverified" "verifies no signature of the ID token" {
        id_token: Some(|_, document, _| {
            let known = document.header.get("alg").is_some_and(|alg| alg == "ES256");
            (document.opened && document.signed && known).then(|| document.made())
        })
    }
    "id-token-any-algorithm" "takes whatever algorithm the ID token names" {
        id_token: Some(|_, document, _| {
            let other = document.header.get("alg").is_some_and(|alg| alg != "ES256");
            (document.opened && other).then(|| document.made())
        })
    }
    "id-token-issuer" "compares no issuer of the ID token" {
        id_token: Some(|_, document, context| with_claims(document, |claims| { claims.insert("iss".to_owned(), json!(context.setup.common.issuer)); }))
    }
    "id-token-issuer-begins" "takes FAPI's issuer for its own, as it begins alike" {
        id_token: Some(|_, document, context| {
            let issuer = &context.setup.common.issuer;
            let alike = document.claims.get("iss").and_then(Value::as_str).is_some_and(|found| found.starts_with(issuer));
            if alike { with_claims(document, |claims| { claims.insert("iss".to_owned(), json!(issuer)); }) } else { None }
        })
    }
    "id-token-audience" "compares no audience of the ID token" {
        id_token: Some(|_, document, context| with_claims(document, |claims| { claims.insert("aud".to_owned(), json!(context.setup.common.client_id)); }))
    }
    "id-token-nonce" "compares no nonce" {
        id_token: Some(|_, document, context| with_claims(document, |claims| { claims.insert("nonce".to_owned(), json!(context.nonce)); }))
    }
    "id-token-for-ever" "looks at no exp" {
        id_token: Some(|_, document, context| with_claims(document, |claims| {
            claims.insert("exp".to_owned(), json!(context.now + 600));
            claims.insert("iat".to_owned(), json!(context.now));
        }))
    }
    "decryption-taken" "goes on where nothing can be decrypted" {
        id_token: Some(|_, document, context| (document.outer.is_some() && !document.opened).then(|| fabricated(context))),
        userinfo: Some(|_, document, context| (document.outer.is_some() && !document.opened).then(|| fabricated(context)))
    }
    "userinfo-unverified" "verifies no signature of userinfo" {
        userinfo: Some(|_, document, _| (document.opened && document.signed).then(|| document.made()))
    }
    "userinfo-plain" "takes a document that is signed alone" {
        userinfo: Some(|_, document, _| (!document.opened && document.genuine).then(|| document.made()))
    }
    "userinfo-subject" "compares no sub of userinfo" {
        userinfo: Some(|_, document, context| with_claims(document, |claims| { claims.insert("sub".to_owned(), context.claims()["sub"].clone()); }))
    }
    "userinfo-person-info" "takes an empty person where the data stand below person_info" {
        userinfo: Some(|_, document, _| with_claims(document, |claims| { claims.remove("person_info"); }))
    }
    "userinfo-cbc-alone" "decrypts A256CBC-HS512 alone" {
        userinfo: Some(|_, document, _| {
            let gcm = document.outer.as_ref().is_some_and(|outer| outer.get("enc").is_some_and(|enc| enc == "A256GCM"));
            gcm.then(|| document.broken())
        })
    }
    "transport-taken" "goes on where half of an answer came" { outcome: Some(|outcome| accepted_if(outcome, &[Class::Transport])) }
    "items-demanded" "demands every item that it asked for" {
        outcome: Some(|outcome| match outcome {
            Outcome::Accepted { person, .. } if person.get("uinfin").is_none() && person.get("iss").is_some() => Outcome::Rejected {
                class: Class::Malformed, native: "person".into(), message: "an item is missing".into(),
            },
            other => other,
        })
    }
    "unavailable-dropped" "drops items that are unavailable" {
        outcome: Some(|outcome| match outcome {
            Outcome::Accepted { person: Value::Object(mut person), claims } => {
                person.retain(|_, item| item.get("unavailable").is_none());
                Outcome::Accepted { person: Value::Object(person), claims }
            }
            other => other,
        })
    }
}
