//! What a relying party writes into its log.

use super::mutants;
use crate::document::opened;
use crate::driver::Told;
use myinfo_conformance::connector::driver::{Class, Outcome};
use myinfo_conformance::connector::wire::{decoded, value};

/// Something of a login that went well.
fn when_well(told: &Told<'_>, some: impl FnOnce() -> Option<String>) -> Option<String> {
    if matches!(told.outcome, Outcome::Accepted { .. }) { some() } else { None }
}

/// Something of a login that was refused for a reason.
fn when_refused(told: &Told<'_>, reason: Class, some: impl FnOnce() -> Option<String>) -> Option<String> {
    if matches!(told.outcome, Outcome::Rejected { class, .. } if *class == reason) { some() } else { None }
}

/// What the browser keeps of a login beside its state.
fn kept(told: &Told<'_>, name: &str) -> Option<String> {
    told.seen.kept["fapi"][name].as_str().map(str::to_owned)
}

fn sent_with_token(told: &Told<'_>, name: &str) -> Option<String> {
    value(&decoded(told.seen.last_token.as_ref()?.body.as_ref()?), name).map(str::to_owned)
}

mutants! {
    "logs-id-token" "logs the ID token as it came" { log: Some(|told| when_well(told, || Some(told.seen.id_token.clone()))) }
    "logs-opened-id-token" "logs the opened ID token where its nonce is wrong" {
        log: Some(|told| when_refused(told, Class::Nonce, || opened(&told.seen.id_token)))
    }
    "logs-proof-key" "logs the private key of its proofs" { log: Some(|told| when_well(told, || kept(told, "proof_key"))) }
    "logs-client-key" "logs its private JWK Set" {
        log: Some(|told| when_well(told, || Some(told.setup.as_fapi()?.private_jwks.clone())))
    }
    "logs-verifier" "logs the verifier" { log: Some(|told| when_well(told, || kept(told, "verifier"))) }
    "logs-assertion" "logs the client assertion" {
        log: Some(|told| when_well(told, || sent_with_token(told, "client_assertion")))
    }
    "logs-access-token" "logs the access token" { log: Some(|told| when_well(told, || Some(told.seen.access_token.clone()))) }
    "logs-person" "logs who logged in" {
        log: Some(|told| match told.outcome {
            Outcome::Accepted { person, .. } => person["name"]["value"].as_str().map(str::to_owned),
            _ => None,
        })
    }
}
