//! What a relying party does not check of userinfo, and what it makes of the person.

use super::{accepted_if, crash_if, mutants, with_claims};
use crate::document::Document;
use myinfo_conformance::connector::driver::{Class, Outcome};
use serde_json::{Map, Value, json};

/// The person, changed before the application gets it.
fn with_person(outcome: Outcome, change: impl FnOnce(&mut Map<String, Value>)) -> Outcome {
    match outcome {
        Outcome::Accepted { person: Value::Object(mut person), claims } => {
            change(&mut person);
            Outcome::Accepted { person: Value::Object(person), claims }
        }
        other => other,
    }
}

/// A refusal of people of some kind.
fn refused_if(outcome: Outcome, holds: impl FnOnce(&Map<String, Value>) -> bool) -> Outcome {
    match outcome {
        Outcome::Accepted { person: Value::Object(person), .. } if holds(&person) => {
            Outcome::Rejected { class: Class::Malformed, native: "person".into(), message: "the person is odd".into() }
        }
        other => other,
    }
}

fn text<'p>(person: &'p Map<String, Value>, name: &str) -> Option<&'p str> {
    person.get(name)?.get("value")?.as_str()
}

/// Every number through a 64-bit float.
fn rounded(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(rounded),
        Value::Array(items) => items.iter_mut().for_each(rounded),
        Value::Number(number) => *value = json!(number.as_f64()),
        _ => {}
    }
}

mutants! {
    "userinfo-kid-demanded" "refuses a document whose kid is not its own" {
        userinfo: Some(|_, document, _| {
            let own = document.outer.as_ref().is_none_or(|outer| outer.get("kid").is_some_and(|kid| kid == "client-enc-p256"));
            if own { None } else { Some(document.broken()) }
        })
    }
    "userinfo-unverified" "verifies no signature of userinfo" {
        userinfo: Some(|_, document, _| (document.opened && document.signed).then(|| document.made()))
    }
    "userinfo-json" "takes plain JSON" {
        userinfo: Some(|text, _, _| {
            let claims = serde_json::from_str::<Value>(text).ok()?.as_object()?.clone();
            Some(Document { claims, ..Document::default() }.made())
        })
    }
    "userinfo-plain" "takes a document that is signed alone" {
        userinfo: Some(|_, document, _| (!document.opened && document.genuine).then(|| document.made()))
    }
    "userinfo-unsigned" "takes a document that is encrypted alone" {
        userinfo: Some(|_, document, _| (document.opened && !document.signed).then(|| document.made()))
    }
    "userinfo-subject" "compares no sub of userinfo" {
        userinfo: Some(|_, document, context| with_claims(document, |claims| { claims.insert("sub".to_owned(), context.claims()["sub"].clone()); }))
    }
    "userinfo-issuer" "compares no issuer of userinfo" {
        userinfo: Some(|_, document, context| with_claims(document, |claims| { claims.insert("iss".to_owned(), json!(context.setup.common.issuer)); }))
    }
    "userinfo-audience" "compares no audience of userinfo" {
        userinfo: Some(|_, document, context| with_claims(document, |claims| { claims.insert("aud".to_owned(), json!(context.setup.common.client_id)); }))
    }
    "userinfo-stale" "takes userinfo of any age" {
        userinfo: Some(|_, document, context| with_claims(document, |claims| { claims.insert("iat".to_owned(), json!(context.now)); }))
    }
    "userinfo-empty-person" "takes userinfo without person_info" {
        userinfo: Some(|_, document, _| with_claims(document, |claims| { claims.entry("person_info").or_insert(json!({})); }))
    }
    "userinfo-root" "reads the person at the root where there is no person_info" {
        userinfo: Some(|_, document, _| with_claims(document, |claims| {
            if !claims.contains_key("person_info") && claims.contains_key("uinfin") {
                let root = Value::Object(claims.clone());
                claims.insert("person_info".to_owned(), root);
            }
        }))
    }
    "userinfo-root-first" "takes an item at the root where there is one" {
        userinfo: Some(|_, document, _| with_claims(document, |claims| {
            let root = claims.iter().filter(|(_, item)| item.get("classification").is_some());
            let root: Map<String, Value> = root.map(|(name, item)| (name.clone(), item.clone())).collect();
            if let Some(person) = claims.get_mut("person_info").and_then(Value::as_object_mut) { person.extend(root); }
        }))
    }
    "userinfo-gcm-alone" "decrypts A256GCM alone" {
        userinfo: Some(|_, document, _| {
            let cbc = document.outer.as_ref().is_some_and(|outer| outer.get("enc").is_some_and(|enc| enc != "A256GCM"));
            if cbc { Some(document.broken()) } else { None }
        })
    }
    "transport-taken" "goes on where half of an answer came" { outcome: Some(|outcome| accepted_if(outcome, &[Class::Transport])) }
    "error-crash" "crashes at an error that is called a JWT" { outcome: Some(|outcome| crash_if(outcome, Class::NoProfile)) }

    "items-demanded" "demands every item that it asked for" { outcome: Some(|outcome| refused_if(outcome, |person| !person.contains_key("uinfin"))) }
    "items-closed" "refuses items that it did not ask for" { outcome: Some(|outcome| refused_if(outcome, |person| person.len() > 6)) }
    "unavailable-dropped" "drops items that are unavailable" {
        outcome: Some(|outcome| with_person(outcome, |person| person.retain(|_, item| item.get("unavailable").is_none())))
    }
    "blank-refused" "refuses a blank name" { outcome: Some(|outcome| refused_if(outcome, |person| text(person, "name") == Some(""))) }
    "ascii" "loses what is not ASCII" {
        outcome: Some(|outcome| with_person(outcome, |person| {
            if let Some(name) = text(person, "name").map(|name| name.replace(|letter: char| !letter.is_ascii(), "?")) { person["name"]["value"] = json!(name); }
        }))
    }
    "floats" "reads numbers as 64-bit floats" {
        outcome: Some(|outcome| with_person(outcome, |person| person.values_mut().for_each(rounded)))
    }
    "fin-pattern" "refuses FINs of the M series" {
        outcome: Some(|outcome| refused_if(outcome, |person| text(person, "uinfin").is_some_and(|number| number.starts_with('M'))))
    }
    "name-pattern" "refuses names of one word" {
        outcome: Some(|outcome| refused_if(outcome, |person| text(person, "name").is_some_and(|name| !name.contains(' '))))
    }
}
