//! Requests that are good and unusual: of them, nothing is said.

use super::{ATTRIBUTES, token};
use crate::support::{Rig, newest, rig, told};
use myinfo_conformance::server::client::v3::Draft;
use myinfo_fixtures::keys::CLIENT_SECRET;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;

/// Sends a text as it is, and gives status and body of the answer.
fn raw(rig: &Rig, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(rig.mock.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

/// The header's fields in another order, with spaces, and with fields that nobody knows.
fn shuffled(rig: &Rig, draft: &Draft) -> String {
    let signature = myinfo_oracle::v3::sign(&draft.base_string(), &rig.client.key);
    let header = &draft.header;
    let bearer = draft.bearer.as_ref().map_or_else(String::new, |token| format!(",Bearer {token},Bearer {token}"));
    format!(
        "PKI_SIGN realm=\"\", timestamp=\"{}\",signature=\"{signature}\", attributes=\"name,sex\",nonce=\"{}\",signature_method=\"RS256\",app_id=\"{}\"{bearer}",
        header.timestamp, header.nonce, header.app_id
    )
}

async fn assert_quiet(rig: &Rig, what: &str) {
    let exchange = newest(rig).await;
    assert_eq!((&exchange["refused"], &exchange["notes"]), (&Value::Null, &json!([])), "{what}");
    let broken = exchange["rules"].as_array().unwrap().iter().any(|rule| rule["verdict"] == "broken");
    assert!(!broken && !exchange.to_string().contains("\"diagnosis\""), "{what}: {exchange}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unusual_token_requests_draw_no_diagnosis_and_no_note() {
    let rig = rig("com").await;
    let client = &rig.client;
    let host = rig.mock.address();
    let escaped = |code: &str| {
        format!(
            "grant_type=authorization_code&redirect_uri=http%3a%2f%2flocalhost%3a3001%2fcallback&client_secret={CLIENT_SECRET}&client_id=TESTBED-CLIENT&code={code}"
        )
    };
    let bare = |code: &str| escaped(code).replace("%3a", ":").replace("%2f", "/");
    for (what, version, chunked, body) in [
        ("lower-case escapes", "1.1", false, &escaped as &dyn Fn(&str) -> String),
        ("no escapes at all", "1.1", false, &bare),
        ("chunked", "1.1", true, &escaped),
        ("HTTP/1.0", "1.0", false, &escaped),
    ] {
        let code = client.code(ATTRIBUTES, "S6005048A").await.unwrap();
        let draft = client.token_draft(&code);
        let (body, authorization) = (body(&code), shuffled(&rig, &draft));
        let (length, body) = if chunked {
            ("Transfer-Encoding: chunked".to_owned(), format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()))
        } else {
            (format!("Content-Length: {}", body.len()), body)
        };
        let request = format!(
            "POST /com/v3/token HTTP/{version}\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded; charset=UTF-8\r\nauthorization: {authorization}\r\n{length}\r\nconnection: close\r\n\r\n{body}"
        );
        let (status, answer) = raw(&rig, &request);
        assert_eq!(status, 200, "{what}: {answer}");
        assert_quiet(&rig, what).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unusual_person_requests_draw_no_diagnosis_and_no_note() {
    let rig = rig("com").await;
    let (client, host) = (&rig.client, rig.mock.address());
    let token = token(&rig, ATTRIBUTES).await;
    for (what, version, slash, list) in [
        ("raw commas, a slash", "1.1", "/", "uinfin,name,sex"),
        ("escaped commas, no slash", "1.1", "", "uinfin%2Cname%2Csex"),
        ("lower-case escapes", "1.1", "/", "uinfin%2cname%2csex"),
        ("HTTP/1.0", "1.0", "", "uinfin,name,sex"),
    ] {
        let mut draft = client.person_draft(&token, ATTRIBUTES);
        draft.signed_url = format!("{}{slash}", draft.url.trim_end_matches('/'));
        let path = format!("/com/v3/person/{}{slash}", token.subject);
        let request = format!(
            "GET {path}?attributes={list}&client_id=TESTBED-CLIENT HTTP/{version}\r\nhost: {host}\r\ncontent-type: application/json\r\nauthorization: {}\r\nconnection: close\r\n\r\n",
            shuffled(&rig, &draft)
        );
        let (status, answer) = raw(&rig, &request);
        assert_eq!(status, 200, "{what}: {answer}");
        assert_quiet(&rig, what).await;
    }
}

#[tokio::test]
async fn unusual_authorise_requests_draw_no_diagnosis_and_no_note() {
    let rig = rig("com").await;
    let client = &rig.client;
    for query in [
        "attributes=name,sex&redirect_uri=http://localhost:3001/callback",
        "attributes=name%2csex&redirect_uri=http%3a%2f%2flocalhost%3a3001%2fcallback",
    ] {
        let address =
            format!("{}?state=null&purpose=a+test&{query}&client_id=TESTBED-CLIENT", client.endpoint("authorise/"));
        let answer = client.http.get(address).header("X-Myinfo-Mock-Persona", "S6005048A").send().await.unwrap();
        assert!(told(answer).await.0 == 302, "{query}");
        assert_quiet(&rig, query).await;
    }
}
