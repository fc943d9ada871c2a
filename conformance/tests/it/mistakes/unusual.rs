//! Requests that are good, and written as few write them: none of them gets a diagnosis.

use crate::support::{Rig, newest, rig};
use myinfo_conformance::server::client::v3::Draft;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Sends text over a connection of its own, and reads the status.
async fn status_of(rig: &Rig, text: String) -> String {
    let address = rig.mock.base_url().trim_start_matches("http://").to_owned();
    let exchange = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

async fn assert_no_diagnosis(rig: &Rig, name: &str) {
    let exchange = newest(rig).await;
    assert!(exchange["refused"].is_null(), "{name}: {}", exchange["refused"]);
    assert_eq!(exchange["notes"].as_array().map(Vec::len), Some(0), "{name}: {}", exchange["notes"]);
}

async fn token_draft(rig: &Rig) -> Draft {
    rig.client.token_draft(&rig.client.code("name,sex", "S6005048A").await.unwrap())
}

fn small_escapes(form: &str) -> String {
    ["%2C", "%2F", "%3A"].iter().fold(form.to_owned(), |form, escape| form.replace(escape, &escape.to_lowercase()))
}

fn form(draft: &Draft) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&draft.parameters).finish()
}

#[tokio::test]
async fn no_good_but_unusual_token_request_gets_a_diagnosis() {
    let rig = rig("com").await;
    let head = |draft: &Draft, version: &str, more: &str| {
        let header = rig.client.authorization(draft);
        format!(
            "POST /com/v3/token HTTP/{version}\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nAuthorization: {header}\r\n{more}\r\n\r\n",
            rig.mock.base_url().trim_start_matches("http://")
        )
    };
    for version in ["1.0", "1.1"] {
        let mut draft = token_draft(&rig).await;
        draft.parameters.reverse();
        let body = small_escapes(&form(&draft));
        let text = head(&draft, version, &format!("Content-Length: {}", body.len())) + &body;
        assert_eq!(status_of(&rig, text).await, "200", "HTTP/{version}");
        assert_no_diagnosis(&rig, version).await;
    }
    let draft = token_draft(&rig).await;
    let body = form(&draft);
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    assert_eq!(status_of(&rig, head(&draft, "1.1", "Transfer-Encoding: chunked") + &chunk).await, "200");
    assert_no_diagnosis(&rig, "chunked").await;
    let draft = token_draft(&rig).await;
    let header = rig.client.authorization(&draft).replacen("PKI_SIGN ", "PKI_SIGN realm=\"\", ", 1);
    let answer = rig.client.request(&draft, Some(&header)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_no_diagnosis(&rig, "an unknown field").await;
}

#[tokio::test]
async fn no_good_but_unusual_person_request_gets_a_diagnosis() {
    let rig = rig("com").await;
    for (name, slash, commas) in [
        ("a slash, plain commas", true, ","),
        ("no slash, plain commas", false, ","),
        ("a slash, escaped commas", true, "%2C"),
        ("no slash, small escapes", false, "%2c"),
    ] {
        let token = rig.client.token(&rig.client.code("name,sex", "S6005048A").await.unwrap()).await.unwrap();
        let mut draft = rig.client.person_draft(&token, "name,sex");
        if !slash {
            draft.url = draft.url.trim_end_matches('/').to_owned();
            draft.signed_url.clone_from(&draft.url);
        }
        let url = format!("{}?attributes=name{commas}sex&client_id=TESTBED-CLIENT", draft.url);
        let request = rig.client.http.get(url).header("Authorization", rig.client.authorization(&draft));
        assert_eq!(request.send().await.unwrap().status(), 200, "{name}");
        assert_no_diagnosis(&rig, name).await;
    }
}
