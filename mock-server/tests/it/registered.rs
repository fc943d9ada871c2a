//! Clients that are registered over the admin API, with their keys in each form that JSON has for them.

use crate::pages::{Visit, visit};
use myinfo_fixtures::keys::ec;
use serde_json::{Value, json};

/// Registers a client of FAPI with these keys: status and answer.
async fn registered(visit: &Visit, id: &str, jwks: &Value) -> (u16, Value) {
    let body = json!({"redirect_uris": ["http://localhost:8080/cb"], "fapi": {"app": "myinfo", "jwks": jwks}});
    let put = visit.http.put(format!("{}/_mock/clients/{id}", visit.mock.base_url()));
    let answer = put.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn a_jwk_set_is_taken_as_an_object_and_is_the_same_as_its_text() {
    let visit = visit().await;
    let mut set: Value = serde_json::from_str(ec::CLIENT_JWKS).unwrap();
    let (status, as_text) = registered(&visit, "TEXT", &json!(ec::CLIENT_JWKS)).await;
    assert_eq!(status, 200, "{as_text}");
    let (status, as_object) = registered(&visit, "OBJECT", &set).await;
    assert_eq!((status, &as_object["fapi"]), (200, &as_text["fapi"]), "{as_object}");
    assert!(visit.page("/_mock/clients/OBJECT.html").await.contains("client-enc-p521"));
    // what is wrong in it is told as it is of a text
    set["keys"][0]["d"] = json!("AAAA");
    for jwks in [set.clone(), json!(set.to_string())] {
        let (status, told) = registered(&visit, "PRIVATE", &jwks).await;
        assert!(status == 400 && told["error"].as_str().unwrap().contains("it is a private key"), "{told}");
    }
    let realm = json!({"name": "keys", "config": {"client": [
        {"id": "A", "redirect_uris": ["http://localhost/"], "fapi": {"app": "login", "jwks": as_set()}},
    ]}});
    let made = visit.http.post(format!("{}/_mock/realms", visit.mock.base_url()));
    let made = made.header("content-type", "application/json").body(realm.to_string()).send().await.unwrap();
    assert_eq!(made.status(), 201, "{}", made.text().await.unwrap());
}

fn as_set() -> Value {
    serde_json::from_str(ec::CLIENT_JWKS).unwrap()
}
