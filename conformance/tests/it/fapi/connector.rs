//! The reference connector over FAPI against the mock: what is good it takes, what is wrong it refuses, and then it stops.

use super::connector_rig::{Rig, Seen, login_config, myinfo_config};
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
