//! Requests in files, as people have them, for `doctor request`.

use super::{Judged, Row};
use crate::diagnosis::{authorization, key, signed};
use crate::support::{now, plain_http};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use myinfo_conformance::server::client::v3::{Draft, OracleClient, Token};
use myinfo_fixtures::keys::{CLIENT_KEY_PEM, MYINFO_KEY_PEM};
use myinfo_mock_server::config::Config;
use myinfo_mock_server::doctor::request::request;
use serde_json::{Value, json};
use std::path::Path;

const BASE: &str = "http://127.0.0.1:5156";

fn client() -> OracleClient {
    OracleClient::over(plain_http(), BASE, "com", now).unwrap()
}

/// A token request whose parameters were signed in the order in which they were sent: every file is to say so.
fn unsorted() -> (Draft, String) {
    let draft = client().token_draft("19fbc48bc88a0fa7b0a4d0e0e7723287ce6bf55b");
    let header = authorization(&draft, &signed(crate::diagnosis::Parts::of(&draft).unsorted().as_bytes()));
    (draft, header)
}

fn form(draft: &Draft) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&draft.parameters).finish()
}

fn raw(draft: &Draft, header: &str) -> String {
    format!(
        "POST /com/v3/token HTTP/1.1\nHost: 127.0.0.1:5156\nContent-Type: application/x-www-form-urlencoded\nAuthorization: {header}\n\n{}",
        form(draft)
    )
}

fn archive(data: &Value) -> String {
    let (_, header) = unsorted();
    json!({"log": {"entries": [{"startedDateTime": "2023-11-14T22:13:20Z", "request": {
        "method": "POST",
        "url": format!("{BASE}/com/v3/token"),
        "headers": [{"name": "Authorization", "value": header}, {"name": "Content-Type", "value": "application/x-www-form-urlencoded"}],
        "postData": data,
    }}]}})
    .to_string()
}

fn params(encoded: bool) -> Value {
    let (draft, _) = unsorted();
    let value = |text: &str| if encoded { crate::diagnosis::encode(text) } else { text.to_owned() };
    draft.parameters.iter().map(|(name, text)| json!({"name": name, "value": value(text)})).collect()
}

/// A person request with this Bearer token, rightly signed.
fn person(token: &str) -> String {
    let token = Token {
        token: token.to_owned(),
        answer: Value::Null,
        header: String::new(),
        payload: String::new(),
        subject: "9e6a3b5c-0000-4000-8000-000000000000".to_owned(),
    };
    let client = client();
    let draft = client.person_draft(&token, "name");
    let header = client.authorization(&draft);
    format!(
        "GET /com/v3/person/{}/?client_id=TESTBED-CLIENT&attributes=name HTTP/1.1\nHost: 127.0.0.1:5156\nAuthorization: {header}\n\n",
        token.subject
    )
}

fn bearer(pem: &str, claims: &Value) -> String {
    use rsa::pkcs1v15::SigningKey;
    use rsa::sha2::Sha256;
    use rsa::signature::{SignatureEncoding, Signer};
    let text = format!(
        "{}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"RS256","kid":"x"}"#),
        BASE64_URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature = SigningKey::<Sha256>::new(key(pem)).sign(text.as_bytes()).to_bytes();
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

fn claims(audience: &str, expiry: u64) -> Value {
    json!({
        "sub": "9e6a3b5c-0000-4000-8000-000000000000", "jti": "j", "scope": ["name"], "aud": audience,
        "realm": "myinfo-com", "iss": format!("{BASE}/serviceauth/myinfo-com"), "exp": expiry,
    })
}

const UNSORTED: &str = "in the order in which they were sent";

/// A mistake, and the file that shows it.
type Case = (Row, fn() -> String);

const FILES: &[Case] = &[
    (row("plain text", UNSORTED), || {
        let (draft, header) = unsorted();
        raw(&draft, &header)
    }),
    (row("chunked text", UNSORTED), || {
        let (draft, header) = unsorted();
        let body = form(&draft);
        let (one, two) = body.split_at(50);
        raw(&draft, &header)
            .replace("Host:", "Transfer-Encoding: chunked\nHost:")
            .replace(&body, &format!("{:x}\r\n{one}\r\n{:X};x=y\r\n{two}\r\n0\r\n\r\n", one.len(), two.len()))
    }),
    (row("curl command", UNSORTED), || {
        let (draft, header) = unsorted();
        format!(
            "curl -X POST '{BASE}/com/v3/token' \\\n  -H 'Authorization: {header}' \\\n  --data-raw '{}'",
            form(&draft)
        )
    }),
    (row("curl command with data-urlencode", UNSORTED), || {
        let (draft, header) = unsorted();
        let data: Vec<String> =
            draft.parameters.iter().map(|(name, value)| format!("--data-urlencode \"{name}={value}\"")).collect();
        format!("$ curl --header 'authorization: {header}' {} {BASE}/com/v3/token", data.join(" "))
    }),
    (row("curl -v output", "leaves out the body"), || {
        let (draft, header) = unsorted();
        let text = raw(&draft, &header);
        let (head, _) = text.split_once("\n\n").unwrap();
        let lines: Vec<String> = head.lines().map(|line| format!("> {line}")).collect();
        format!(
            "*   Trying 127.0.0.1:5156...\n* Connected\n{}\n> \n* upload completely sent off\n< HTTP/1.1 500\n< \n",
            lines.join("\n")
        )
    }),
    (row("Postman collection", UNSORTED), || {
        let (draft, header) = unsorted();
        let pairs: Vec<Value> =
            draft.parameters.iter().map(|(key, value)| json!({"key": key, "value": value, "type": "text"})).collect();
        json!({"info": {"name": "Myinfo", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}, "item": [{"name": "folder", "item": [{"name": "token", "request": {
            "method": "POST", "header": [{"key": "Authorization", "value": header}],
            "url": {"raw": format!("{BASE}/com/v3/token")},
            "body": {"mode": "urlencoded", "urlencoded": pairs},
        }}]}]})
        .to_string()
    }),
    (row("archive with params only", UNSORTED), || {
        archive(&json!({"mimeType": "application/x-www-form-urlencoded", "params": params(false)}))
    }),
    (row("archive with encoded params only", UNSORTED), || {
        archive(&json!({"mimeType": "application/x-www-form-urlencoded", "params": params(true)}))
    }),
    (row("archive with an empty text", UNSORTED), || {
        archive(&json!({"mimeType": "", "text": "", "params": params(true)}))
    }),
    (row("archive in Base64", UNSORTED), || {
        archive(
            &json!({"mimeType": "application/x-www-form-urlencoded", "text": BASE64_STANDARD.encode(form(&unsorted().0)), "encoding": "base64"}),
        )
    }),
    (row("archive with masks", "masked"), || {
        let (draft, _) = unsorted();
        archive(
            &json!({"mimeType": "application/x-www-form-urlencoded", "text": form(&draft).replace("testbed-client-secret", "[redacted]")}),
        )
    }),
    (row("Bearer forged", "a client signed it"), || {
        person(&bearer(CLIENT_KEY_PEM, &claims("TESTBED-CLIENT", 1_700_001_000)))
    }),
    (row("Bearer expired", "expired"), || person(&bearer(MYINFO_KEY_PEM, &claims("TESTBED-CLIENT", 1_699_999_000)))),
    (row("Bearer of another client", "was given to `OTHER`"), || {
        person(&bearer(MYINFO_KEY_PEM, &claims("OTHER", 1_700_001_000)))
    }),
    (row("Bearer alg none", "`none`"), || {
        person(&format!("{}.e30.", BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#)))
    }),
    (row("unregistered redirect URI", "registered for TESTBED-CLIENT is"), || {
        let client = client();
        let mut draft = client.token_draft("19fbc48bc88a0fa7b0a4d0e0e7723287ce6bf55b");
        draft.set("redirect_uri", "http://localhost:3001/elsewhere");
        raw(&draft, &client.authorization(&draft))
    }),
    (row("twice, slash: two rare kinds, for which a file has the time", "stands twice"), || {
        let draft = client().token_draft("19fbc48bc88a0fa7b0a4d0e0e7723287ce6bf55b");
        let mut parts = crate::diagnosis::Parts::of(&draft);
        parts.url.push('/');
        parts.put("client_id", "TESTBED-CLIENT");
        raw(&draft, &authorization(&draft, &signed(parts.text().as_bytes())))
    }),
    (row("wrong method", "takes POST"), || "GET /com/v3/token?code=1 HTTP/1.1\nHost: 127.0.0.1:5156\n\n".to_owned()),
    (row("unknown path", "did you mean"), || "POST /v3/token HTTP/1.1\nHost: 127.0.0.1:5156\n\n".to_owned()),
];

const fn row(name: &'static str, says: &'static str) -> Row {
    Row { name, ids: &[], says }
}

/// Every row's outcome.
pub(super) fn judged() -> Vec<Judged> {
    let config = Config::from_toml("", Path::new(".")).unwrap();
    let judge = |row: &Row, content: String| match request(&config, &content) {
        Ok(report) => row.judge_text(report.healthy, &report.text),
        Err(error) => row.judge_text(false, &format!("{error:#}")),
    };
    FILES.iter().map(|(row, made)| judge(row, made())).collect()
}

fn text_of(content: &str) -> String {
    request(&Config::from_toml("", Path::new(".")).unwrap(), content)
        .map_or_else(|error| format!("{error:#}"), |report| report.text)
}

#[test]
fn a_recording_that_can_be_read_in_two_ways_is_said_to_be_ambiguous() {
    let ambiguous = "the archive has the form's parameters alone, and is ambiguous: they look percent-encoded, and are read as such";
    let written = form(&unsorted().0);
    let form = |data: Value| archive(&json!({"mimeType": "application/x-www-form-urlencoded", "params": data}));
    assert!(text_of(&form(params(true))).contains(ambiguous), "{}", text_of(&form(params(true))));
    // as they are in the form, or with the text beside them, there is one way to read them
    for clear in
        [form(params(false)), archive(&json!({"mimeType": "application/x-www-form-urlencoded", "text": written}))]
    {
        assert!(!text_of(&clear).contains("ambiguous"), "{}", text_of(&clear));
    }
}

#[test]
fn no_title_of_a_request_shows_a_person_a_secret_or_a_key() {
    let nric = "S6005048A";
    let key: String = CLIENT_KEY_PEM.lines().filter(|line| !line.starts_with('-')).collect();
    for (path, shown) in [
        (format!("/com/v3/person/{nric}/?client_id=TESTBED-CLIENT&attributes=name"), "/com/v3/person/*****048A/"),
        (format!("/gov/v3/person-basic/{nric}?client_id=TESTBED-CLIENT"), "/gov/v3/person-basic/*****048A"),
        // for these, title and reason are the message of an error
        (format!("/v9/person/{nric}"), "/v9/person/*****048A: nothing is served at `/v9/person/*****048A`"),
        (format!("/v9/{}", myinfo_fixtures::keys::CLIENT_SECRET), "/v9/[redacted]: nothing"),
        (format!("/v9/{}", crate::diagnosis::encode(&key)), "/v9/[not shown: it looks like key material]"),
    ] {
        let says = text_of(&format!("GET {path} HTTP/1.1\nHost: 127.0.0.1:5156\n\n"));
        assert!(says.contains(shown), "{says}");
        for secret in [nric, myinfo_fixtures::keys::CLIENT_SECRET, &key[..16]] {
            assert!(!says.contains(secret), "{says}");
        }
    }
}
