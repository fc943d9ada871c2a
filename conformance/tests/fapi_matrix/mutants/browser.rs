//! What a relying party gets wrong with the callback, and with what the browser keeps.

use super::mutants;
use crate::driver::{Habit, untold};
use myinfo_conformance::connector::driver::Class;
use myinfo_conformance::connector::wire::{decoded, value};

/// A callback without some parameters.
fn without(url: &str, names: &[&str]) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let left = query.split('&').filter(|pair| !names.contains(&pair.split('=').next().unwrap_or_default()));
    format!("{address}?{}", left.collect::<Vec<_>>().join("&"))
}

fn has(url: &str, name: &str) -> bool {
    value(&decoded(url.split_once('?').map_or("", |(_, query)| query)), name).is_some()
}

mutants! {
    "state-unchecked" "looks at no state" {
        callback: Some(|url, kept, _| format!("{}&state={}", without(&url, &["state"]), kept["state"].as_str().unwrap()))
    }
    "state-if-there" "compares the state only where there is one" {
        callback: Some(|url, kept, _| if has(&url, "state") { url } else { format!("{url}&state={}", kept["state"].as_str().unwrap()) })
    }
    "issuer-unchecked" "looks at no iss" {
        callback: Some(|url, _, issuer| format!("{}&iss={issuer}", without(&url, &["iss"])))
    }
    "issuer-if-there" "compares iss only where there is one" {
        callback: Some(|url, _, issuer| if has(&url, "iss") { url } else { format!("{url}&iss={issuer}") })
    }
    "issuer-demanded" "demands an iss that nobody announced" {
        callback: Some(|url, _, _| if has(&url, "iss") { url } else { without(&url, &["code"]) })
    }
    "issuer-raw" "compares iss without decoding it" {
        callback: Some(|url, _, _| if url.contains("iss=http%3A") { url.replace("iss=http%3A", "iss=raw%3A") } else { url })
    }
    "denial-not-told" "tells no refusal of the person from other errors" { outcome: Some(|outcome| untold(outcome, Class::AccessDenied)) }
    "error-passed-over" "uses a code that comes with an error" {
        callback: Some(|url, _, _| if has(&url, "code") { without(&url, &["error", "error_description"]) } else { url })
    }
    "error-echoed" "shows the words of the callback" { habit: Habit::Echoes }
    "code-undefined" "exchanges a code that is not there" {
        callback: Some(|url, _, _| if has(&url, "code") || has(&url, "error") { url } else { format!("{url}&code=undefined") })
    }
    "code-first" "takes the first of several codes" {
        callback: Some(|url, _, _| {
            let codes: Vec<&str> = url.split(['?', '&']).filter(|pair| pair.starts_with("code=")).collect();
            match codes.as_slice() {
                [first, _, ..] => format!("{}&{first}", without(&url, &["code"])),
                _ => url,
            }
        })
    }
    "sessions-kept" "keeps what belongs to a login after the callback" { habit: Habit::KeepsSessions }
    "any-browser" "takes whoever brings the state for the browser that began" { habit: Habit::AnyBrowser }
    "one-login" "has nonce, verifier and key of the latest login alone" { habit: Habit::OneLogin }
}
