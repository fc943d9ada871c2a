//! The keys that the doctor knows: those of the clients, of the service, of the testbed, and those that it is given.

use super::super::client;
use super::super::client_keys;
use super::super::settings::FapiSettings;
use crate::jose::ec::{EcPrivate, EcPublic};
use crate::jose::jwk_set::{JwkSet, SetKey};
use crate::jose::key::read_curve_keys;
use crate::profile::token_case::{NamedKey, TokenCase};
use crate::rule::jwt::Jwt;
use crate::rule::wrong_signature::{KnownKey, names_of};
use myinfo_fixtures::keys::ec;
use myinfo_fixtures::vectors::SINGPASS_JSON;
use serde_json::Value;

/// Every key, each with its name.
pub(super) struct Keys {
    /// What documents are opened with.
    pub(super) opening: Vec<(String, EcPrivate)>,
    /// What the service signs with.
    pub(super) service: Vec<KnownKey>,
    /// What clients sign with, and what is encrypted for them.
    pub(super) clients: Vec<KnownKey>,
    /// What was given by hand.
    pub(super) given: Vec<KnownKey>,
}

impl Keys {
    pub(super) fn of(case: &TokenCase<'_>, settings: &FapiSettings) -> Self {
        let opening = case.given.iter().filter_map(|given| Some((given.name.clone(), given.key.private.clone()?)));
        Self {
            opening: opening.chain(published()).collect(),
            service: service(settings),
            clients: of_clients(case),
            given: case.given.iter().map(|given| known(&given.name, given.key.public.clone())).collect(),
        }
    }

    /// Every public key.
    pub(super) fn known(&self) -> impl Iterator<Item = &KnownKey> {
        self.service.iter().chain(&self.clients).chain(&self.given)
    }

    /// The names of the key that made a signature.
    pub(super) fn signer(&self, jwt: &Jwt<'_>) -> Option<String> {
        let made = self.known().find(|known| jwt.is_signed_by(&known.key))?;
        self.names_of(&made.key)
    }

    /// The names of a key: several clients may have it.
    pub(super) fn names_of(&self, key: &EcPublic) -> Option<String> {
        names_of(key, self.known())
    }
}

/// A set of keys that were given as one.
pub(super) fn set_of(keys: &[NamedKey]) -> JwkSet {
    let keys = keys.iter().map(|NamedKey { name, key }| SetKey {
        kid: key.kid.clone().unwrap_or_else(|| name.clone()),
        usage: key.usage.clone().unwrap_or_else(|| "sig".to_owned()),
        alg: key.alg.clone(),
        key: key.public.clone(),
    });
    JwkSet { keys: keys.collect() }
}

fn service(settings: &FapiSettings) -> Vec<KnownKey> {
    let published = settings.keys.published.iter().filter_map(|jwk| {
        let kid = jwk.get("kid")?.as_str()?;
        Some(known(&format!("the mock's key {kid}"), EcPublic::from_jwk(jwk.as_object()?).ok()?))
    });
    let staging = "Singpass' staging key, as seen from May 2025 to January 2026";
    published.chain(vector("signing_key").map(|key| known(staging, key))).collect()
}

/// The key of a document that Singpass published.
fn vector(name: &str) -> Option<EcPublic> {
    let vector: Value = serde_json::from_str(SINGPASS_JSON).ok()?;
    EcPublic::from_jwk(vector.get(name)?.as_object()?).ok()
}

/// The private keys that everybody has: the testbed's clients', and that of Singpass' demo application.
fn published() -> Vec<(String, EcPrivate)> {
    let testbed = read_curve_keys(ec::CLIENT_JWKS_PRIVATE.as_bytes(), None).unwrap_or_default();
    let testbed = testbed
        .into_iter()
        .filter_map(|key| Some((format!("the testbed's client key {}", key.kid.unwrap_or_default()), key.private?)));
    let demo = || {
        let vector: Value = serde_json::from_str(SINGPASS_JSON).ok()?;
        EcPrivate::from_jwk(vector.get("encryption_key")?.as_object()?).ok()
    };
    let demo = demo().map(|key| ("the key of Singpass' demo application".to_owned(), key));
    testbed.chain(demo).collect()
}

fn of_clients(case: &TokenCase<'_>) -> Vec<KnownKey> {
    let sets = case.config.clients.values().filter_map(|registered| match &client::of(registered)?.keys {
        client_keys::Keys::Registered(set) => Some((registered.id.as_str(), set)),
        client_keys::Keys::At(_) => None,
    });
    let keys = sets.flat_map(|(id, set)| set.keys.iter().map(move |key| (id, key)));
    keys.map(|(id, key)| known(&format!("the key {} of {id} (`use`: `{}`)", key.kid, key.usage), key.key.clone()))
        .collect()
}

fn known(name: &str, key: EcPublic) -> KnownKey {
    KnownKey { name: name.to_owned(), key }
}
