//! Bearer tokens that are none, and tokens in files.

use super::{Judged, Row};
use crate::diagnosis::key;
use crate::support::{Rig, newest, rig_with};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use myinfo_fixtures::keys::{CLIENT_CERT_PEM, CLIENT_KEY_PEM, STRANGER_CERT_PEM, STRANGER_KEY_PEM};
use myinfo_mock_server::config::Config;
use myinfo_mock_server::doctor::token::{TokenOptions, token};
use rsa::pkcs1v15::SigningKey;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use std::path::Path;

const fn row(name: &'static str, says: &'static str) -> Row {
    Row { name, ids: &[], says }
}

fn resigned(token: &str, pem: &str) -> String {
    let (text, _) = token.rsplit_once('.').unwrap();
    let signature = SigningKey::<Sha256>::new(key(pem)).sign(text.as_bytes()).to_bytes();
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

fn part(token: &str, place: usize, change: impl Fn(&str) -> String) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[place] = change(&parts[place]);
    parts.join(".")
}

fn bytes(text: &str, change: impl Fn(&mut Vec<u8>)) -> String {
    let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    change(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn standard(token: &str) -> String {
    let parts = token.split('.').map(|part| BASE64_STANDARD.encode(BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()));
    parts.collect::<Vec<_>>().join(".")
}

fn wrapped(token: &str) -> String {
    let lines: Vec<&str> = token.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\n")
}

/// A mistake, and what it makes of the token.
type Sent = (Row, fn(&str) -> String);
/// A mistake, and what it makes of the document and the token.
type Given = (Row, fn(&str, &str) -> String);

/// Sent as Bearer instead of the token.
const SENT: &[Sent] = &[
    (row("signed by the client", "a client signed it"), |token| resigned(token, CLIENT_KEY_PEM)),
    (row("signed by another client", "the key of `STRANGER`"), |token| resigned(token, STRANGER_KEY_PEM)),
    (row("payload altered", "its text was altered"), |token| {
        part(token, 1, |text| {
            let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
            BASE64_URL_SAFE_NO_PAD.encode(text.replace("Bearer", "bearer"))
        })
    }),
    (row("signature altered", "altered, or made by another key"), |token| {
        part(token, 2, |text| bytes(text, |bytes| bytes[100] ^= 1))
    }),
    (row("cut", "cut off"), |token| token[..token.len() - 40].to_owned()),
    (row("two parts", "two parts"), |token| token.rsplit_once('.').unwrap().0.to_owned()),
    (row("percent-encoded", "percent-encoded"), |token| token.replace('.', "%2E")),
    (row("standard Base64", "standard Base64"), standard),
    (row("the code", "authorisation code"), |_| "CODE".to_owned()),
    (row("undefined", "`undefined`"), |_| "undefined".to_owned()),
    (row("null", "`null`"), |_| "null".to_owned()),
    (row("the JSON answer", "JSON"), |token| format!("{{\"access_token\":\"{token}\"}}")),
    (row("an error answer", "JSON"), |_| r#"{"code":"400","message":"Invalid"}"#.to_owned()),
    (row("a certificate", "PEM"), |_| CLIENT_CERT_PEM.replace('\n', "")),
    (row("alg none", "`none`"), |token| {
        format!("{}.{}.", BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), token.split('.').nth(1).unwrap())
    }),
];

/// Given to `doctor token` with the client's private key: from the document's JWE and the access token.
const FILES: &[Given] = &[
    (row("file: the tag changed", "the tag was changed"), |jwe, _| {
        part(jwe, 4, |text| bytes(text, |bytes| bytes[3] ^= 1))
    }),
    (row("file: the header changed", "the header was changed"), |jwe, _| {
        part(jwe, 0, |text| {
            let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
            BASE64_URL_SAFE_NO_PAD.encode(text.replace("\"kid\":\"", "\"kid\":\"x"))
        })
    }),
    (row("file: the text changed", "the encrypted text was changed"), |jwe, _| {
        part(jwe, 3, |text| bytes(text, |bytes| bytes[200] ^= 1))
    }),
    (row("file: the IV changed", "the IV"), |jwe, _| part(jwe, 2, |text| bytes(text, |bytes| bytes[0] ^= 1))),
    (row("file: the key changed", "no key opens it"), |jwe, _| part(jwe, 1, |text| bytes(text, |bytes| bytes[9] ^= 1))),
    (row("file: wrapped", "broken into lines"), |jwe, _| wrapped(jwe)),
    (row("file: standard Base64", "standard Base64"), |jwe, _| standard(jwe)),
    (row("file: percent-encoded", "percent-encoded"), |_, token| token.replace('.', "%2E")),
    (row("file: cut", "cut off"), |jwe, _| jwe[..jwe.len() / 2].to_owned()),
    (row("file: the token cut", "cut off"), |_, token| token[..token.len() - 40].to_owned()),
    (row("file: signed by the client", "a client signed it"), |_, token| {
        resigned(&part(token, 1, |_| BASE64_URL_SAFE_NO_PAD.encode("{\"name\":{}}")), CLIENT_KEY_PEM)
    }),
    (row("file: altered", "its text was altered"), |_, token| {
        part(token, 1, |_| BASE64_URL_SAFE_NO_PAD.encode("{\"name\":{}}"))
    }),
    (row("file: a code", "authorisation code"), |_, _| "19fbc48bc88a0fa7b0a4d0e0e7723287ce6bf55b".to_owned()),
    (row("file: an error answer", "an error answer"), |_, _| r#"{"code":"400","message":"Invalid"}"#.to_owned()),
    (row("file: a certificate", "a certificate"), |_, _| CLIENT_CERT_PEM.to_owned()),
    (row("file: undefined", "`undefined`"), |_, _| "undefined".to_owned()),
];

async fn send(rig: &Rig, made: impl Fn(&str) -> String) {
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    let token = rig.client.token(&code).await.unwrap();
    let mut draft = rig.client.person_draft(&token, "name");
    let bearer = made(&token.token);
    draft.bearer = Some(if bearer == "CODE" { code } else { bearer });
    rig.client.send(&draft).await.unwrap();
}

/// Every row's outcome.
pub(super) async fn judged() -> Vec<Judged> {
    let stranger = format!(
        "[[client]]\nid = 'STRANGER'\nv3.secret = 'its-own-secret'\nredirect_uris = ['http://localhost/cb']\nv3.certificate = '''{STRANGER_CERT_PEM}'''"
    );
    let rig = rig_with("com", &stranger, |builder| builder).await;
    let mut judged = Vec::new();
    for (row, made) in SENT {
        send(&rig, made).await;
        judged.push(row.judge(&newest(&rig).await["refused"]));
    }
    let token_of = rig.client.token(&rig.client.code("name", "S6005048A").await.unwrap()).await.unwrap();
    let jwe = rig.client.send(&rig.client.person_draft(&token_of, "name")).await.unwrap().text().await.unwrap();
    let config = Config::from_toml("", Path::new(".")).unwrap();
    let options = TokenOptions {
        keys: vec![("client-key.pem".to_owned(), CLIENT_KEY_PEM.as_bytes().to_vec())],
        ..TokenOptions::default()
    };
    let whole = token(&config, &jwe, &options).unwrap();
    assert!(whole.healthy, "{}", whole.text);
    for (row, made) in FILES {
        let report = token(&config, &made(&jwe, &token_of.token), &options).unwrap();
        judged.push(row.judge_text(report.healthy, &report.text));
    }
    judged
}
