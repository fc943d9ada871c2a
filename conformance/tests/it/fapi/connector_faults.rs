//! The reference connector over FAPI against every fault of the mock: what is wrong it refuses for its own reason, and then it stops.

use super::connector_rig::{Endpoints, Rig, VISITED, myinfo_config};
use super::party::MYINFO;
use myinfo_connector::error::Endpoint;
use std::collections::BTreeSet;
use std::time::Duration;

/// What the connector makes of each fault: its error's code, or that it goes on.
const EXPECTED: &[(&str, &str)] = &[
    ("fapi-discovery-issuer", "issuer"),
    ("fapi-discovery-no-par", "configuration"),
    // what is not announced is taken all the same
    ("fapi-discovery-no-iss", "ok"),
    ("fapi-discovery-addresses", "ok"),
    ("fapi-discovery-login-host", "ok"),
    ("fapi-discovery-500", "upstream"),
    ("fapi-discovery-html", "malformed"),
    ("fapi-discovery-stalled", "transport"),
    ("fapi-keys-shuffled", "ok"),
    ("fapi-keys-empty", "signature"),
    ("fapi-keys-500", "upstream"),
    ("fapi-keys-html", "malformed"),
    ("fapi-keys-stalled", "transport"),
    ("fapi-par-400", "par_refused"),
    ("fapi-par-401", "par_refused"),
    ("fapi-par-500", "upstream"),
    ("fapi-par-503", "upstream"),
    ("fapi-par-429", "upstream"),
    ("fapi-par-dpop-nonce", "par_refused"),
    ("fapi-par-extra-members", "ok"),
    ("fapi-par-no-request-uri", "malformed"),
    ("fapi-par-html", "malformed"),
    ("fapi-par-redirect", "transport"),
    ("fapi-par-cut", "transport"),
    ("fapi-par-stalled", "transport"),
    ("fapi-callback-state-wrong", "state"),
    ("fapi-callback-state-last", "state"),
    ("fapi-callback-state-cut", "state"),
    ("fapi-callback-state-missing", "state"),
    ("fapi-callback-state-another", "state"),
    ("fapi-callback-state-twice", "malformed"),
    ("fapi-callback-code-missing", "malformed"),
    ("fapi-callback-code-twice", "malformed"),
    ("fapi-callback-iss-wrong", "issuer"),
    ("fapi-callback-iss-longer", "issuer"),
    ("fapi-callback-iss-missing", "issuer"),
    ("fapi-callback-iss-legacy", "issuer"),
    ("fapi-callback-iss-encoded", "ok"),
    ("fapi-callback-error-access-denied", "access_denied"),
    ("fapi-callback-error-server", "authorisation"),
    ("fapi-callback-error-unavailable", "upstream"),
    ("fapi-callback-error-script", "access_denied"),
    ("fapi-callback-error-and-code", "access_denied"),
    ("fapi-token-400", "token_refused"),
    ("fapi-token-401-client", "token_refused"),
    ("fapi-token-401-proof", "token_refused"),
    ("fapi-token-500", "upstream"),
    ("fapi-token-503", "upstream"),
    ("fapi-token-dpop-nonce", "token_refused"),
    ("fapi-token-no-access-token", "malformed"),
    ("fapi-token-no-id-token", "malformed"),
    ("fapi-token-type-odd-case", "ok"),
    ("fapi-token-type-bearer", "malformed"),
    ("fapi-token-expires-in", "ok"),
    ("fapi-token-extra-members", "ok"),
    ("fapi-token-html", "malformed"),
    ("fapi-token-redirect", "transport"),
    ("fapi-token-cut", "transport"),
    ("fapi-token-stalled", "transport"),
    ("fapi-id-token-tag", "decryption"),
    ("fapi-id-token-iv", "decryption"),
    ("fapi-id-token-ciphertext", "decryption"),
    ("fapi-id-token-key", "decryption"),
    ("fapi-id-token-tag-short", "malformed"),
    ("fapi-id-token-4-segments", "malformed"),
    ("fapi-id-token-header-changed", "decryption"),
    ("fapi-id-token-enc-gcm", "ok"),
    // the key is registered for A256KW
    ("fapi-id-token-alg-a128kw", "algorithm"),
    ("fapi-id-token-kid-unknown", "ok"),
    ("fapi-id-token-not-encrypted", "malformed"),
    ("fapi-id-token-signature", "signature"),
    ("fapi-id-token-signer", "signature"),
    ("fapi-id-token-none", "algorithm"),
    ("fapi-id-token-hs256", "algorithm"),
    ("fapi-id-token-signer-unknown", "signature"),
    ("fapi-id-token-jwk", "signature"),
    ("fapi-id-token-typ", "ok"),
    ("fapi-id-token-crit", "algorithm"),
    ("fapi-id-token-not-json", "malformed"),
    ("fapi-id-token-issuer", "issuer"),
    ("fapi-id-token-issuer-legacy", "issuer"),
    ("fapi-id-token-audience", "audience"),
    ("fapi-id-token-audience-list", "ok"),
    ("fapi-id-token-audience-strangers", "audience"),
    ("fapi-id-token-expired", "expiry"),
    ("fapi-id-token-expired-lately", "expiry"),
    ("fapi-id-token-no-exp", "expiry"),
    ("fapi-id-token-future", "expiry"),
    ("fapi-id-token-future-soon", "expiry"),
    ("fapi-id-token-exp-text", "expiry"),
    ("fapi-id-token-nonce", "nonce"),
    ("fapi-id-token-nonce-longer", "nonce"),
    ("fapi-id-token-no-nonce", "nonce"),
    ("fapi-id-token-no-sub", "subject"),
    ("fapi-id-token-sub-legacy", "subject"),
    // no level was asked for: `a_level_that_was_asked_for_is_held`
    ("fapi-id-token-level", "ok"),
    ("fapi-id-token-extra-claims", "ok"),
    ("fapi-id-token-factors", "ok"),
    ("fapi-id-token-actor", "ok"),
    ("fapi-id-token-no-attributes", "ok"),
    ("fapi-id-token-at-hash", "token_hash"),
    ("fapi-userinfo-401", "person_refused"),
    ("fapi-userinfo-bearer", "person_refused"),
    ("fapi-userinfo-no-data", "no_profile"),
    ("fapi-userinfo-400-jwt", "no_profile"),
    ("fapi-userinfo-429", "upstream"),
    ("fapi-userinfo-500", "upstream"),
    ("fapi-userinfo-502", "upstream"),
    ("fapi-userinfo-503", "upstream"),
    ("fapi-userinfo-html", "malformed"),
    ("fapi-userinfo-media-type", "ok"),
    ("fapi-userinfo-empty", "malformed"),
    ("fapi-userinfo-redirect", "transport"),
    ("fapi-userinfo-cut", "transport"),
    ("fapi-userinfo-stalled", "transport"),
    ("fapi-userinfo-tag", "decryption"),
    ("fapi-userinfo-ciphertext", "decryption"),
    ("fapi-userinfo-key", "decryption"),
    ("fapi-userinfo-tag-short", "malformed"),
    ("fapi-userinfo-6-segments", "malformed"),
    ("fapi-userinfo-header-changed", "decryption"),
    ("fapi-userinfo-enc-cbc", "ok"),
    ("fapi-userinfo-kid-unknown", "ok"),
    ("fapi-userinfo-not-encrypted", "malformed"),
    ("fapi-userinfo-json", "malformed"),
    ("fapi-userinfo-unsigned", "malformed"),
    ("fapi-userinfo-signature", "signature"),
    ("fapi-userinfo-signer", "signature"),
    ("fapi-userinfo-none", "algorithm"),
    ("fapi-userinfo-not-json", "malformed"),
    ("fapi-userinfo-sub", "subject"),
    ("fapi-userinfo-sub-longer", "subject"),
    ("fapi-userinfo-issuer", "issuer"),
    ("fapi-userinfo-audience", "audience"),
    ("fapi-userinfo-stale", "expiry"),
    ("fapi-userinfo-no-person-info", "malformed"),
    ("fapi-userinfo-at-the-root", "malformed"),
    ("fapi-userinfo-root-beside", "ok"),
];

/// The calls that may have been made when a refusal follows from an answer of this stage.
fn allowed(id: &str, stage: &str) -> Endpoints {
    match stage {
        // an empty set is noticed when a signature is to be verified
        _ if id == "fapi-keys-empty" => Endpoints::UpToToken,
        "discovery" | "keys" => Endpoints::Metadata,
        "pushed-response" | "authorisation-response" => Endpoints::UpToPushed,
        "token-response" | "id-token-jwe" | "id-token-jws" => Endpoints::UpToToken,
        _ => Endpoints::All,
    }
}

/// The same on a server of its own, for whoever has to wait until time is up.
async fn stalled(id: &str, stage: &str) -> (String, String) {
    outcome(Rig::new(MYINFO).await.with_time_limit(Duration::from_secs(2)), id, stage).await
}

/// What came of a login with one fault armed.
async fn outcome(rig: Rig, id: &str, stage: &str) -> (String, String) {
    rig.arm(id, None).await;
    let connector = rig.connector(myinfo_config(&rig));
    let outcome = rig.login(&connector).await;
    let Err(error) = outcome else { return (id.to_owned(), "ok".to_owned()) };
    assert!(!rig.called_beyond(allowed(id, stage)), "{id}: a call too many: {:?}", rig.endpoints());
    assert!(rig.count(Endpoint::Keys) <= 2 && rig.count(Endpoint::Person) <= 3, "{id}: {:?}", rig.endpoints());
    let tokens = if id == "fapi-token-dpop-nonce" { 2 } else { 1 };
    assert!(rig.count(Endpoint::Token) <= tokens, "{id}: a code works once");
    let says = format!("{error} {error:?}");
    for secret in rig.secrets() {
        assert!(!says.contains(&secret), "{id}: {says}");
    }
    assert!(!says.contains('<') && !says.contains("ANDY"), "{id}: {says}");
    (id.to_owned(), error.code().to_owned())
}

#[tokio::test]
async fn every_fault_of_the_catalogue_is_met_as_it_should_be_and_nothing_is_called_after_it() {
    let rig = Rig::new(MYINFO).await;
    let faults = rig.party.admin("faults").await;
    let catalogue = faults["catalogue"].as_array().unwrap().iter();
    let catalogue =
        catalogue.map(|fault| [&fault["id"], &fault["stage"]].map(|text| text.as_str().unwrap().to_owned()));
    let catalogue: Vec<[String; 2]> = catalogue.filter(|[id, _]| id.starts_with("fapi-")).collect();
    assert!(catalogue.len() > 150, "{}", catalogue.len());
    let (waiting, quick): (Vec<_>, Vec<_>) = catalogue.iter().partition(|[id, _]| id.ends_with("-stalled"));
    let mut outcomes = futures_util::future::join_all(waiting.iter().map(|[id, stage]| stalled(id, stage))).await;
    for [id, stage] in quick {
        outcomes.push(outcome(rig.again().await, id, stage).await);
    }
    for (id, found) in &outcomes {
        // what the server overlooks and what only the data say is nothing that a client could refuse
        let silent = id.starts_with("fapi-accepts-") || id.starts_with("fapi-data-");
        let expected = EXPECTED.iter().find(|(known, _)| known == id).map(|(_, code)| *code);
        let expected = if silent { "ok" } else { expected.unwrap_or_else(|| panic!("{id} is new: say what is right")) };
        assert_eq!(found, expected, "{id}");
    }
    let met: BTreeSet<&str> = outcomes.iter().map(|(id, _)| id.as_str()).collect();
    assert!(EXPECTED.iter().all(|(id, _)| met.contains(id)), "a fault that is no more");
    assert!(VISITED.load(std::sync::atomic::Ordering::Relaxed) > 100, "the browser went to log in");
}
