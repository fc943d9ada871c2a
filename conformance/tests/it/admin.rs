//! The admin API: what a test can read of the mock, and what it can make the mock do next.

mod changes;

use crate::support::{NOW, Rig, admin, newest, rig, rig_with, told};
use myinfo_fixtures::keys;
use myinfo_mock_server::MockServer;
use myinfo_mock_server::config::Config;
use myinfo_mock_server::doctor::request::request;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

/// One call of the admin API: status and JSON.
async fn call(rig: &Rig, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = rig.client.http.request(method, format!("{}/_mock/{path}", rig.mock.base_url()));
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn post(rig: &Rig, path: &str, body: Value) -> (u16, Value) {
    call(rig, Method::POST, path, Some(body)).await
}

/// The error of a call that must not work, its status checked.
async fn refused(rig: &Rig, (method, path, body): (Method, &str, Value), status: u16) -> String {
    let (found, answer) = call(rig, method, path, Some(body)).await;
    assert_eq!(found, status, "{path}: {answer}");
    answer["error"].as_str().unwrap().to_owned()
}

/// A whole flow for the testbed's client; the person document.
async fn flow(rig: &Rig, persona: &str) -> Value {
    let token = rig.client.token(&rig.client.code("uinfin,name,dob", persona).await.unwrap()).await.unwrap();
    let document = rig.client.person(&token, "uinfin,name,dob").await.unwrap();
    serde_json::from_str(&document.payload).unwrap()
}

#[tokio::test]
async fn a_flow_is_one_transaction_and_every_condition_finds_its_exchanges() {
    let rig = rig("com").await;
    flow(&rig, "S6005048A").await;
    assert_eq!(rig.client.send(&rig.client.token_draft("0")).await.unwrap().status(), 400);
    let transactions = admin(&rig, "transactions").await;
    assert_eq!(transactions["transactions"].as_array().unwrap().len(), 2);
    let (lone, whole) = (&transactions["transactions"][0], &transactions["transactions"][1]);
    assert_eq!((&whole["outcome"], &whole["events"]), (&json!("complete"), &json!(["authorise", "token", "person"])));
    assert_eq!((&whole["state"], &whole["client"]), (&json!("a state"), &json!("TESTBED-CLIENT")));
    assert_eq!((&lone["outcome"], &lone["broken"]), (&json!("refused"), &json!(["v3.token.code-known"])));
    for (condition, numbers) in [
        ("state=a%20state", vec![1, 2, 3]),
        ("event=token", vec![2, 4]),
        ("status=400", vec![4]),
        ("rule=v3.token.code-known", vec![4]),
        ("rule=CODE-OTHER", vec![4]),
        ("client=TESTBED-CLIENT&after=2", vec![3, 4]),
        ("client=NOBODY", vec![]),
        ("transaction=1&event=person", vec![3]),
        ("since=2023-11-14T22:13:20Z", vec![1, 2, 3, 4]),
        ("since=1700000000001", vec![]),
    ] {
        let found = admin(&rig, &format!("exchanges?{condition}")).await;
        let found: Vec<u64> = found["exchanges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|exchange| exchange["number"].as_u64().unwrap())
            .collect();
        assert_eq!(found, numbers, "{condition}");
    }
    for (wrong, says) in [
        ("exchanges?staet=a", "did you mean `state`"),
        ("exchanges?event=tokn", "did you mean `token`"),
        ("exchanges?rule=v3.token.code-knwn", "did you mean `v3.token.code-known`"),
        ("exchanges?event=logon", "there are authorise"),
        ("exchanges?status=ok", "a number is expected"),
        ("exchanges?since=yesterday", "2026-11-21T08:00:00Z"),
    ] {
        let error = refused(&rig, (Method::GET, wrong, json!({})), 400).await;
        assert!(error.contains(says), "{wrong}: {error}");
    }
}

#[tokio::test]
async fn an_exchange_tells_everything_masked_and_persons_only_when_asked() {
    let rig = rig("com").await;
    flow(&rig, "S6005048A").await;
    let token = admin(&rig, "exchanges/2").await;
    assert_eq!(token["request"]["form"][2], json!(["client_secret", "[redacted]"]));
    assert_eq!(token["tokens"][0]["claims"]["aud"], "TESTBED-CLIENT");
    assert_eq!(token["answer"]["status"], 200);
    assert!(token["rules"].as_array().unwrap().iter().all(|rule| {
        rule["verdict"] == "kept" && rule["document"].is_string() && !rule["section"].as_str().unwrap().is_empty()
    }));
    let person = admin(&rig, "exchanges/3").await;
    assert_eq!(person["document"]["jwe_header"]["alg"], "RSA-OAEP");
    assert_eq!(person["document"]["jws_header"]["alg"], "RS256");
    assert_eq!(person["document"]["person"]["name"]["value"], "[personal]");
    assert_eq!(person["persona"], "*****048A");
    let asked = admin(&rig, "exchanges/3?personal=1").await;
    assert_eq!(asked["document"]["person"]["name"]["value"], "ANDY LAU");
    let everything = rig.client.http.get(format!("{}/_mock/exchanges", rig.mock.base_url()));
    let everything = told(everything.send().await.unwrap()).await.1;
    for secret in [keys::CLIENT_SECRET, "ANDY LAU", "S6005048A", "eyJ0eXAi"] {
        assert!(!everything.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn the_archive_is_read_by_the_doctor_and_the_stream_tells_what_comes() {
    let rig = rig("com").await;
    flow(&rig, "S6005048A").await;
    let archive = admin(&rig, "exchanges.har").await;
    assert_eq!(archive["log"]["version"], "1.2");
    assert_eq!(archive["log"]["entries"].as_array().unwrap().len(), 3);
    assert_eq!(archive["log"]["entries"][1]["request"]["postData"]["params"][2]["value"], "[redacted]");
    let url = format!("{}/_mock/exchanges?follow=1&after=2", rig.mock.base_url());
    let mut stream = rig.client.http.get(url).send().await.unwrap();
    let mut line = async || -> Value { serde_json::from_slice(&stream.chunk().await.unwrap().unwrap()).unwrap() };
    assert_eq!(line().await["number"], 3);
    assert_eq!(rig.client.send(&rig.client.token_draft("0")).await.unwrap().status(), 400);
    let next = line().await;
    assert_eq!((&next["number"], &next["refused"]["rule"]), (&json!(4), &json!("v3.token.code-known")));
    rig.mock.stop().await;
    assert!(stream.chunk().await.unwrap().is_none(), "the stream ends when the server stops");
}

#[tokio::test]
async fn the_doctor_says_of_the_mocks_own_archive_what_the_mock_said() {
    let rig = rig("com").await;
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    let mut wrong = rig.client.token_draft(&code);
    wrong.signed_url.push('/');
    assert_eq!(rig.client.send(&wrong).await.unwrap().status(), 500);
    let token = rig.client.token(&code).await.unwrap();
    let mut wrong = rig.client.person_draft(&token, "name");
    wrong.header.timestamp = "1".to_owned();
    wrong.signed_url = wrong.signed_url.replace("http:", "https:");
    assert_eq!(rig.client.send(&wrong).await.unwrap().status(), 401);
    let archive = admin(&rig, "exchanges.har").await;
    let config = Config::from_toml("", Path::new(".")).unwrap();
    for (place, number) in [(1, 2), (3, 4)] {
        let live = admin(&rig, &format!("exchanges/{number}")).await;
        let alone = json!({"log": {"entries": [archive["log"]["entries"][place]]}});
        let report = request(&config, &alone.to_string()).unwrap();
        let text = report.text;
        assert!(!report.healthy && text.contains("values are masked in"), "{text}");
        let problems = live["rules"].as_array().unwrap().iter().filter_map(|rule| rule.get("problem"));
        let problems: Vec<&Value> = problems.collect();
        assert_eq!(problems.len(), text.matches("  broken ").count(), "{live:#}\n{text}");
        for problem in problems {
            let said = |name: &str| problem[name].as_str().unwrap();
            assert!(text.contains(&format!("  broken {}  ", said("rule"))), "{text}");
            assert!(
                text.contains(&format!("  cause  {}\n  fix    {}\n", said("cause"), said("fix"))),
                "{problem:#}\n{text}"
            );
            for mistake in problem["mistakes"].as_array().into_iter().flatten() {
                assert!(text.contains(&format!("  proved {}", mistake.as_str().unwrap())), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn a_mask_is_never_taken_for_a_value() {
    let rig = rig("com").await;
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), 200);
    let archive = admin(&rig, "exchanges.har").await;
    let mut entry = archive["log"]["entries"][1].clone();
    let config = Config::from_toml("", Path::new(".")).unwrap();
    let said = |entry: &Value| {
        let report = request(&config, &json!({"log": {"entries": [entry]}}).to_string()).unwrap();
        (report.healthy, report.text)
    };
    let (healthy, text) = said(&entry);
    assert!(healthy && text.contains("Nothing was wrong."), "{text}");
    // in the archive of somebody else there are no verdicts
    entry.as_object_mut().unwrap().remove("_rules");
    for mask in ["[redacted]", "%5Bredacted%5D", "%5bredacted%5d", "[token]", "[personal]", "%5Btoken%5D"] {
        let form = entry["request"]["postData"]["text"].as_str().unwrap().to_owned();
        let mut masked = entry.clone();
        masked["request"]["postData"]["text"] = form.replace("[redacted]", mask).replace('…', "").into();
        masked["request"]["headers"] = json!([]);
        let (healthy, text) = said(&masked);
        assert!(!healthy && text.contains("the signature cannot be\n  examined"), "{mask}: {text}");
        assert!(!text.contains("broken"), "{mask}: {text}");
    }
}

#[tokio::test]
async fn a_token_in_a_wrong_field_is_masked_as_tokens_are() {
    let rig = rig("com").await;
    let token = rig.client.token(&rig.client.code("name", "S6005048A").await.unwrap()).await.unwrap().token;
    for name in ["code", "client_secret", "redirect_uri", "state", "client_id", "other"] {
        let mut draft = rig.client.token_draft("c");
        draft.set(name, &token);
        rig.client.send(&draft).await.unwrap();
        let url = rig.client.authorise_url("name", "s").unwrap();
        let others: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(known, _)| known != name)
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let mut url = url;
        url.query_pairs_mut().clear().extend_pairs(&others).append_pair(name, &token);
        rig.client.http.get(url).send().await.unwrap();
    }
    let everything = rig.client.http.get(format!("{}/_mock/exchanges", rig.mock.base_url()));
    let everything = told(everything.send().await.unwrap()).await.1;
    for part in token.split('.') {
        assert!(!everything.contains(&part[..16]), "{part}");
    }
    let journal: Value = serde_json::from_str(&everything).unwrap();
    let sent = journal["exchanges"].as_array().unwrap().iter().find(|exchange| exchange["number"] == 3).unwrap();
    assert!(sent["request"]["form"].as_array().unwrap().contains(&json!(["code", "[token]"])), "{sent:#}");
}

#[tokio::test]
async fn a_mistyped_name_of_a_persona_stands_neither_in_the_page_nor_in_the_journal() {
    let rig = rig("com").await;
    let url = rig.client.authorise_url("name", "s").unwrap();
    let page = rig.client.http.get(url).header("X-Myinfo-Mock-Persona", "ANDY LAUU").send().await.unwrap();
    let (status, page) = told(page).await;
    let exchange = newest(&rig).await;
    assert_eq!(status, 400);
    assert!(page.contains("There is no persona of this id or name.") && !page.contains("LAUU"), "{page}");
    let cause = exchange["refused"]["cause"].as_str().unwrap();
    assert!(cause.starts_with("no persona has the id or name that was asked for; did you mean `ANDY LAU`?"), "{cause}");
    assert!(!exchange.to_string().contains("LAUU"), "{exchange:#}");
}

#[tokio::test]
async fn assertions_hold_or_say_what_was_found() {
    let rig = rig("com").await;
    flow(&rig, "S6005048A").await;
    let good = json!({"client": "TESTBED-CLIENT", "no_rule_broken": true, "called": {"token": 1, "person": 1}});
    assert_eq!(
        post(&rig, "assertions", good.clone()).await,
        (200, json!({"passed": true, "exchanges": 3, "failures": []}))
    );
    assert_eq!(rig.client.send(&rig.client.token_draft("0")).await.unwrap().status(), 400);
    let (status, answer) = post(&rig, "assertions", good).await;
    assert_eq!(status, 422);
    assert_eq!(answer["failures"][0]["found"], json!(["v3.token.code-known in exchange 4"]));
    assert_eq!(answer["failures"][1], json!({"expected": "token called 1 time", "found": "2 times"}));
    let expected = json!({"after": 3, "no_rule_broken": false, "broken": ["v3.token.code-known"]});
    assert_eq!(post(&rig, "assertions", expected).await.0, 200);
    assert_eq!(post(&rig, "assertions", json!({"since": NOW + 1, "called": {"token": 0}})).await.0, 200);
    assert_eq!(post(&rig, "assertions", json!({"broken": ["v3.token.code-once"]})).await.0, 422);
    for (wrong, says) in [
        (json!({"client": "TESTBED-CLEINT"}), "did you mean `TESTBED-CLIENT`"),
        (json!({"broken": ["v3.token.code-nown"]}), "did you mean `v3.token.code-known`"),
        (json!({"called": {"tokens": 1}}), "did you mean `token`?"),
        (json!({"calls": {}}), "unknown field `calls`"),
        (json!({}), "`{}`, so that it would always pass: at least one of `no_rule_broken`, `broken` and `called`"),
        (json!({"client": "TESTBED-CLIENT", "after": 1}), "received, `{\"client\":\"TESTBED-CLIENT\",\"after\":1}`"),
        (json!({"broken": [], "called": {}}), "the last two not empty"),
        (json!({"no_rule_broken": null}), "send {\"no_rule_broken\": true}"),
    ] {
        let error = refused(&rig, (Method::POST, "assertions", wrong), 400).await;
        assert!(error.contains(says), "{error}");
    }
}

#[tokio::test]
async fn an_assertion_does_not_pass_on_what_is_no_longer_kept() {
    let rig = rig_with("com", "[server]\njournal_exchanges = 5", |builder| builder).await;
    rig.client.code("name", "S6005048A").await.unwrap();
    for _ in 0..8 {
        rig.client.code("name", "S6005048A").await.unwrap();
    }
    let (status, answer) = post(&rig, "assertions", json!({"after": 1, "no_rule_broken": true})).await;
    assert_eq!(status, 422);
    assert_eq!(answer["failures"][0]["expected"], "every exchange behind 1 is kept");
    assert_eq!(post(&rig, "assertions", json!({"after": 5, "no_rule_broken": true})).await.0, 200);
}

#[tokio::test]
async fn a_token_of_one_realm_is_none_in_another() {
    let mut rig = rig("com").await;
    let base = rig.mock.base_url();
    assert_eq!(post(&rig, "realms", json!({"name": "one", "clock": {"set": NOW}})).await.0, 201);
    let here = rig.client.token(&rig.client.code("name", "S6005048A").await.unwrap()).await.unwrap();
    rig.client.base_url = format!("{base}/_realm/one");
    let there = rig.client.token(&rig.client.code("name", "S6005048A").await.unwrap()).await.unwrap();
    assert_eq!(rig.client.send(&rig.client.person_draft(&there, "name")).await.unwrap().status(), 200);
    assert_eq!(rig.client.send(&rig.client.person_draft(&here, "name")).await.unwrap().status(), 401);
    rig.client.base_url = base;
    let (status, body) = told(rig.client.send(&rig.client.person_draft(&there, "name")).await.unwrap()).await;
    assert_eq!(status, 401, "{body}");
    assert!(newest(&rig).await["refused"]["cause"].as_str().unwrap().contains("another realm"));
}

#[tokio::test]
async fn no_file_of_the_machine_is_read_for_a_request() {
    let rig = rig("com").await;
    for path in ["/dev/zero", "/etc/passwd", "garbage"] {
        let body = json!({"redirect_uris": ["http://localhost/cb"], "v3": {"secret": "x", "certificate": path}});
        let error = refused(&rig, (Method::PUT, "clients/OTHER", body), 400).await;
        assert!(error.contains("files are not read"), "{error}");
        let realm = json!({"config": {"service": {"rsa": {"key": path, "certificate": path}}}});
        assert!(refused(&rig, (Method::POST, "realms", realm), 400).await.contains("files are not read"));
    }
    let realm = json!({"config": {"server": {"personas": "/etc"}}});
    assert!(refused(&rig, (Method::POST, "realms", realm), 400).await.contains("belongs to the whole server"));
}

#[tokio::test]
async fn counters_are_those_of_prometheus() {
    let rig = rig("com").await;
    flow(&rig, "S6005048A").await;
    assert_eq!(rig.client.send(&rig.client.token_draft("0")).await.unwrap().status(), 400);
    let answer = rig.client.http.get(format!("{}/_mock/metrics", rig.mock.base_url())).send().await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let text = answer.text().await.unwrap();
    for line in [
        "# TYPE myinfo_mock_exchanges_total counter",
        "myinfo_mock_exchanges_total{realm=\"\",event=\"token\",status=\"200\"} 1",
        "myinfo_mock_exchanges_total{realm=\"\",event=\"token\",status=\"400\"} 1",
        "myinfo_mock_rules_broken_total{realm=\"\",rule=\"v3.token.code-known\"} 1",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn off_loopback_the_api_asks_for_its_token_and_foreign_pages_and_names_get_nothing() {
    let mock = MockServer::builder().address(([0, 0, 0, 0], 0).into()).start().await.unwrap();
    let token = mock.made_up_admin_token().unwrap().to_owned();
    let port = mock.base_url().rsplit(':').next().unwrap().to_owned();
    let http = myinfo_conformance::http::client().unwrap();
    let get = |path: &str| http.get(format!("http://127.0.0.1:{port}{path}"));
    assert_eq!(get("/_mock/health").send().await.unwrap().status(), 200);
    for path in ["/_mock/exchanges", "/_mock/", "/"] {
        assert_eq!(get(path).send().await.unwrap().status(), 401, "{path}");
        assert_eq!(get(path).bearer_auth("wrong").send().await.unwrap().status(), 401, "{path}");
        assert_eq!(get(path).bearer_auth(&token).send().await.unwrap().status(), 200, "{path}");
        let lower = get(path).header("Authorization", format!("bearer {token}"));
        assert_eq!(lower.send().await.unwrap().status(), 200, "{path}");
        assert_eq!(get(path).basic_auth("any", Some(&token)).send().await.unwrap().status(), 200, "{path}");
    }
    let rig = rig("com").await;
    let url = format!("{}/_mock/clients", rig.mock.base_url());
    let rebound = rig.client.http.get(&url).header("Host", "rebind.example");
    let (status, body) = told(rebound.send().await.unwrap()).await;
    assert_eq!(status, 403, "{body}");
    assert!(body.contains("rebind.example"), "{body}");
    let reset = format!("{}/_mock/reset", rig.mock.base_url());
    let foreign = rig.client.http.post(&reset).header("Origin", "https://elsewhere.example");
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    assert_eq!(rig.client.http.get(&url).header("Host", "localhost:1").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_wrong_path_method_or_body_is_told() {
    let rig = rig("com").await;
    let error = refused(&rig, (Method::GET, "exchange", json!({})), 404).await;
    assert!(error.contains("did you mean `/_mock/exchanges`"), "{error}");
    let error = refused(&rig, (Method::PUT, "clock", json!({})), 405).await;
    assert!(error.contains("takes GET, HEAD, POST, DELETE"), "{error}");
    let answer = rig.client.http.post(format!("{}/_mock/clock", rig.mock.base_url())).body("{}").send().await.unwrap();
    assert_eq!(answer.status(), 415);
    let error = refused(&rig, (Method::GET, "exchanges/7", json!({})), 404).await;
    assert!(error.contains("there is no exchange 7 yet"), "{error}");
}

#[tokio::test]
async fn with_explain_every_answer_names_its_page() {
    let rig = rig_with("com", "[server]\nexplain = true", |builder| builder).await;
    let answer = rig.client.send(&rig.client.token_draft("0")).await.unwrap();
    let page = answer.headers()["x-myinfo-mock-explain"].to_str().unwrap().to_owned();
    assert_eq!(page, format!("{}/_mock/transactions/1.html", rig.mock.base_url()));
    let page = told(rig.client.http.get(page).send().await.unwrap()).await;
    assert!(page.0 == 200 && page.1.contains("v3.token.code-known"));
}
