//! One hostile request for each rule: the good one with one defect, which must be named, and nothing else.

mod login;
mod signed;

use crate::described::assert_described;
use crate::support::{NOW, Rig, admin, newest, rig_with, told};
use myinfo_conformance::server::client::v3::{Draft, Token};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use url::Url;

const ATTRIBUTES: &str = "uinfin,name,sex";

/// How a request is made hostile.
enum Hostile {
    /// The authorise address, its pairs changed.
    Authorise(fn(&mut Vec<(String, String)>)),
    /// A token request, changed and then signed.
    Token(fn(&mut Draft)),
    /// A token request that is sent as it is made here, its code given.
    RawToken(fn(&Rig, Draft) -> RequestBuilder),
    /// A person request, changed and then signed.
    Person(fn(&mut Draft)),
    /// Any request.
    Raw(fn(&Rig) -> RequestBuilder),
    /// A token request with the code of the step before, which came to this code by another way.
    Code(CodeOf),
    /// A person request with a token of another kind.
    TokenOf(TokenKind),
}

/// Where a code comes from that is not to be taken.
#[derive(Clone, Copy)]
enum CodeOf {
    Redeemed,
    Expired,
    OtherContext,
}

#[derive(Clone, Copy)]
enum TokenKind {
    Expired,
    OtherContext,
    OtherClient,
}

/// Rule, diagnosis, status, a part of the cause, and the request.
type Case = (&'static str, Option<&'static str>, u16, &'static str, Hostile);

fn set(pairs: &mut [(String, String)], name: &str, value: &str) {
    pairs.iter_mut().filter(|(known, _)| known == name).for_each(|(_, old)| value.clone_into(old));
}

fn drop_pair(pairs: &mut Vec<(String, String)>, name: &str) {
    pairs.retain(|(known, _)| known != name);
}

/// Every request, in the order of the flow.
fn cases() -> impl Iterator<Item = &'static Case> {
    login::CASES.iter().chain(signed::CASES)
}

/// A token of the recorded shape by another key.
const FOREIGN: &str = concat!(
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6ImFub3RoZXIifQ",
    ".eyJpc3MiOiJodHRwczovL3Rlc3QuYXBpLm15aW5mby5nb3Yuc2cvc2VydmljZWF1dGgvbXlpbmZvLWNvbSJ9",
    ".YWJj"
);

const NARROW: &str = "[[client]]\nid = 'NARROW'\nv3.secret = 'a-secret-of-its-own'\nredirect_uris = ['http://localhost:3001/callback']\nv3.attributes = ['uinfin', 'name', 'sex']\nv3.certificate = '''CERTIFICATE'''";

async fn target() -> Rig {
    let narrow = NARROW.replace("CERTIFICATE", myinfo_fixtures::keys::CLIENT_CERT_PEM);
    rig_with("com", &narrow, |builder| builder).await
}

async fn send(rig: &mut Rig, hostile: &Hostile) -> u16 {
    let answer = match hostile {
        Hostile::Authorise(change) => {
            let url = rig.client.authorise_url(ATTRIBUTES, "a state").unwrap();
            let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            change(&mut pairs);
            let mut hostile: Url = url.clone();
            hostile.query_pairs_mut().clear().extend_pairs(pairs);
            rig.client.http.get(hostile).header("X-Myinfo-Mock-Persona", "S6005048A").send().await
        }
        Hostile::Token(change) => {
            let mut draft = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
            draft.header.nonce.push_str("-hostile");
            change(&mut draft);
            return rig.client.send(&draft).await.unwrap().status().as_u16();
        }
        Hostile::RawToken(make) => {
            let mut draft = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
            draft.header.nonce.push_str("-hostile");
            make(rig, draft).send().await
        }
        Hostile::Person(change) => {
            let mut draft = rig.client.person_draft(&token(rig).await, ATTRIBUTES);
            change(&mut draft);
            return rig.client.send(&draft).await.unwrap().status().as_u16();
        }
        Hostile::Raw(make) => make(rig).send().await,
        Hostile::Code(kind) => return send_code(rig, *kind).await,
        Hostile::TokenOf(kind) => return send_token(rig, *kind).await,
    };
    answer.unwrap().status().as_u16()
}

async fn token(rig: &Rig) -> Token {
    rig.client.token(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap()).await.unwrap()
}

async fn send_code(rig: &mut Rig, kind: CodeOf) -> u16 {
    if matches!(kind, CodeOf::OtherContext) {
        rig.client.context = "gov";
    }
    let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    rig.client.context = "com";
    match kind {
        CodeOf::Redeemed => assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), 200),
        CodeOf::Expired => admin_post(rig, "clock", &json!({"advance_seconds": 301})).await,
        CodeOf::OtherContext => {}
    }
    let mut draft = rig.client.token_draft(&code);
    draft.header.nonce.push_str("-again");
    if matches!(kind, CodeOf::Expired) {
        draft.header.timestamp = (NOW + 301_000).to_string();
    }
    rig.client.send(&draft).await.unwrap().status().as_u16()
}

async fn send_token(rig: &mut Rig, kind: TokenKind) -> u16 {
    if matches!(kind, TokenKind::OtherContext) {
        rig.client.context = "gov";
    }
    if matches!(kind, TokenKind::OtherClient) {
        rig.client.client_id = "NARROW".into();
        rig.client.client_secret = "a-secret-of-its-own".into();
    }
    let token = token(rig).await;
    rig.client.context = "com";
    rig.client.client_id = myinfo_fixtures::keys::CLIENT_ID.into();
    rig.client.client_secret = myinfo_fixtures::keys::CLIENT_SECRET.into();
    let mut draft = rig.client.person_draft(&token, ATTRIBUTES);
    if matches!(kind, TokenKind::Expired) {
        admin_post(rig, "clock", &json!({"advance_seconds": 1800})).await;
        draft.header.timestamp = (NOW + 1_800_000).to_string();
    }
    rig.client.send(&draft).await.unwrap().status().as_u16()
}

async fn admin_post(rig: &Rig, path: &str, body: &Value) {
    let answer = rig.client.http.post(format!("{}/_mock/{path}", rig.mock.base_url())).json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

#[tokio::test]
async fn every_rule_has_a_hostile_request_that_breaks_it_alone() {
    let mut rig = target().await;
    let mut used = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
    used.header.nonce = "used".into();
    assert_eq!(told(rig.client.send(&used).await.unwrap()).await.0, 200);
    let description = admin(&rig, "openapi/v3.json").await;
    for (rule, diagnosis, status, says, hostile) in cases() {
        assert_eq!(send(&mut rig, hostile).await, *status, "{rule}");
        let exchange = newest(&rig).await;
        assert_described(&description, &exchange, (rule, *status, ""));
        let broken: Vec<&str> = exchange["rules"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|verdict| verdict["verdict"] == "broken")
            .map(|verdict| verdict["id"].as_str().unwrap())
            .collect();
        assert_eq!(broken, [*rule], "{says}: {}", exchange["refused"]);
        let problem = &exchange["refused"];
        assert_eq!(problem["diagnosis"].as_str(), *diagnosis, "{rule}: {problem}");
        assert!(problem["cause"].as_str().unwrap().contains(says), "{rule}: {problem}");
        assert!(problem["fix"].as_str().is_some_and(|fix| fix.len() > 10), "{rule}: {problem}");
        admin_delete(&rig, "clock").await;
    }
    let catalogue = admin(&rig, "rules").await;
    let ids = catalogue["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap());
    // those of other profiles have tests of their own
    let known: BTreeSet<&str> = ids.filter(|id| !id.starts_with("fapi.") && !id.starts_with("oidc.")).collect();
    let tried: BTreeSet<&str> = cases().map(|(rule, ..)| *rule).collect();
    assert_eq!(tried, known, "a rule that no hostile request breaks");
}

#[tokio::test]
async fn every_oversight_lets_the_request_through_that_breaks_its_rule() {
    let mut rig = target().await;
    let mut used = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
    used.header.nonce = "used".into();
    assert_eq!(told(rig.client.send(&used).await.unwrap()).await.0, 200);
    let faults = admin(&rig, "faults").await;
    let oversights = faults["catalogue"].as_array().unwrap().iter();
    let oversights = oversights.filter(|fault| fault["profile"] == "v3" && fault["stage"] == "acceptance");
    let mut tried = 0;
    for fault in oversights {
        let (id, rule) = (fault["id"].as_str().unwrap(), fault["clause"].as_str().unwrap());
        for (_, _, _, says, hostile) in cases().filter(|(known, ..)| *known == rule) {
            // a token that is none, or that has none of the claims, breaks more than this rule
            if *says == "five parts" || says.starts_with("by another service") {
                continue;
            }
            admin_post(&rig, "faults", &json!({"id": id, "times": 1})).await;
            let status = send(&mut rig, hostile).await;
            let exchange = newest(&rig).await;
            assert!(status < 400 && exchange["refused"].is_null(), "{id}, {says}: {status} {}", exchange["refused"]);
            let overlooked: Vec<&Value> =
                exchange["rules"].as_array().unwrap().iter().filter(|rule| rule["verdict"] == "overlooked").collect();
            assert_eq!(overlooked.len(), 1, "{id}, {says}");
            assert_eq!((&overlooked[0]["id"], &exchange["faults"]), (&json!(rule), &json!([id])), "{says}");
            assert_eq!(admin(&rig, "faults").await["armed"], json!([]), "{id} is used up");
            admin_delete(&rig, "clock").await;
            tried += 1;
        }
    }
    assert!(tried >= 22, "{tried}");
}

async fn admin_delete(rig: &Rig, path: &str) {
    let answer = rig.client.http.delete(format!("{}/_mock/{path}", rig.mock.base_url())).send().await.unwrap();
    assert!(answer.status().is_success());
}

#[tokio::test]
async fn all_broken_rules_are_told_and_the_first_one_on_the_wire() {
    let rig = target().await;
    let mut draft = rig.client.token_draft("0".repeat(40).as_str());
    draft.set("client_secret", "wrong").set("grant_type", "password");
    draft.header.timestamp = "1".into();
    draft.signed_url.push('/');
    let (status, body) = told(rig.client.send(&draft).await.unwrap()).await;
    assert_eq!(status, 401);
    assert!(body.contains("Invalid timestamp"), "{body}");
    let exchange = newest(&rig).await;
    let verdict = |wanted: &str| -> Vec<String> {
        let rules = exchange["rules"].as_array().unwrap().iter().filter(|rule| rule["verdict"] == wanted);
        rules.map(|rule| rule["id"].as_str().unwrap().trim_start_matches("v3.").to_owned()).collect()
    };
    assert_eq!(
        verdict("broken"),
        ["signature.timestamp", "signature.valid", "token.client-secret", "token.grant-type", "token.code-known"]
    );
    assert!(verdict("kept").contains(&"signature.app-id-known".to_owned()));
    assert_eq!(
        verdict("not-examined"),
        [
            "signature.nonce-once",
            "token.code-own",
            "token.code-once",
            "token.code-unexpired",
            "token.redirect-uri-same"
        ]
    );
}

#[tokio::test]
async fn a_refused_request_uses_up_neither_code_nor_nonce() {
    let rig = target().await;
    let good = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
    let mut wrong = good.clone();
    wrong.header.timestamp = (NOW - 301_000).to_string();
    assert_eq!(told(rig.client.send(&wrong).await.unwrap()).await.0, 401);
    assert_eq!(told(rig.client.send(&good).await.unwrap()).await.0, 200);
}

#[tokio::test]
async fn unknown_parameters_and_signs_of_other_versions_are_noted_and_ignored() {
    let rig = target().await;
    let mut draft = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
    draft.set("code_verifier", "x").set("colour", "red");
    assert_eq!(told(rig.client.send(&draft).await.unwrap()).await.0, 200);
    let notes = newest(&rig).await["notes"].clone();
    assert_eq!(notes.as_array().unwrap().len(), 2, "{notes}");
    assert!(
        notes[0]["diagnosis"] == "EXTRA-PARAM" && notes[0]["text"].as_str().unwrap().contains("PKCE belongs to v4"),
        "{notes}"
    );
    assert!(notes[1]["text"].as_str().unwrap().contains("`colour`"), "{notes}");
}
