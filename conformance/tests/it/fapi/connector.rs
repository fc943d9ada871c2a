//! The reference connector over FAPI against the mock: what is good it takes, what is wrong it refuses, and then it stops.

use super::connector_rig::{Endpoints, Rig, Seen, VISITED, login_config, myinfo_config};
use super::party::{LOGIN, MYINFO, PERSONA, is_uuid};
use myinfo_connector::error::Endpoint;
use myinfo_connector::fapi::{ConfigBuilder, Level};
use myinfo_connector::person::Field;
use myinfo_connector::{AccountType, Seal};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn a_myinfo_app_gets_the_person_and_breaks_no_rule() {
    let rig = Rig::new(MYINFO).await;
    let connector = rig.connector(myinfo_config(&rig));
    let person = rig.login(&connector).await.unwrap();
    assert_eq!((person.name().value(), person.uinfin().value()), (Some("ANDY LAU"), Some(PERSONA)));
    assert_eq!(person.dob(), Field::NotSent, "it was not asked for");
    let identity = person.identity().unwrap();
    assert!(is_uuid(&json!(identity.subject())));
    assert_eq!((identity.name(), identity.identity_number()), (Some("ANDY LAU"), None));
    rig.assert_called(&json!({"par": 1, "token": 1, "userinfo": 1})).await;
}

#[tokio::test]
async fn a_login_app_gets_who_it_is_and_never_calls_userinfo() {
    let rig = Rig::new(LOGIN).await;
    let config = login_config(&rig).login("BANK_CASA_OPENING", Some("Open an account, now!".to_owned()));
    let connector = rig.connector(config.level(Level::Three).level(Level::Two));
    let person = rig.login(&connector).await.unwrap();
    let identity = person.identity().unwrap();
    assert_eq!((identity.name(), identity.identity_number()), (Some("ANDY LAU"), Some(PERSONA)));
    assert_eq!((identity.account_type(), identity.country()), (Some(AccountType::Standard), Some("SG")));
    assert!(identity.level() >= Some(Level::Two) && !identity.factors().is_empty());
    assert!(person.items().is_empty());
    rig.assert_called(&json!({"par": 1, "token": 1, "userinfo": 0})).await;
}

#[tokio::test]
async fn every_login_has_values_of_its_own_and_every_call_ids_of_its_own() {
    let rig = Rig::new(MYINFO).await;
    let connector = rig.connector(myinfo_config(&rig));
    for _ in 0..3 {
        rig.login(&connector).await.unwrap();
    }
    let requests = rig.requests();
    let of = |endpoint: Endpoint| requests.iter().filter(move |request| request.endpoint == endpoint);
    for name in ["state", "nonce", "code_challenge"] {
        let values: BTreeSet<String> = of(Endpoint::Pushed).map(|request| request.form(name)).collect();
        assert_eq!(values.len(), 3, "{name}");
    }
    let proofs: Vec<_> = requests.iter().filter_map(Seen::proof).collect();
    let ids: BTreeSet<String> = proofs.iter().map(|proof| proof.claims["jti"].to_string()).collect();
    assert_eq!((proofs.len(), ids.len()), (9, 9));
    let keys: BTreeSet<String> = proofs.iter().map(|proof| proof.header["jwk"].to_string()).collect();
    assert_eq!(keys.len(), 3, "a key a login, the same in its three calls");
    assert!(proofs.iter().all(|proof| proof.header["jwk"].get("d").is_none()));
    let assertions: BTreeSet<String> = requests.iter().filter_map(Seen::assertion_id).collect();
    assert_eq!(assertions.len(), 6);
    let userinfo = of(Endpoint::Person).next().unwrap();
    assert!(userinfo.url.ends_with("/fapi/userinfo") && userinfo.header("Authorization").starts_with("DPoP "));
}

#[tokio::test]
async fn metadata_and_keys_are_fetched_once_an_hour() {
    let rig = Rig::new(MYINFO).await;
    let connector = rig.connector(myinfo_config(&rig));
    let fetched = |rig: &Rig| (rig.count(Endpoint::Discovery), rig.count(Endpoint::Keys));
    for _ in 0..2 {
        rig.login(&connector).await.unwrap();
    }
    rig.party.clock.advance_seconds(3_500);
    rig.login(&connector).await.unwrap();
    assert_eq!(fetched(&rig), (1, 1));
    rig.party.clock.advance_seconds(200);
    rig.login(&connector).await.unwrap();
    assert_eq!(fetched(&rig), (2, 2), "after an hour they are fetched anew");
}

#[tokio::test]
async fn keys_that_changed_are_fetched_once_more() {
    let rig = Rig::new(MYINFO).await;
    rig.arm("fapi-keys-empty", Some(1)).await;
    let connector = rig.connector(myinfo_config(&rig));
    assert!(rig.login(&connector).await.is_ok());
    assert_eq!((rig.count(Endpoint::Keys), rig.count(Endpoint::Token)), (2, 1));
}

#[tokio::test]
async fn later_is_believed_a_few_times_and_signed_anew_each_time() {
    for (fault, endpoint) in [
        ("fapi-par-500", Endpoint::Pushed),
        ("fapi-par-503", Endpoint::Pushed),
        ("fapi-userinfo-500", Endpoint::Person),
        ("fapi-userinfo-502", Endpoint::Person),
        ("fapi-userinfo-503", Endpoint::Person),
    ] {
        let rig = Rig::new(MYINFO).await;
        rig.arm(fault, Some(2)).await;
        assert!(rig.login(&rig.connector(myinfo_config(&rig))).await.is_ok(), "{fault}");
        assert_eq!((rig.count(endpoint), rig.count(Endpoint::Token), rig.waits()), (3, 1, vec![1, 2]), "{fault}");
        let tries = rig.requests().into_iter().filter(|request| request.endpoint == endpoint);
        let ids: BTreeSet<String> = tries.map(|request| request.proof().unwrap().claims["jti"].to_string()).collect();
        assert_eq!(ids.len(), 3, "{fault}: a new proof each time");
        let again = Rig::new(MYINFO).await;
        again.arm(fault, None).await;
        let refused = again.login(&again.connector(myinfo_config(&again))).await.unwrap_err();
        assert_eq!((refused.code(), again.count(endpoint)), ("upstream", 3), "{fault}");
    }
    for fault in ["fapi-token-500", "fapi-token-503"] {
        let rig = Rig::new(MYINFO).await;
        rig.arm(fault, None).await;
        assert_eq!(rig.login(&rig.connector(myinfo_config(&rig))).await.unwrap_err().code(), "upstream");
        assert_eq!((rig.count(Endpoint::Token), rig.waits()), (1, vec![]), "{fault}: a code works once");
    }
}

#[tokio::test]
async fn a_nonce_that_is_demanded_goes_into_the_next_proof_once() {
    for (fault, endpoint) in [("fapi-par-dpop-nonce", Endpoint::Pushed), ("fapi-token-dpop-nonce", Endpoint::Token)] {
        let rig = Rig::new(MYINFO).await;
        rig.arm(fault, Some(1)).await;
        assert!(rig.login(&rig.connector(myinfo_config(&rig))).await.is_ok(), "{fault}");
        let proofs: Vec<_> = rig.requests().into_iter().filter(|request| request.endpoint == endpoint).collect();
        let nonces: Vec<_> = proofs.iter().map(|request| request.proof().unwrap().claims["nonce"].clone()).collect();
        assert_eq!(nonces, [json!(null), json!("eyJ7S_zG.eyJH0-Z.HX4w-7v")], "{fault}");
        assert_eq!(rig.waits(), Vec::<u64>::new());
    }
}

#[tokio::test]
async fn another_instance_finishes_what_a_cookie_brought_under_a_seal() {
    let rig = Rig::new(MYINFO).await;
    let (one, other) = (rig.connector(myinfo_config(&rig)), rig.connector(myinfo_config(&rig)));
    let seal = Seal::new([7; 32], Duration::from_secs(600));
    let login = one.begin().await.unwrap();
    let cookie = seal.close(&login.kept, one.ambient()).unwrap();
    assert!(cookie.len() < 1_000, "a cookie can carry it: {}", cookie.len());
    let callback = rig.visit(&login.url).await;
    let person = other.finish(&callback, seal.open(&cookie, other.ambient()).unwrap()).await.unwrap();
    assert_eq!(person.uinfin().value(), Some(PERSONA));
}

#[tokio::test]
async fn two_logins_of_one_browser_both_finish_and_are_never_mixed() {
    let rig = Rig::new(MYINFO).await;
    let connector = rig.connector(myinfo_config(&rig));
    let (one, other) = (connector.begin().await.unwrap(), connector.begin().await.unwrap());
    let (first, second) = (rig.visit(&one.url).await, rig.visit(&other.url).await);
    assert!(connector.finish(&second, other.kept).await.is_ok());
    assert!(connector.finish(&first, one.kept).await.is_ok());
    // the code of the one, the state of the other
    let (one, other) = (connector.begin().await.unwrap(), connector.begin().await.unwrap());
    let [first, second] = [rig.visit(&one.url).await, rig.visit(&other.url).await];
    let state = |callback: &str| callback.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let mixed = first.replace(&state(&first), &state(&second));
    assert_eq!(connector.finish(&mixed, other.kept).await.unwrap_err().code(), "token_refused");
    assert_eq!(connector.finish(&second, one.kept).await.unwrap_err().code(), "state");
}

#[tokio::test]
async fn ten_logins_at_once_share_what_is_fetched_and_nothing_else() {
    let rig = Rig::new(MYINFO).await;
    let connector = rig.connector(myinfo_config(&rig));
    let people = futures_util::future::join_all((0..10).map(|_| rig.login(&connector))).await;
    assert!(people.iter().all(|person| person.as_ref().unwrap().uinfin().value() == Some(PERSONA)));
    assert_eq!((rig.count(Endpoint::Discovery), rig.count(Endpoint::Keys), rig.count(Endpoint::Token)), (1, 1, 10));
}

#[tokio::test]
async fn a_level_that_was_asked_for_is_held() {
    for (asked, code) in [(None, None), (Some(Level::Two), Some("level")), (Some(Level::Three), Some("level"))] {
        let rig = Rig::new(MYINFO).await;
        rig.arm("fapi-id-token-level", None).await;
        let config = asked.into_iter().fold(myinfo_config(&rig), ConfigBuilder::level);
        let outcome = rig.login(&rig.connector(config)).await;
        assert_eq!(outcome.err().map(|error| error.code()), code, "{asked:?}");
    }
    let rig = Rig::new(MYINFO).await;
    assert!(rig.login(&rig.connector(myinfo_config(&rig).level(Level::Three))).await.is_ok());
}

#[tokio::test]
async fn clocks_may_differ_a_little_and_the_issuer_may_be_silent() {
    for ahead in [-45, 45] {
        let rig = Rig::new(MYINFO).await.with_clock_ahead(ahead);
        assert!(rig.login(&rig.connector(myinfo_config(&rig))).await.is_ok(), "{ahead}");
    }
    let rig = Rig::with(MYINFO, "[fapi]\nredirect_iss = false\nuserinfo_enc = 'A256CBC-HS512'").await;
    assert!(rig.login(&rig.connector(myinfo_config(&rig))).await.is_ok());
}

#[tokio::test]
async fn the_wrong_protocol_the_wrong_key_and_another_client_are_told_apart() {
    let rig = Rig::new(MYINFO).await;
    let connector = rig.connector(myinfo_config(&rig));
    let of_v3 = myinfo_connector::Kept::new(myinfo_connector::State::from_session("s"));
    assert_eq!(connector.finish("?code=c&state=s", of_v3).await.unwrap_err().code(), "kept");
    let stranger = myinfo_config(&rig).client_id("RsrOy2iB0edR53TJSuD5ULad1pGmrVZL");
    let refused = rig.connector(stranger).begin().await.unwrap_err();
    assert_eq!(refused.code(), "par_refused");
    assert!(refused.to_string().contains("invalid_client"), "{refused}");
    let unknown = myinfo_config(&rig).scopes("openid uinfin favouritecolour");
    assert!(rig.connector(unknown).begin().await.unwrap_err().to_string().contains("invalid_scope"));
}

/// What the connector makes of each fault: its error's code, or that it goes on.
const EXPECTED: &[(&str, &str)] = &[
    ("fapi-discovery-issuer", "issuer"),
    ("fapi-discovery-no-par", "configuration"),
    // what is not announced is taken all the same
    ("fapi-discovery-no-iss", "ok"),
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
    ("fapi-id-token-crit", "algorithm"),
    ("fapi-id-token-not-json", "malformed"),
    ("fapi-id-token-issuer", "issuer"),
    ("fapi-id-token-issuer-legacy", "issuer"),
    ("fapi-id-token-audience", "audience"),
    ("fapi-id-token-audience-list", "ok"),
    ("fapi-id-token-audience-strangers", "audience"),
    ("fapi-id-token-expired", "expiry"),
    ("fapi-id-token-no-exp", "expiry"),
    ("fapi-id-token-future", "expiry"),
    ("fapi-id-token-exp-text", "expiry"),
    ("fapi-id-token-nonce", "nonce"),
    ("fapi-id-token-nonce-longer", "nonce"),
    ("fapi-id-token-no-nonce", "nonce"),
    ("fapi-id-token-no-sub", "subject"),
    ("fapi-id-token-sub-legacy", "subject"),
    // no level was asked for: `a_level_that_was_asked_for_is_held`
    ("fapi-id-token-level", "ok"),
    ("fapi-id-token-extra-claims", "ok"),
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
