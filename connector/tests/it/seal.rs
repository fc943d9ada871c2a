//! What a browser keeps under a seal: it comes back whole, in time and unchanged, or not at all.

use crate::world::{World, person, token};
use myinfo_connector::error::{Error, KeptProblem};
use myinfo_connector::{Kept, Seal, State};
use proptest::prelude::*;
use std::time::Duration;

const LIFETIME: Duration = Duration::from_secs(600);
const KEY: [u8; 32] = [7; 32];

fn kept() -> Kept {
    Kept::new(State::from_session("0123456789abcdef0123456789abcdef"))
}

const FORM: Error = Error::Kept(KeptProblem::Form);
const CHANGED: Error = Error::Kept(KeptProblem::Changed);
const EXPIRED: Error = Error::Kept(KeptProblem::Expired);

#[tokio::test]
async fn a_login_is_finished_with_what_the_cookie_brought_back() {
    let world = World::answering([token(), person()]);
    let connector = world.connector();
    let seal = Seal::fresh(LIFETIME, connector.ambient()).unwrap();
    let login = connector.begin().await.unwrap();
    let callback = format!("http://localhost:3001/callback?code=c&state={}", login.kept.state().as_str());
    let cookie = seal.close(&login.kept, connector.ambient()).unwrap();
    let person = connector.finish(&callback, seal.open(&cookie, connector.ambient()).unwrap()).await.unwrap();
    assert_eq!(person.name().value(), Some("ANDY LAU"));
}

#[test]
fn another_implementation_seals_the_same_text() {
    // Node: createCipheriv("aes-256-gcm", key, nonce).setAAD("myinfo-connector kept 1") over
    // {"expires":1700000600,"kept":{"state":"0123…"}}; then base64url of nonce, ciphertext, tag
    let expected = "AAAAAAAAAAAAAAAAGvrByov7eY2SJbVV80t7no3fn8lD8Ikwc2X06nWSOBWZqD0xochJzvWIy0utkX-Sf-HKLO2ZUtj4HLQoMx3OQurvUgHJUM5LN4GTuZBYp54B5M539zqSN7qN";
    let world = World::answering([]);
    assert_eq!(Seal::new(KEY, LIFETIME).close(&kept(), &world).unwrap(), expected);
}

#[test]
fn a_cookie_can_carry_it_and_nobody_can_read_it() {
    let world = World::answering([]);
    let sealed = Seal::new(KEY, LIFETIME).close(&kept(), &world).unwrap();
    assert!(sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'), "{sealed}");
    assert!(sealed.len() < 200, "{}", sealed.len());
    assert!(!sealed.contains("0123456789abcdef"));
}

#[test]
fn the_same_is_never_sealed_the_same_way_twice() {
    let world = World::answering([]);
    let seal = Seal::new(KEY, LIFETIME);
    let (first, second) = (seal.close(&kept(), &world).unwrap(), seal.close(&kept(), &world).unwrap());
    // 16 characters are the nonce, and not only it differs
    assert_ne!(first[..16], second[..16]);
    assert_ne!(first[16..], second[16..]);
}

#[test]
fn it_is_refused_from_the_second_on_at_which_its_time_is_over() {
    let world = World::answering([]);
    let seal = Seal::new(KEY, LIFETIME);
    let sealed = seal.close(&kept(), &world).unwrap();
    world.pass(Duration::from_millis(599_999));
    assert_eq!(seal.open(&sealed, &world).unwrap().state().as_str(), kept().state().as_str());
    world.pass(Duration::from_millis(1));
    assert_eq!(seal.open(&sealed, &world).unwrap_err(), EXPIRED);
}

#[test]
fn another_key_does_not_open_it() {
    let world = World::answering([]);
    let sealed = Seal::new(KEY, LIFETIME).close(&kept(), &world).unwrap();
    assert_eq!(Seal::new([8; 32], LIFETIME).open(&sealed, &world).unwrap_err(), CHANGED);
    let fresh = || Seal::fresh(LIFETIME, &world).unwrap();
    let sealed = fresh().close(&kept(), &world).unwrap();
    assert_eq!(fresh().open(&sealed, &world).unwrap_err(), CHANGED);
}

#[test]
fn a_cut_one_is_refused_wherever_it_was_cut() {
    let world = World::answering([]);
    let seal = Seal::new(KEY, LIFETIME);
    let sealed = seal.close(&kept(), &world).unwrap();
    for length in 0..sealed.len() {
        let error = seal.open(&sealed[..length], &world).unwrap_err();
        assert!([FORM, CHANGED].contains(&error), "{length}: {error}");
    }
    assert_eq!(seal.open(&sealed[..20], &world).unwrap_err(), FORM);
}

proptest! {
    #[test]
    fn a_changed_character_is_noticed_wherever_it_stands(position in any::<prop::sample::Index>(), other in "[A-Za-z0-9_-]") {
        let world = World::answering([]);
        let seal = Seal::new(KEY, LIFETIME);
        let mut sealed = seal.close(&kept(), &world).unwrap();
        let at = position.index(sealed.len());
        prop_assume!(sealed[at..=at] != other);
        sealed.replace_range(at..=at, &other);
        // the last character may hold bits that no byte uses: they must be zero, so that one value has one text
        let error = seal.open(&sealed, &world).unwrap_err();
        prop_assert!([FORM, CHANGED].contains(&error), "{}", error);
    }

    #[test]
    fn what_was_never_sealed_is_refused(text in "\\PC{0,120}") {
        let error = Seal::new(KEY, LIFETIME).open(&text, &World::answering([])).unwrap_err();
        prop_assert!([FORM, CHANGED].contains(&error), "{}", error);
    }

    #[test]
    fn every_state_comes_back_as_it_was(state in "\\PC{0,60}") {
        let world = World::answering([]);
        let seal = Seal::new(KEY, LIFETIME);
        let sealed = seal.close(&Kept::new(State::from_session(state.clone())), &world).unwrap();
        let opened = seal.open(&sealed, &world).unwrap();
        prop_assert_eq!(opened.state().as_str(), state);
    }
}

#[test]
fn debug_output_holds_no_key() {
    let text = format!("{:?}", Seal::new(KEY, LIFETIME));
    assert_eq!(text, r#"Seal { key: "[redacted]", lifetime: 600s }"#);
}

#[tokio::test]
async fn without_chance_nothing_begins_and_nothing_is_sealed() {
    let world = World::answering([]).without_chance();
    let connector = world.connector();
    assert_eq!(connector.begin().await.unwrap_err().code(), "configuration");
    assert_eq!(Seal::new(KEY, LIFETIME).close(&kept(), &world).unwrap_err().code(), "configuration");
    assert_eq!(Seal::fresh(LIFETIME, &world).unwrap_err().code(), "configuration");
    let code = myinfo_connector::v3::authorise::Code::new("c");
    assert_eq!(connector.redeem(code.into()).await.unwrap_err().code(), "configuration");
    assert!(world.requests().is_empty(), "nothing was sent without a nonce");
}
