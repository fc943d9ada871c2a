//! What a relying party makes of answers that it should not take, or should.

use super::{accepted_if, in_json, mutants};
use crate::driver::{Habit, untold};
use crate::world::Wire;
use myinfo_conformance::connector::driver::{Class, Started};
use myinfo_connector::error::Endpoint;
use myinfo_fixtures::keys::ec;
use serde_json::{Value, json};

/// Metadata as somebody guesses them.
fn guessed(issuer: &str) -> Value {
    let host = issuer.trim_end_matches("/fapi");
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "pushed_authorization_request_endpoint": format!("{issuer}/par"),
        "jwks_uri": format!("{host}/.well-known/keys"),
        "authorization_response_iss_parameter_supported": true,
    })
}

/// A login that cannot begin for a reason that is not told.
fn not_told(started: Started) -> Started {
    match started {
        Started::Error { message, native, .. } => Started::Error { message, native, class: Class::Other },
        url @ Started::Url { .. } => url,
    }
}

const REQUEST_URI: &str = "urn:ietf:params:oauth:request_uri:000000000000000000000";

mutants! {
    "discovery-any-issuer" "compares no issuer in the discovery document" {
        answer: Some(|endpoint, answer, context| if endpoint == Endpoint::Discovery {
            in_json(answer, |members| { members.insert("issuer".to_owned(), json!(context.setup.common.issuer)); });
        })
    }
    "discovery-guessed" "guesses the endpoints where the discovery document is of no use" {
        answer: Some(|endpoint, answer, context| {
            let usable = serde_json::from_slice::<Value>(&answer.body).is_ok_and(|members| members.get("pushed_authorization_request_endpoint").is_some());
            if endpoint == Endpoint::Discovery && (answer.status != 200 || !usable) {
                (answer.status, answer.body) = (200, guessed(&context.setup.common.issuer).to_string().into_bytes());
            }
        })
    }
    "addresses-guessed" "puts the addresses of PAR and token together" {
        answer: Some(|endpoint, answer, context| if endpoint == Endpoint::Discovery {
            in_json(answer, |members| for name in ["pushed_authorization_request_endpoint", "token_endpoint"] {
                if members.contains_key(name) { members.insert(name.to_owned(), guessed(&context.setup.common.issuer)[name].clone()); }
            });
        })
    }
    "login-host-of-the-issuer" "sends no browser to another host than the issuer's" {
        answer: Some(|endpoint, answer, context| if endpoint == Endpoint::Discovery {
            let here = format!("{}/", context.setup.common.issuer);
            in_json(answer, |members| {
                if members.get("authorization_endpoint").and_then(Value::as_str).is_some_and(|address| !address.starts_with(&here)) {
                    members.remove("authorization_endpoint");
                }
            });
        })
    }
    "media-type-exact" "compares the media type of userinfo letter by letter" { wire: Wire::ComparesMediaType }
    "outage-not-told" "tells no outage from other errors" {
        refusal: Some(not_told),
        outcome: Some(|outcome| untold(outcome, Class::Upstream))
    }
    "keys-first" "takes the first key, whatever its name" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Keys {
            in_json(answer, |members| {
                let first = members.get("keys").and_then(|keys| keys.get(0)).cloned();
                if let Some(mut first) = first {
                    first["kid"] = json!(ec::SERVICE_KID);
                    members.insert("keys".to_owned(), json!([first]));
                }
            });
        })
    }
    "keys-in-code" "has the service's key in its code" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Keys {
            (answer.status, answer.body) = (200, ec::SERVICE_JWKS.as_bytes().to_vec());
        })
    }
    "par-refusal-ignored" "sends the browser away though the pushed request was refused" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Pushed && answer.status != 201 {
            (answer.status, answer.body) = (201, json!({"request_uri": REQUEST_URI, "expires_in": 60}).to_string().into_bytes());
        })
    }
    "par-request-uri-undefined" "sends the browser away without a request_uri" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Pushed && answer.status < 300 {
            let there = serde_json::from_slice::<Value>(&answer.body).is_ok_and(|members| members.get("request_uri").is_some());
            if !there { (answer.status, answer.body) = (201, json!({"request_uri": REQUEST_URI, "expires_in": 60}).to_string().into_bytes()); }
        })
    }
    "par-strict-members" "refuses members that it does not know at PAR" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Pushed {
            in_json(answer, |members| if members.len() > 2 { members.remove("request_uri"); });
        })
    }
    "token-strict-members" "refuses members that it does not know at token" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Token {
            in_json(answer, |members| if members.len() > 3 && !members.contains_key("expires_in") { members.remove("id_token"); });
        })
    }
    "token-expires-in-refused" "refuses an answer of token that has expires_in" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Token {
            in_json(answer, |members| if members.contains_key("expires_in") { members.remove("id_token"); });
        })
    }
    "token-type-exact" "compares token_type letter by letter" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Token {
            in_json(answer, |members| if members.get("token_type").is_some_and(|kind| kind != "DPoP") { members.insert("token_type".to_owned(), json!("x")); });
        })
    }
    "token-type-any" "takes any token_type" {
        answer: Some(|endpoint, answer, _| if endpoint == Endpoint::Token {
            in_json(answer, |members| if members.contains_key("token_type") { members.insert("token_type".to_owned(), json!("DPoP")); });
        })
    }
    "token-malformed-taken" "goes on where a member of token is missing" { outcome: Some(|outcome| accepted_if(outcome, &[Class::Malformed])) }
    "no-data-not-told" "tells somebody without data from nothing else" { outcome: Some(|outcome| untold(outcome, Class::NoProfile)) }
    "any-configuration" "takes every configuration" { habit: Habit::TakesAnyConfiguration }
}
