//! Which paths are an endpoint's, and what a wrong one or a wrong number in it is told.

use super::{ATTRIBUTES, token};
use crate::support::{newest, rig};

#[tokio::test]
async fn nothing_is_served_below_an_endpoint() {
    let rig = rig("com").await;
    let authorise = rig.client.authorise_url("name", "s").unwrap();
    let query = authorise.query().unwrap();
    for (method, path, says) in [
        ("POST", "/com/v3/token/token".to_owned(), "did you mean /com/v3/token?"),
        ("POST", "/com/v3/token/com/v3/token".to_owned(), "did you mean /com/v3/token?"),
        ("POST", "/com/v3/token/".to_owned(), "did you mean /com/v3/token?"),
        ("POST", "/com/v3/token//".to_owned(), "did you mean /com/v3/token?"),
        ("POST", "/gov/v3/token/x".to_owned(), "did you mean /gov/v3/token?"),
        ("GET", format!("/com/v3/authorise/authorise?{query}"), "did you mean /com/v3/authorise?"),
        ("GET", format!("/com/v3/authorise/S6005048A?{query}"), "did you mean /com/v3/authorise?"),
        ("GET", format!("/com/v3/authorise/x/y?{query}"), "did you mean /com/v3/authorise?"),
        ("GET", format!("/com/v3/authorise//?{query}"), "did you mean /com/v3/authorise?"),
        ("GET", format!("/gov/v3/authorise/authorise?{query}"), "did you mean /gov/v3/authorise?"),
        ("GET", format!("/gov/v3/authorise/x/y?{query}"), "did you mean /gov/v3/authorise/{uinfin}?"),
        ("GET", "/com/v3/person/a/b".to_owned(), "did you mean /com/v3/person/{sub}?"),
        ("GET", "/com/v3/person/a//".to_owned(), "did you mean /com/v3/person/{sub}?"),
        ("GET", "/com/v3/person-sample/S6005048A/x".to_owned(), "did you mean /com/v3/person-sample/{uinfin}?"),
        ("GET", "/gov/v3/person-basic/status/S6005048A".to_owned(), "wants a special permission, is not served"),
        ("GET", "/com/v3/login/x".to_owned(), "did you mean /com/v3/login?"),
    ] {
        let address = format!("{}{path}", rig.client.base_url);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = rig.client.http.request(method, address).header("X-Myinfo-Mock-Persona", "S6005048A");
        assert_eq!(request.send().await.unwrap().status(), 404, "{path}");
        let problem = newest(&rig).await["refused"].clone();
        assert_eq!(problem["rule"], "http.path", "{path}: {problem}");
        assert!(problem["cause"].as_str().unwrap().contains(says), "{path}: {problem}");
    }
}

#[tokio::test]
async fn the_documented_forms_of_a_path_are_all_served() {
    let rig = rig("gov").await;
    let query = rig.client.authorise_url("name", "s").unwrap().query().unwrap().to_owned();
    for (path, person) in [
        ("", ""),
        ("/", ""),
        ("//", ""),
        ("/S6005048A", "S6005048A"),
        ("/S6005048A/", "S6005048A"),
        ("/s6005048a", "s6005048a"),
    ] {
        let answer = rig.client.http.get(format!("{}{path}?{query}", rig.client.endpoint("authorise"))).send().await;
        let location = answer.unwrap().headers()["location"].to_str().unwrap().to_owned();
        let chosen = location.split("&person=").nth(1).unwrap_or_default();
        assert_eq!((location.starts_with("/gov/v3/login?"), chosen), (true, person), "{path}: {location}");
    }
    for path in ["person", "person/", "person//"] {
        let mut draft = rig.client.person_draft(&token(&rig, ATTRIBUTES).await, ATTRIBUTES);
        draft.url = rig.client.endpoint(path);
        draft.signed_url.clone_from(&draft.url);
        assert_eq!(rig.client.send(&draft).await.unwrap().status(), 401, "{path}");
        let problem = newest(&rig).await["refused"].clone();
        assert_eq!(problem["rule"], "v3.person.subject", "{path}: {problem}");
        assert!(
            problem["cause"].as_str().unwrap().contains("the path must be /person/{sub}, one segment"),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn a_number_in_small_letters_or_of_another_form_is_named_as_that() {
    let rig = rig("gov").await;
    for (id, says) in [
        ("s6005048a", "has small letters"),
        ("S6005048", "is no NRIC or FIN"),
        ("undefined", "is the text `undefined`"),
        ("S0000002G", "no persona has this NRIC or FIN"),
        ("", "its last segment is missing"),
    ] {
        for endpoint in ["person-basic", "person-sample"] {
            let url = rig.client.endpoint(&format!("{endpoint}/{id}"));
            let draft = rig.client.draft("GET", url, &[("client_id", "TESTBED-CLIENT"), ("sp_esvcId", "X")]);
            assert_eq!(rig.client.send(&draft).await.unwrap().status(), 404, "{endpoint} {id}");
            let problem = newest(&rig).await["refused"].clone();
            assert!(problem["cause"].as_str().unwrap().contains(says), "{endpoint} {id}: {problem}");
        }
    }
    let mut draft = rig.client.person_draft(&token(&rig, ATTRIBUTES).await, ATTRIBUTES);
    draft.url = draft.url.replace("S6005048A", "s6005048a");
    draft.signed_url.clone_from(&draft.url);
    assert_eq!(rig.client.send(&draft).await.unwrap().status(), 401);
    let cause = newest(&rig).await["refused"]["cause"].clone();
    assert!(cause.as_str().unwrap().contains("they differ in capitals and small letters alone"), "{cause}");
}
