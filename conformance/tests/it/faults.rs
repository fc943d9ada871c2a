//! Every fault of the catalogue: armed once, it changes exactly the one thing that it names.

mod rows;

use self::rows::{ROWS, Row};
use crate::facts::{Facts, Upto, facts};
use crate::support::{Rig, admin, newest, rig};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Layers that are inside another one: when the outer one is missing, so are they.
const INNER: &[(&str, &[&str])] =
    &[("person-jwe", &["plaintext", "person-jws", "data"]), ("plaintext", &["person-jws", "data"])];

async fn arm(rig: &Rig, id: &str) {
    let url = format!("{}/_mock/faults", rig.mock.base_url());
    let answer = rig.client.http.post(url).json(&json!({"id": id, "times": 1})).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{id}: {}", answer.text().await.unwrap());
}

fn begins(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || !rest.starts_with(char::is_alphanumeric))
}

/// The facts of one flow that the other has not, or has otherwise.
fn differences<'a>(usual: &'a Facts, faulty: &'a Facts, upto: Upto) -> BTreeSet<&'a str> {
    let reached = |name: &str| match upto {
        Upto::Callback => begins(name, "callback"),
        Upto::Token => ["callback", "token", "access-token"].iter().any(|layer| begins(name, layer)),
        Upto::Person => true,
    };
    let names: BTreeSet<&str> = usual.keys().chain(faulty.keys()).map(String::as_str).collect();
    names.into_iter().filter(|name| reached(name) && usual.get(*name) != faulty.get(*name)).collect()
}

/// What is wrong with what a fault changed: nothing, if exactly the expected.
fn judged(usual: &Facts, faulty: &Facts, (_, upto, expected): &Row) -> String {
    let mut wrong = String::new();
    let different = differences(usual, faulty, *upto);
    let missing = |layer: &str| expected.iter().any(|(prefix, part)| *prefix == layer && *part == "-");
    let inner = |name: &str| {
        INNER.iter().any(|(outer, layers)| missing(outer) && layers.iter().any(|layer| begins(name, layer)))
            && !faulty.contains_key(name)
    };
    for name in &different {
        if !expected.iter().any(|(prefix, _)| begins(name, prefix)) && !inner(name) {
            let _ = writeln!(wrong, "  {name} changed to {:?}", faulty.get(*name));
        }
    }
    for (prefix, part) in *expected {
        let changed: Vec<&&str> = different.iter().filter(|name| begins(name, prefix)).collect();
        let fits = |name: &&&str| match (faulty.get(**name), part.strip_prefix('=')) {
            (None, _) => *part == "-",
            (Some(value), Some(whole)) => value == whole,
            (Some(value), None) => value.contains(part),
        };
        if !changed.iter().any(fits) {
            let _ = writeln!(wrong, "  {prefix} is not {part:?}, but {:?}", faulty.get(*prefix));
        }
    }
    wrong
}

#[tokio::test]
async fn every_fault_changes_exactly_one_thing() {
    let rig = rig("com").await;
    // a login of another browser is under way, whose state one of the faults returns
    let another = rig.client.authorise_url("name", "of another browser").unwrap();
    rig.client.callback(another, "S6005048A").await.unwrap();
    let usual = facts(&rig, Upto::Person).await;
    assert_eq!(facts(&rig, Upto::Person).await, usual, "two usual flows differ");
    let mut wrong = String::new();
    let mut seen = newest(&rig).await["number"].as_u64().unwrap();
    for row in ROWS {
        arm(&rig, row.0).await;
        let faulty = facts(&rig, row.1).await;
        let judgement = judged(&usual, &faulty, row);
        if !judgement.is_empty() {
            let _ = writeln!(wrong, "{}:\n{judgement}", row.0);
        }
        assert_eq!(struck_after(&rig, &mut seen).await, json!([row.0]), "the journal does not tell of {}", row.0);
        assert_eq!(admin(&rig, "faults").await["armed"], json!([]), "{} is still armed", row.0);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!(facts(&rig, Upto::Person).await, usual, "a fault stayed");
}

/// The faults of the exchanges behind the one with this number.
async fn struck_after(rig: &Rig, seen: &mut u64) -> Value {
    let journal = admin(rig, &format!("exchanges?after={seen}")).await;
    let exchanges = journal["exchanges"].as_array().unwrap();
    *seen += u64::try_from(exchanges.len()).unwrap();
    exchanges.iter().flat_map(|exchange| exchange["faults"].as_array().unwrap()).cloned().collect()
}

#[tokio::test]
async fn no_fault_is_without_its_test() {
    let rig = rig("com").await;
    let catalogue = admin(&rig, "faults").await;
    let known: BTreeSet<&str> = catalogue["catalogue"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|fault| fault["profile"] == "v3" && fault["stage"] != "acceptance")
        .map(|fault| fault["id"].as_str().unwrap())
        .collect();
    let tested: BTreeSet<&str> = ROWS.iter().map(|(id, ..)| *id).collect();
    assert_eq!(tested, known);
    let any = ROWS.iter().find(|(.., expected)| expected.iter().any(|(_, part)| part.is_empty()));
    assert!(any.is_none(), "an empty part stands in every text: {any:?}");
}

#[tokio::test]
async fn a_refusal_before_the_work_leaves_the_code_unused_and_one_after_it_does_not() {
    let rig = rig("com").await;
    for (id, first, second) in [("token-503", 503, 200), ("token-html", 200, 400)] {
        let code = rig.client.code("name", "S6005048A").await.unwrap();
        arm(&rig, id).await;
        assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), first, "{id}");
        assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), second, "{id}");
    }
    assert_eq!(newest(&rig).await["refused"]["rule"], "v3.token.code-once");
}

#[tokio::test]
async fn a_fault_for_one_client_spares_the_others_and_one_for_ever_stays() {
    let rig = rig("com").await;
    let url = format!("{}/_mock/faults", rig.mock.base_url());
    let other = json!({"id": "token-503", "client": "STG2-MYINFO-SELF-TEST"});
    assert_eq!(rig.client.http.post(&url).json(&other).send().await.unwrap().status(), 200);
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), 200);
    let own = json!({"id": "token-503", "client": "TESTBED-CLIENT"});
    assert_eq!(rig.client.http.post(&url).json(&own).send().await.unwrap().status(), 200);
    for _ in 0..3 {
        assert_eq!(rig.client.send(&rig.client.token_draft("x")).await.unwrap().status(), 400);
        let code = rig.client.code("name", "S6005048A").await.unwrap();
        assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), 503);
    }
    assert_eq!(rig.client.http.delete(format!("{url}/token-503")).send().await.unwrap().status(), 200);
    assert_eq!(rig.client.http.delete(format!("{url}/token-503")).send().await.unwrap().status(), 404);
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), 200);
}
