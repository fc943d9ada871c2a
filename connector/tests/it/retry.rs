//! "Later" is believed a bounded number of times, and never where it could do harm. Nothing here takes time.

use crate::world::{NOW, World, answer, person, token};
use myinfo_connector::error::{Endpoint, Error, TransportProblem};
use myinfo_connector::v3::authorise::Code;
use std::collections::BTreeSet;

/// What comes of redeeming a code in a world, as the person's name or the error.
async fn outcome(world: &World) -> Result<String, Error> {
    let person = world.connector().redeem(Code::new("c").into()).await?;
    Ok(person.name().value().unwrap_or_default().to_owned())
}

fn upstream(endpoint: Endpoint, status: u16) -> Result<String, Error> {
    Err(Error::Upstream { endpoint, status })
}

fn field<'a>(header: &'a str, name: &str) -> &'a str {
    header.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap()
}

#[tokio::test]
async fn the_connector_waits_as_long_as_it_is_told_and_signs_anew() {
    let world = World::answering([token(), answer(429, Some(2), ""), answer(503, Some(5), ""), person()]);
    assert_eq!(outcome(&world).await.unwrap(), "ANDY LAU");
    assert_eq!(world.waits(), [2, 5]);
    let headers: Vec<String> = world
        .requests()
        .into_iter()
        .flat_map(|request| request.headers)
        .filter_map(|(name, value)| (name == "Authorization").then_some(value))
        .collect();
    let nonces: BTreeSet<&str> = headers.iter().map(|header| field(header, "nonce")).collect();
    assert_eq!(nonces.len(), 4, "{headers:?}");
    let times: Vec<u64> = headers.iter().map(|header| field(header, "timestamp").parse().unwrap()).collect();
    assert_eq!(times, [NOW, NOW, NOW + 2_000, NOW + 7_000], "each is of its own moment");
}

#[tokio::test]
async fn without_a_word_how_long_it_waits_a_second() {
    for (status, retry_after) in [(429, None), (503, None), (502, None), (504, None), (502, Some(3)), (504, Some(3))] {
        let world = World::answering([token(), answer(status, retry_after, ""), person()]);
        assert_eq!(outcome(&world).await.unwrap(), "ANDY LAU");
        assert_eq!(world.waits(), [1], "{status} {retry_after:?}");
    }
}

#[tokio::test]
async fn now_is_no_wait_and_still_another_try() {
    let world = World::answering([token(), answer(429, Some(0), ""), person()]);
    assert_eq!(outcome(&world).await.unwrap(), "ANDY LAU");
    assert_eq!(world.waits(), [0]);
}

#[tokio::test]
async fn three_tries_and_no_more() {
    let later = || answer(429, Some(1), "");
    let world = World::answering([token(), later(), later(), later()]);
    assert_eq!(outcome(&world).await, upstream(Endpoint::Person, 429));
    assert_eq!((world.waits(), world.requests().len()), (vec![1, 1], 4));
}

#[tokio::test]
async fn a_service_that_wants_more_than_five_seconds_is_not_waited_for() {
    for (retry_after, waits) in [(5, vec![5]), (6, vec![]), (u64::MAX, vec![])] {
        let world = World::answering([token(), answer(503, Some(retry_after), ""), person()]);
        let expected = if waits.is_empty() { upstream(Endpoint::Person, 503) } else { Ok("ANDY LAU".to_owned()) };
        assert_eq!(outcome(&world).await, expected, "{retry_after}");
        assert_eq!(world.waits(), waits, "{retry_after}");
    }
}

#[tokio::test]
async fn what_time_does_not_mend_is_not_tried_again() {
    for (second, code) in [
        (answer(500, Some(1), ""), "upstream"),
        (answer(401, Some(1), ""), "person_refused"),
        (answer(403, Some(1), ""), "person_refused"),
        (answer(404, Some(1), ""), "no_profile"),
        (answer(200, Some(1), "{}"), "malformed"),
    ] {
        let world = World::answering([token(), second]);
        assert_eq!(outcome(&world).await.unwrap_err().code(), code);
        assert_eq!((world.waits(), world.requests().len()), (vec![], 2), "{code}");
    }
    let cut = Error::Transport { endpoint: Endpoint::Person, problem: TransportProblem::BrokenOff };
    let world = World::answering([token()]).then_failing(cut.clone());
    assert_eq!(outcome(&world).await, Err(cut));
    assert!(world.waits().is_empty());
}

#[tokio::test]
async fn the_token_request_is_sent_once_whatever_comes() {
    for status in [429, 500, 502, 503, 504] {
        let world = World::answering([answer(status, Some(1), "")]);
        assert_eq!(outcome(&world).await, upstream(Endpoint::Token, status));
        assert_eq!((world.waits(), world.requests().len()), (vec![], 1), "{status}: a code works once");
    }
}
