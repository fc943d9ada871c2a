//! What the admin API changes: personas, clients, logins, the clock, realms, and everything back.

use super::{call, flow, post, refused};
use crate::support::{NOW, admin, newest, rig, told};
use myinfo_fixtures::keys;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn personas_are_put_merged_and_deleted() {
    let rig = rig("com").await;
    let over = json!({"name": {"value": "TAN AH KOW"}, "dob": {"value": "today-21y"}});
    let (status, answer) = call(&rig, Method::PUT, "personas/S1234567D?base=S6005048A", Some(over)).await;
    assert_eq!((status, &answer["name"]), (200, &json!("TAN AH KOW")), "{answer}");
    let person = flow(&rig, "S1234567D").await;
    assert_eq!((&person["uinfin"]["value"], &person["name"]["value"]), (&json!("S1234567D"), &json!("TAN AH KOW")));
    assert_eq!(person["dob"]["value"], "2002-11-15");
    let patch = json!({"name": {"value": "TAN AH BENG"}});
    assert_eq!(call(&rig, Method::PATCH, "personas/S1234567D", Some(patch)).await.0, 200);
    assert_eq!(flow(&rig, "S1234567D").await["name"]["value"], "TAN AH BENG", "no document of before is sent");
    assert_eq!(call(&rig, Method::DELETE, "personas/S1234567D", None).await.0, 200);
    assert_eq!(call(&rig, Method::GET, "personas/S1234567D", None).await.0, 404);
    for (path, body, status, says) in [
        ("personas/S1234567D?bse=S6005048A", json!({}), 400, "did you mean `base`"),
        ("personas/S1234567D?base=S6005048B", json!({}), 404, "did you mean `S6005048A`"),
        ("personas/S1234567D", json!({"nmae": {}}), 400, "did you mean `name`"),
    ] {
        let error = refused(&rig, (Method::PUT, path, body), status).await;
        assert!(error.contains(says), "{path}: {error}");
    }
}

#[tokio::test]
async fn every_built_in_persona_can_be_changed_in_one_item_or_put_back_as_it_is() {
    let rig = rig("com").await;
    let list = admin(&rig, "personas").await;
    for persona in list["personas"].as_array().unwrap() {
        let path = format!("personas/{}", persona["id"].as_str().unwrap());
        let whole = admin(&rig, &path).await;
        let (status, answer) = call(&rig, Method::PUT, &path, Some(whole)).await;
        assert_eq!(status, 200, "{path}: {answer}");
        let email = json!({"email": {"lastupdated": "2023-01-01", "source": "2", "classification": "C", "unavailable": null, "value": "a@b.example"}});
        let (status, answer) = call(&rig, Method::PATCH, &path, Some(email)).await;
        assert_eq!(status, 200, "{path}: {answer}");
    }
}

#[tokio::test]
async fn clients_are_registered_and_a_wrong_key_is_named() {
    let rig = rig("com").await;
    let redirect = "http://localhost:3001/callback";
    let own = json!({"secret": "a secret of mine", "certificate": keys::CLIENT_CERT_PEM, "sub": "uinfin"});
    let body = json!({"redirect_uris": [redirect], "v3": own});
    assert_eq!(call(&rig, Method::PUT, "clients/MY-APP", Some(body)).await.0, 200);
    let shown = admin(&rig, "clients/MY-APP").await;
    assert_eq!((&shown["v3"]["key"]["bits"], &shown["v3"]["sub"]), (&json!(2048), &json!("uinfin")));
    assert!(!shown.to_string().contains("a secret of mine"));
    let mut mine = rig;
    mine.client.client_id = "MY-APP".into();
    mine.client.client_secret = "a secret of mine".into();
    assert_eq!(flow(&mine, "S6005048A").await["name"]["value"], "ANDY LAU");
    for (body, says) in [
        (json!({"redirect_uris": [redirect], "v3": {"secret": "x", "certificate": keys::CLIENT_KEY_PEM}}), "PEM-KIND"),
        (json!({"redirect_uris": [redirect], "secret": "x"}), "`client[0].secret`: belongs to `v3`: write `v3.secret`"),
        (
            json!({"redirect_uris": [redirect], "v3": {"secret": "x", "certificate": null}}),
            "`certificate` is null: leave it out",
        ),
        (json!({"v3": {"secret": "x"}, "redirect_uri": redirect}), "did you mean `redirect_uris`"),
        (json!({"v3": {"secret": "x"}, "redirect_uris": ["javascript://x/"]}), "but to the browser itself"),
        (json!({"v3": {"secret": "x"}, "redirect_uris": ["http://"]}), "has no host"),
        (json!({"v3": {"secret": "x"}, "redirect_uris": ["://"]}), "begins with no scheme"),
    ] {
        let error = refused(&mine, (Method::PUT, "clients/OTHER", body), 400).await;
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(call(&mine, Method::DELETE, "clients/MY-APP", None).await.0, 200);
    let error = refused(&mine, (Method::DELETE, "clients/MY-AP", json!({})), 404).await;
    assert!(error.contains("not registered"), "{error}");
}

#[tokio::test]
async fn a_client_is_changed_in_place_and_keeps_its_keys() {
    let mut rig = rig("com").await;
    let (path, elsewhere) = ("clients/TESTBED-CLIENT", "http://localhost:8080/callback");
    let changes = json!({"redirect_uris": [elsewhere], "name": "On another port", "auto_login": "S6005048A"});
    let (status, client) = call(&rig, Method::PATCH, path, Some(changes)).await;
    assert_eq!(
        (status, &client["redirect_uris"], &client["name"]),
        (200, &json!([elsewhere]), &json!("On another port"))
    );
    rig.client.redirect_uri = elsewhere.into();
    assert_eq!(flow(&rig, "S6005048A").await["name"]["value"], "ANDY LAU");
    let (_, client) = call(&rig, Method::PATCH, path, Some(json!({"auto_login": null}))).await;
    assert_eq!((&client["auto_login"], &client["redirect_uris"]), (&Value::Null, &json!([elsewhere])));
    for (body, says) in [
        (
            json!({"v3": {"secret": "another"}}),
            "`v3`: `name`, `redirect_uris` and `auto_login` can be changed in place",
        ),
        (json!({"redirect_uris": []}), "is empty"),
        (json!({"redirect_uris": ["http://localhost:8080/#x"]}), "has a fragment"),
        (json!({"redirect_uris": ["javascript://%0aalert(1)"]}), "leads to no application, but to the browser itself"),
        (json!({"redirect_uris": ["http://"]}), "has no host"),
        (json!({"redirect_uris": ["://"]}), "begins with no scheme"),
        (json!({"redirect_uris": [7]}), "7 is no text"),
        (json!({"redirect_uris": "http://localhost:8080/"}), "`redirect_uris` cannot be"),
        (json!({"auto_login": "ANDI LAU"}), "did you mean `ANDY LAU`"),
    ] {
        let error = refused(&rig, (Method::PATCH, path, body), 400).await;
        assert!(error.contains(says), "{error}");
    }
    let error = refused(&rig, (Method::PATCH, "clients/TESTBED-CLEINT", json!({})), 404).await;
    assert!(error.contains("did you mean `TESTBED-CLIENT`"), "{error}");
}

/// Clients of the sandbox, which need no key.
fn clients(count: usize) -> Vec<Value> {
    let own = json!({"secret": "abcdefgh", "flavour": "sandbox"});
    let client = |number| json!({"id": format!("C{number}"), "redirect_uris": ["http://localhost/cb"], "v3": own});
    (0..count).map(client).collect()
}

#[tokio::test]
async fn a_realm_has_so_many_clients_and_no_more() {
    let rig = rig("com").await;
    let built_in = admin(&rig, "clients").await["clients"].as_array().unwrap().len();
    let realm = |name: &str, count| json!({"name": name, "config": {"client": clients(count)}});
    let (status, answer) = post(&rig, "realms", realm("full", 1_000 - built_in)).await;
    assert_eq!(status, 201, "{answer}");
    let one = clients(1).remove(0);
    let put = |id: &str| rig.client.http.put(format!("{}/_realm/full/_mock/clients/{id}", rig.mock.base_url()));
    let mut another = one.clone();
    another.as_object_mut().unwrap().remove("id");
    let (status, body) = told(put("ONE-MORE").json(&another).send().await.unwrap()).await;
    assert_eq!((status, body.contains("there are 1000 clients already: DELETE one first")), (507, true), "{body}");
    assert_eq!(put("C0").json(&one).send().await.unwrap().status(), 200, "one that is there may be replaced");
    let error = refused(&rig, (Method::POST, "realms", realm("too-full", 1_001 - built_in)), 507).await;
    assert!(error.contains("1000 clients"), "{error}");
}

#[tokio::test]
async fn the_personas_of_a_realm_have_so_many_bytes_and_no_more() {
    let rig = rig("com").await;
    let ids = [
        "S6005048A",
        "S9912363Z",
        "S9912366D",
        "S9912369I",
        "S9912370B",
        "S9912374E",
        "G1612357P",
        "G1612358M",
        "F1612359P",
    ];
    let persona = |text: &str| json!({"employmentsector": {"lastupdated": "2023-01-01", "source": "2", "classification": "C", "value": text}});
    let large = "x".repeat(950_000);
    let mut answers = Vec::new();
    for id in ids {
        let path = format!("personas/{id}?base=S6005048A");
        answers.push(call(&rig, Method::PUT, &path, Some(persona(&large))).await);
    }
    let refused: Vec<&Value> = answers.iter().filter(|(status, _)| *status == 507).map(|(_, answer)| answer).collect();
    assert_eq!(
        refused.len(),
        1,
        "eight of them are within eight megabytes: {:?}",
        answers.iter().map(|(status, _)| status).collect::<Vec<_>>()
    );
    assert!(refused[0]["error"].as_str().unwrap().contains("may have 8388608 bytes together: DELETE one first"));
    let path = format!("personas/{}?base=S9912363Z", ids[0]);
    assert_eq!(
        call(&rig, Method::PUT, &path, Some(persona("x"))).await.0,
        200,
        "what replaces one counts instead of it"
    );
    let last = format!("personas/{}?base=S9912363Z", ids[8]);
    assert_eq!(call(&rig, Method::PUT, &last, Some(persona("x"))).await.0, 200);
}

#[tokio::test]
async fn the_next_logins_end_as_they_are_queued() {
    let rig = rig("com").await;
    let next = json!({"next": ["S9812387C", "error:access_denied", "error:503"]});
    assert_eq!(post(&rig, "logins", next).await.0, 200);
    let url = rig.client.authorise_url("name", "s").unwrap();
    let mut ends = Vec::new();
    for _ in 0..4 {
        let answer = rig.client.http.get(url.clone()).send().await.unwrap();
        let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        ends.push(location.unwrap_or_default());
    }
    assert!(ends[0].contains("code="), "{ends:?}");
    assert!(ends[1].contains("error=access_denied") && ends[2].contains("error=503"), "{ends:?}");
    assert!(ends[3].contains("/login"), "the queue is empty: {ends:?}");
    let error = refused(&rig, (Method::POST, "logins", json!({"next": ["S9812387C", "andy lou"]})), 400).await;
    assert!(error.contains("did you mean `ANDY LAU`"), "{error}");
    assert_eq!(admin(&rig, "logins").await["next"], json!([]), "nothing of a refused list is queued");
}

#[tokio::test]
async fn the_clock_is_set_moved_stopped_and_shown_otherwise() {
    let rig = rig("com").await;
    let (status, clock) = post(&rig, "clock", json!({"skew_seconds": -7200})).await;
    assert_eq!((status, &clock["checks"]), (200, &json!("2023-11-14T22:13:20.000Z")));
    assert_eq!(clock["clients_see"], "2023-11-14T20:13:20.000Z");
    let token = rig.client.token(&rig.client.code("name", "S6005048A").await.unwrap()).await.unwrap();
    let claims: Value = serde_json::from_str(&token.payload).unwrap();
    assert_eq!(claims["iat"], NOW / 1000 - 7200, "the client sees another time");
    let answer = rig.client.send(&rig.client.person_draft(&token, "name")).await.unwrap();
    assert_eq!(answer.headers()["date"], "Tue, 14 Nov 2023 20:13:20 GMT");
    assert_eq!(answer.status(), 200, "the checks are not confused by it");
    let (_, clock) =
        post(&rig, "clock", json!({"set": "2024-02-29T00:00:00Z", "frozen": true, "skew_seconds": 0})).await;
    assert_eq!(clock["checks"], "2024-02-29T00:00:00.000Z");
    rig.clock.advance_seconds(60);
    assert_eq!(admin(&rig, "clock").await["checks"], "2024-02-29T00:00:00.000Z", "it stands still");
    let (_, clock) = post(&rig, "clock", json!({"advance_seconds": 3600, "frozen": false})).await;
    assert_eq!(clock["checks"], "2024-02-29T01:00:00.000Z");
    for (wrong, says) in [
        (json!({"set": "noon"}), "`noon` is no moment"),
        (json!({"advance_seconds": 9_999_999_999_999_i64}), "beyond the year 9999"),
        (json!({"advance_seconds": -9_999_999_999_999_i64}), "before the year 1970"),
        (json!({"skew_seconds": -9_999_999_999_999_i64}), "before the year 1970"),
    ] {
        let error = refused(&rig, (Method::POST, "clock", wrong), 400).await;
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(admin(&rig, "clock").await["checks"], "2024-02-29T01:00:00.000Z", "what is refused changes nothing");
}

#[tokio::test]
async fn a_realm_is_a_server_of_its_own_until_it_is_deleted() {
    let mut rig = rig("com").await;
    let base = rig.mock.base_url();
    let realm = json!({
        "name": "mine",
        "config": {"v3": {"code_lifetime_seconds": 60}},
        "clock": {"set": "2030-01-01T00:00:00Z"},
        "faults": [{"id": "token-503", "times": 1}],
        "logins": ["error:503"],
        "seed": 7,
    });
    let (status, made) = post(&rig, "realms", realm.clone()).await;
    assert_eq!((status, &made["com"]), (201, &json!(format!("{base}/_realm/mine/com/v3"))));
    assert_eq!(post(&rig, "realms", realm).await.0, 409, "the name is taken");
    flow(&rig, "S6005048A").await;
    assert_eq!(admin(&rig, "exchanges").await["exchanges"].as_array().unwrap().len(), 3);
    let inside: Value =
        rig.client.http.get(format!("{base}/_realm/mine/_mock/exchanges")).send().await.unwrap().json().await.unwrap();
    assert_eq!(inside["exchanges"], json!([]), "journals are apart");
    rig.client.base_url = format!("{base}/_realm/mine");
    let url = rig.client.authorise_url("name", "s").unwrap();
    let answer = rig.client.http.get(url).send().await.unwrap();
    assert!(answer.headers()["location"].to_str().unwrap().contains("error=503"), "its own logins");
    let mut draft = rig.client.token_draft(&rig.client.code("name", "S6005048A").await.unwrap());
    draft.header.timestamp = "1893456000000".into();
    assert_eq!(rig.client.send(&draft).await.unwrap().status(), 503, "its own faults");
    draft.header.nonce.push_str("-again");
    let (status, body) = told(rig.client.send(&draft).await.unwrap()).await;
    assert_eq!(status, 200, "its own clock, and its own address in the base string: {body}");
    assert_eq!(call(&rig, Method::DELETE, "realms/mine", None).await.0, 200);
    let answer = rig.client.http.get(format!("{base}/_realm/mine/com/v3/authorise")).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(call(&rig, Method::DELETE, "realms/mine", None).await.0, 404);
    for (wrong, says) in [
        (json!({"config": {"server": {"http": "127.0.0.1:1"}}}), "belongs to the whole server"),
        (json!({"config": {"v3": {"code_lifetime": 1}}}), "did you mean `code_lifetime_seconds`"),
        (json!({"name": "a b"}), "name"),
        (json!({"name": "default"}), "`name` is `default`, as the realm without a name is called"),
        (json!({"name": "Default"}), "take another one"),
        (json!({"faults": [{"id": "token-502"}]}), "there is no fault `token-502`"),
    ] {
        let error = refused(&rig, (Method::POST, "realms", wrong), 400).await;
        assert!(error.contains(says), "{error}");
    }
}

#[tokio::test]
async fn reset_forgets_what_happened_and_nothing_else() {
    let rig = rig("com").await;
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    assert_eq!(call(&rig, Method::DELETE, "personas/S6005048A", None).await.0, 200);
    assert_eq!(post(&rig, "faults", json!({"id": "token-503"})).await.0, 200);
    assert_eq!(post(&rig, "logins", json!({"next": ["error:503"]})).await.0, 200);
    assert_eq!(post(&rig, "clock", json!({"skew_seconds": 5})).await.0, 200);
    let last = newest(&rig).await["number"].as_u64().unwrap();
    assert_eq!(post(&rig, "reset", json!({})).await.0, 200);
    assert_eq!(admin(&rig, "exchanges").await["exchanges"], json!([]));
    assert_eq!(admin(&rig, "faults").await["armed"], json!([]));
    assert_eq!(admin(&rig, "logins").await["next"], json!([]));
    assert_eq!(admin(&rig, "clock").await["skew_seconds"], 0);
    assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), 400, "codes are forgotten");
    assert_eq!(newest(&rig).await["number"].as_u64().unwrap(), last + 1, "numbers go on");
    assert_eq!(flow(&rig, "S6005048A").await["name"]["value"], "ANDY LAU", "personas are back");
}
