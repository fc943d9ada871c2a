//! What the mock says of requests with one mistake of a known kind: the exact cause. And of good but unusual ones: nothing.

mod children;
mod paths;
mod rows;
mod unusual;

use crate::support::{Rig, newest, rig, rig_with};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use myinfo_conformance::server::client::v3::{Draft, Token};
use myinfo_fixtures::keys::{CLIENT_CERT_PEM, CLIENT_SECRET};
use rows::{FORMS, HEADERS, LISTS};
use serde_json::json;

const ATTRIBUTES: &str = "uinfin,name,sex";

/// How a request is made wrong.
#[derive(Clone, Copy)]
enum Wrong {
    /// The header of a token request, after it was signed.
    Header(fn(&str) -> String),
    /// The header of a person request.
    PersonHeader(fn(&str) -> String),
    /// A token request, before it is signed.
    Token(fn(&mut Draft)),
    /// A person request, before it is signed.
    Person(fn(&mut Draft)),
    /// Parameters of the authorise address: another value, or none.
    Authorise(&'static [(&'static str, Option<&'static str>)]),
}
use Wrong::{Authorise, Header, Person, PersonHeader, Token as InToken};

/// Rule, diagnosis, a part of the cause, and the request.
type Case = (&'static str, &'static str, &'static str, Wrong);

const PRESENT: &str = "v3.signature.header-present";
const GENUINE: &str = "v3.person.bearer-genuine";
const KNOWN: &str = "v3.authorise.attributes-known";
const CONSENTED: &str = "v3.person.attributes-consented";

async fn token(rig: &Rig, attributes: &str) -> Token {
    rig.client.token(&rig.client.code(attributes, "S6005048A").await.unwrap()).await.unwrap()
}

async fn send(rig: &Rig, wrong: Wrong) -> u16 {
    let client = &rig.client;
    let answer = match wrong {
        Header(change) => {
            let draft = client.token_draft(&client.code(ATTRIBUTES, "S6005048A").await.unwrap());
            client.request(&draft, Some(&change(&client.authorization(&draft)))).send().await
        }
        PersonHeader(change) => {
            let draft = client.person_draft(&token(rig, ATTRIBUTES).await, ATTRIBUTES);
            client.request(&draft, Some(&change(&client.authorization(&draft)))).send().await
        }
        InToken(change) => {
            let mut draft = client.token_draft(&client.code(ATTRIBUTES, "S6005048A").await.unwrap());
            change(&mut draft);
            client.request(&draft, Some(&client.authorization(&draft))).send().await
        }
        Person(change) => {
            let mut draft = client.person_draft(&token(rig, ATTRIBUTES).await, ATTRIBUTES);
            change(&mut draft);
            client.request(&draft, Some(&client.authorization(&draft))).send().await
        }
        Authorise(changes) => {
            let mut url = client.authorise_url(ATTRIBUTES, "a state").unwrap();
            let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            for (name, value) in changes {
                pairs.retain(|(known, _)| known != name);
                pairs.extend(value.map(|value| ((*name).to_owned(), value.to_owned())));
            }
            url.query_pairs_mut().clear().extend_pairs(pairs);
            client.http.get(url).send().await
        }
    };
    answer.unwrap().status().as_u16()
}

/// Whether a JWT's header stands in the text, with its dot: a signature in Base64 may hold `eyJ` by chance.
fn shows_a_jwt(text: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    text.match_indices("eyJ").any(|(start, _)| text[start..].trim_start_matches(is_part).starts_with('.'))
}

#[tokio::test]
async fn every_kind_of_mistake_is_named_and_no_secret_with_it() {
    let narrow = format!(
        "[[client]]\nid = 'NARROW'\nv3.secret = 'a-secret-of-its-own'\nredirect_uris = ['http://localhost:3001/callback']\nv3.certificate = '''{CLIENT_CERT_PEM}'''"
    );
    let rig = rig_with("com", &narrow, |builder| builder).await;
    for (rule, diagnosis, says, wrong) in HEADERS.iter().chain(FORMS) {
        let status = send(&rig, *wrong).await;
        assert!(status >= 300, "{says}: {status}");
        let exchange = newest(&rig).await;
        let problem = &exchange["refused"];
        assert_eq!(problem["rule"], *rule, "{says}: {problem}");
        assert!(problem["cause"].as_str().unwrap().contains(says), "{says}: {problem}");
        assert_eq!(problem["diagnosis"].as_str().unwrap_or_default(), *diagnosis, "{says}: {problem}");
        let shown = exchange.to_string();
        for secret in [CLIENT_SECRET, "a-secret-of-its-own", &BASE64_STANDARD.encode(CLIENT_SECRET)] {
            assert!(!shown.contains(secret), "{says}: {secret} in {shown}");
        }
        // what stands as code is shown as it was sent, whatever it is
        assert!(*says == "is a JWT" || !shows_a_jwt(&shown), "{says}: a JWT in {shown}");
    }
}

#[tokio::test]
async fn whatever_authorise_knows_of_attribute_lists_the_other_endpoints_know_too() {
    let rig = rig("com").await;
    let token = token(&rig, ATTRIBUTES).await;
    for (number, (list, says)) in LISTS.iter().enumerate() {
        let authorise = rig.client.http.get(rig.client.authorise_url(list, "s").unwrap());
        assert_eq!(authorise.send().await.unwrap().status(), 302);
        let of_authorise = newest(&rig).await["refused"].clone();
        let mut draft = rig.client.person_draft(&token, list);
        draft.header.nonce = format!("list-{number}");
        assert_eq!(rig.client.send(&draft).await.unwrap().status(), 403, "{list}");
        let of_person = newest(&rig).await["refused"].clone();
        let sample = rig.client.endpoint("person-sample/S6005048A");
        let sample = url::Url::parse_with_params(&sample, [("attributes", list)]).unwrap();
        let sample = rig.client.http.get(sample);
        assert_eq!(sample.send().await.unwrap().status(), 403, "{list}");
        let of_sample = newest(&rig).await["refused"].clone();
        let url = rig.client.endpoint("person-basic/S6005048A").replace("/com/", "/gov/");
        let basic = [("attributes", *list), ("client_id", "TESTBED-CLIENT"), ("sp_esvcId", "X")];
        assert_eq!(rig.client.send(&rig.client.draft("GET", url, &basic)).await.unwrap().status(), 401, "{list}");
        let of_basic = newest(&rig).await["refused"].clone();
        for (problem, rule) in [
            (of_authorise, KNOWN),
            (of_person, CONSENTED),
            (of_sample, "v3.person-sample.attributes-known"),
            (of_basic, "v3.person-basic.attributes-permitted"),
        ] {
            assert_eq!(problem["rule"], rule, "{list}: {problem}");
            assert!(problem["cause"].as_str().unwrap().contains(says), "{list}: {problem}");
        }
    }
}

#[tokio::test]
async fn a_signature_or_form_in_another_place_is_found_there() {
    let rig = rig("com").await;
    let client = &rig.client;
    let good = || client.token_draft("c");
    let form = "application/x-www-form-urlencoded";
    let draft = good();
    let signature = client.authorization(&draft);
    let renamed = |name: &'static str| client.request(&draft, None).header(name, signature.clone());
    for (request, rule, says) in [
        (renamed("X-Authorization"), PRESENT, "stands in the header `x-authorization`; its name is `Authorization`"),
        (renamed("Signature"), PRESENT, "stands in the header `signature`"),
        (
            client.request(&draft, None).header("Authorisation", "x"),
            PRESENT,
            "there is a header `authorisation` and none",
        ),
        (
            client.http.post(&draft.url).header("Content-Type", form).body(r#"{"code":"c"}"#),
            "v3.token.form",
            "the body is JSON; the Content-Type says",
        ),
        (
            client.http.post(&draft.url).header("Content-Type", form).body("--x\r\nContent-Disposition: form-data\r\n"),
            "v3.token.form",
            "the body is multipart/form-data",
        ),
        (
            client
                .http
                .post(format!("{}?code=c&client_id=TESTBED-CLIENT", draft.url))
                .header("Content-Type", form)
                .body(""),
            PRESENT,
            "there is no Authorization header",
        ),
    ] {
        assert!(request.send().await.unwrap().status().as_u16() >= 400, "{says}");
        let exchange = newest(&rig).await;
        assert_eq!(exchange["refused"]["rule"], rule, "{says}: {}", exchange["refused"]);
        assert!(exchange["refused"]["cause"].as_str().unwrap().contains(says), "{says}: {}", exchange["refused"]);
    }
    let required = newest(&rig).await["rules"].to_string();
    assert!(required.contains("the query has parameters, and token takes them in the body alone"), "{required}");
}

#[tokio::test]
async fn the_authorisation_code_in_the_tokens_place_is_recognised() {
    let rig = rig("com").await;
    let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    let mut draft = rig.client.person_draft(&token(&rig, ATTRIBUTES).await, ATTRIBUTES);
    draft.bearer = Some(code.clone());
    assert_eq!(rig.client.send(&draft).await.unwrap().status(), 401);
    let problem = newest(&rig).await["refused"].clone();
    assert_eq!((&problem["rule"], &problem["diagnosis"]), (&json!(GENUINE), &json!("TOKEN-WHY")));
    assert!(problem["cause"].as_str().unwrap().contains("it is the authorisation code"), "{problem}");
}

#[tokio::test]
async fn a_nonce_that_is_the_text_of_nothing_is_told_when_it_comes_again() {
    let rig = rig("com").await;
    for expected in [200, 401] {
        let mut draft = rig.client.token_draft(&rig.client.code("name", "S6005048A").await.unwrap());
        draft.header.nonce = "undefined".into();
        assert_eq!(rig.client.send(&draft).await.unwrap().status(), expected);
    }
    let cause = newest(&rig).await["refused"]["cause"].clone();
    assert!(
        cause
            .as_str()
            .unwrap()
            .ends_with("it is the text `undefined`: that is what a variable without a value becomes"),
        "{cause}"
    );
}
