//! Another text was signed than the base string.

use super::{Judged, Row};
use crate::diagnosis::{Made, Parts, authorization, encode, signed, text, with};
use crate::support::{NOW, newest, rig_with};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use myinfo_conformance::server::client::v3::Draft;
use myinfo_fixtures::keys::STRANGER_CERT_PEM;
use serde_json::Value;

const fn row(name: &'static str, ids: &'static [&'static str], says: &'static str) -> Row {
    Row { name, ids, says }
}

/// The text with its parts joined otherwise: between method, URL and parameters, and between parameters.
fn joined(mut parts: Parts, outer: &str, inner: &str) -> Vec<u8> {
    parts.pairs.sort();
    let pairs: Vec<String> = parts.pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{}{outer}{}{outer}{}", parts.method, parts.url, pairs.join(inner)).into_bytes()
}

fn lower_escapes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        out.push_str(&rest[at..at + 3].to_lowercase());
        rest = &rest[at + 3..];
    }
    out + rest
}

fn one(parts: Parts, name: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    with(parts, |parts| parts.change(|known| known == name, &change))
}

fn url(parts: Parts, change: impl Fn(&str) -> String) -> Vec<u8> {
    with(parts, |parts| parts.url = change(&parts.url))
}

fn renamed(parts: Parts, name: &str, to: &str) -> Vec<u8> {
    with(parts, |parts| {
        parts.pairs.iter_mut().filter(|(known, _)| known == name).for_each(|(known, _)| to.clone_into(known));
    })
}

fn without(parts: Parts, which: fn(&str) -> bool) -> Vec<u8> {
    with(parts, |parts| parts.pairs.retain(|(name, _)| !which(name)))
}

fn of_header(name: &str) -> bool {
    ["app_id", "nonce", "signature_method", "timestamp"].contains(&name)
}

fn form(draft: &Draft, separator: &str) -> String {
    let pairs: Vec<String> = draft.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join(separator)
}

fn json(draft: &Draft) -> String {
    let members: Vec<String> = draft.parameters.iter().map(|(name, value)| format!("{name:?}:{value:?}")).collect();
    format!("{{{}}}", members.join(","))
}

fn utf16(text: &[u8], big: bool) -> Vec<u8> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn shifted(parts: Parts, by: i64) -> Vec<u8> {
    one(parts, "timestamp", |text| (text.parse::<i64>().unwrap() + by).to_string())
}

/// Signed in a token request.
const AT_TOKEN: &[(Row, Made)] = &[
    (row("newlines between all", &["separator"], "line breaks"), |p, _| joined(p, "\n", "\n")),
    (row("CRLF between all", &["separator"], "line breaks"), |p, _| joined(p, "\r\n", "\r\n")),
    (row("commas between all", &["separator"], "comma"), |p, _| joined(p, ",", ",")),
    (row("comma and blank between all", &["separator"], "comma"), |p, _| joined(p, ", ", ", ")),
    (row("blank ampersand blank", &["separator"], "` & `"), |p, _| joined(p, " & ", " & ")),
    (row("two ampersands", &["separator"], "`&&`"), |p, _| joined(p, "&&", "&&")),
    (row("ampersand of HTML", &["separator"], "`&amp;`"), |p, _| joined(p, "&amp;", "&amp;")),
    (row("ampersand of HTML between parameters", &["separator"], "`&amp;`"), |p, _| joined(p, "&", "&amp;")),
    (row("nothing between all", &["separator"], "nothing"), |p, _| joined(p, "", "")),
    (row("nothing between parameters", &["separator"], "nothing"), |p, _| joined(p, "&", "")),
    (row("newlines between parameters", &["separator"], "line breaks"), |p, _| joined(p, "&", "\n")),
    (row("commas between parameters", &["separator"], "comma"), |p, _| joined(p, "&", ",")),
    (row("semicolons between parameters", &["separator"], "semicolon"), |p, _| joined(p, "&", ";")),
    (row("a leading blank", &["separator"], "a blank in front"), |p, _| [b" ".to_vec(), text(p)].concat()),
    (row("a leading newline", &["separator"], "in front"), |p, _| [b"\n".to_vec(), text(p)].concat()),
    (row("whole text encoded", &["encoded-as-a-whole"], "whole text"), |p, _| {
        encode(&String::from_utf8(text(p)).unwrap()).into_bytes()
    }),
    (row("whole text encoded in lower case", &["encoded-as-a-whole"], "lower-case"), |p, _| {
        lower_escapes(&encode(&String::from_utf8(text(p)).unwrap())).into_bytes()
    }),
    (row("the URL alone encoded", &["encoded-as-a-whole"], "the URL"), |p, _| url(p, encode)),
    (row("values encoded in lower case", &["values-encoded"], "lower-case"), |p, _| {
        with(p, |p| p.parameters(|value| lower_escapes(&encode(value))))
    }),
    (row("all values encoded in lower case", &["values-encoded"], "lower-case"), |p, _| {
        with(p, |p| p.change(|_| true, |value| lower_escapes(&encode(value))))
    }),
    (row("redirect_uri alone encoded", &["values-encoded"], "redirect_uri"), |p, _| one(p, "redirect_uri", encode)),
    (row("state alone encoded", &["values-encoded"], "state"), |p, _| one(p, "state", encode)),
    (row("redirect_uri alone encoded in lower case", &["values-encoded"], "redirect_uri"), |p, _| {
        one(p, "redirect_uri", |value| lower_escapes(&encode(value)))
    }),
    (row("lower case", &["lower-case-text"], ""), |p, _| {
        String::from_utf8(text(p)).unwrap().to_lowercase().into_bytes()
    }),
    (row("UTF-16 LE", &["utf-16"], "little"), |p, _| utf16(&text(p), false)),
    (row("UTF-16 BE", &["utf-16"], "big"), |p, _| utf16(&text(p), true)),
    (row("UTF-16 LE with its mark", &["utf-16"], "mark"), |p, _| [vec![0xff, 0xfe], utf16(&text(p), false)].concat()),
    (row("ASCII question marks", &["ascii"], "`?`"), |p, _| {
        String::from_utf8(text(p))
            .unwrap()
            .chars()
            .map(|c| if c.is_ascii() { c } else { '?' })
            .collect::<String>()
            .into_bytes()
    }),
    (row("all of the form missing", &["group-missing"], "form"), |p, _| without(p, |name| !of_header(name))),
    (row("all header fields missing", &["group-missing"], "header"), |p, _| without(p, of_header)),
    (row("the form alone", &["group-missing"], "alone"), |_, draft| form(draft, "&").into_bytes()),
    (row("the parameters alone, sorted", &["group-missing"], "alone"), |p, _| {
        let (method, url) = (p.method.clone(), p.url.clone());
        String::from_utf8(text(p)).unwrap().replacen(&format!("{method}&{url}&"), "", 1).into_bytes()
    }),
    (row("method and URL alone", &["group-missing"], "method and URL"), |p, _| {
        format!("{}&{}", p.method, p.url).into_bytes()
    }),
    (row("nothing at all", &["nothing-signed"], ""), |_, _| Vec::new()),
    (row("the form as JSON", &["json-signed"], ""), |_, draft| json(draft).into_bytes()),
    (row("the body as sent", &["body-signed"], ""), |_, draft| {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&draft.parameters).finish().into_bytes()
    }),
    (row("no method", &["method-missing"], ""), |p, _| {
        String::from_utf8(text(p)).unwrap().replacen("POST&", "", 1).into_bytes()
    }),
    (row("method in title case", &["method"], "Post"), |p, _| with(p, |p| "Post".clone_into(&mut p.method))),
    (row("method PUT", &["method"], "PUT"), |p, _| with(p, |p| "PUT".clone_into(&mut p.method))),
    (row("scheme and slash", &["scheme", "slash-at-the-end"], ""), |p, _| {
        url(p, |url| url.replace("http:", "https:") + "/")
    }),
    (row("host and port", &["host", "port"], ""), |p, _| url(p, |_| "http://localhost:8080/com/v3/token".to_owned())),
    (row("scheme, host", &["scheme", "host"], ""), |p, _| {
        url(p, |url| url.replace("http:", "https:").replace("127.0.0.1", "localhost"))
    }),
    (row("scheme, host and no port", &["scheme", "host"], ""), |p, _| {
        url(p, |_| "https://localhost/com/v3/token".to_owned())
    }),
    (row("host and path", &["host", "path"], ""), |p, _| {
        url(p, |url| url.replace("127.0.0.1", "localhost").replace("/com/", "/gov/"))
    }),
    (row("the real host and a slash", &["host", "slash-at-the-end"], ""), |p, _| {
        url(p, |_| "https://test.api.myinfo.gov.sg/com/v3/token/".to_owned())
    }),
    (row("v2", &["path"], "v2"), |p, _| url(p, |url| url.replace("/v3/", "/v2/"))),
    (row("v4", &["path"], "v4"), |p, _| url(p, |url| url.replace("/v3/", "/v4/"))),
    (row("https and v2", &["scheme", "path"], "v2"), |p, _| {
        url(p, |url| url.replace("/v3/", "/v2/").replace("http:", "https:"))
    }),
    (row("authorise's URL", &["path"], "authorise"), |p, _| url(p, |url| url.replace("/token", "/authorise"))),
    (row("person's URL", &["path"], "person"), |p, _| url(p, |url| url.replace("/token", "/person"))),
    (row("the path in capitals", &["path"], "case"), |p, _| url(p, |url| url.replace("/token", "/Token"))),
    (row("the host alone", &["path"], "none"), |p, _| url(p, |url| url.replace("/com/v3/token", ""))),
    (row("no scheme", &["scheme"], "none"), |p, _| url(p, |url| url.replace("http://", ""))),
    (row("the host without scheme and path", &["scheme", "path"], ""), |p, _| {
        url(p, |url| url.replace("http://", "").replace("/com/v3/token", ""))
    }),
    (row("a fragment of a URL: token", &["path"], ""), |p, _| url(p, |_| "/token".to_owned())),
    (row("client_id twice", &["parameter-twice"], "client_id"), |p, _| {
        with(p, |p| p.put("client_id", "TESTBED-CLIENT"))
    }),
    (row("nonce twice", &["parameter-twice"], "nonce"), |p, _| {
        let nonce = p.pairs.iter().find(|(name, _)| name == "nonce").unwrap().1.clone();
        with(p, |p| p.put("nonce", &nonce))
    }),
    (row("the secret at the end", &["parameter-out-of-place"], "client_secret"), |p, _| {
        let text = String::from_utf8(text(p)).unwrap();
        let secret = "&client_secret=testbed-client-secret";
        (text.replacen(secret, "", 1) + secret).into_bytes()
    }),
    (row("the timestamp first", &["parameter-out-of-place"], "timestamp"), |p, _| {
        let stamp = p.pairs.iter().find(|(name, _)| name == "timestamp").unwrap().1.clone();
        let (url, text) = (p.url.clone(), String::from_utf8(text(p)).unwrap());
        text.replacen(&format!("&timestamp={stamp}"), "", 1)
            .replacen(&url, &format!("{url}&timestamp={stamp}"), 1)
            .into_bytes()
    }),
    (row("appId", &["parameter-renamed"], "appId"), |p, _| renamed(p, "app_id", "appId")),
    (row("clientId", &["parameter-renamed"], "clientId"), |p, _| renamed(p, "client_id", "clientId")),
    (row("redirectUri", &["parameter-renamed"], "redirectUri"), |p, _| renamed(p, "redirect_uri", "redirectUri")),
    (row("redirect_url", &["parameter-renamed"], "redirect_url"), |p, _| renamed(p, "redirect_uri", "redirect_url")),
    (row("CLIENT_SECRET", &["parameter-renamed"], "CLIENT_SECRET"), |p, _| {
        renamed(p, "client_secret", "CLIENT_SECRET")
    }),
    (row("signatureMethod", &["parameter-renamed"], "signatureMethod"), |p, _| {
        renamed(p, "signature_method", "signatureMethod")
    }),
    (row("another client's app_id", &["another-client"], "app_id"), |p, _| one(p, "app_id", |_| "STRANGER".to_owned())),
    (row("another client's client_id", &["another-client"], "client_id"), |p, _| {
        one(p, "client_id", |_| "STRANGER".to_owned())
    }),
    (row("another client's secret", &["another-client"], "client_secret"), |p, _| {
        one(p, "client_secret", |_| "its-own-secret".to_owned())
    }),
    (row("the text undefined for the secret", &["another-secret-signed"], "`undefined`"), |p, _| {
        one(p, "client_secret", |_| "undefined".to_owned())
    }),
    (row("an empty secret", &["another-secret-signed"], "the client_secret in the body is right"), |p, _| {
        one(p, "client_secret", |_| String::new())
    }),
    (row("the secret in Base64", &["another-secret-signed"], "Base64"), |p, _| {
        one(p, "client_secret", |value| BASE64_STANDARD.encode(value))
    }),
    (row("a line break behind the secret", &["white-space"], "client_secret"), |p, _| {
        one(p, "client_secret", |value| format!("{value}\n"))
    }),
    (row("a blank behind the code", &["white-space"], "code"), |p, _| one(p, "code", |value| format!("{value} "))),
    (row("a blank in front of the redirect URI", &["white-space"], "redirect_uri"), |p, _| {
        one(p, "redirect_uri", |value| format!(" {value}"))
    }),
    (row("the clock read 3 ms before", &["timestamp-read-twice"], "3 ms"), |p, _| shifted(p, -3)),
    (row("the clock read 120 ms before", &["timestamp-read-twice"], "120 ms"), |p, _| shifted(p, -120)),
    (row("the clock read 1 ms after", &["timestamp-read-twice"], "1 ms"), |p, _| shifted(p, 1)),
    (row("newlines, unsorted", &["separator", "unsorted"], ""), |p, _| {
        let pairs: Vec<String> = p.pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}\n{}\n{}", p.method, p.url, pairs.join("\n")).into_bytes()
    }),
    (row("no method, encoded", &["method-missing", "values-encoded"], ""), |p, _| {
        String::from_utf8(with(p, |p| p.parameters(encode))).unwrap().replacen("POST&", "", 1).into_bytes()
    }),
    (row("no header fields, lower method", &["group-missing", "method"], ""), |mut p, _| {
        "post".clone_into(&mut p.method);
        without(p, of_header)
    }),
    (row("UTF-16, unsorted", &["utf-16", "unsorted"], ""), |p, _| utf16(p.unsorted().as_bytes(), false)),
    (row("renamed, https", &["parameter-renamed", "scheme"], ""), |mut p, _| {
        p.url = p.url.replace("http:", "https:");
        renamed(p, "app_id", "appId")
    }),
    (row("twice, slash", &["parameter-twice", "slash-at-the-end"], ""), |mut p, _| {
        p.url.push('/');
        with(p, |p| p.put("client_id", "TESTBED-CLIENT"))
    }),
    (row("clock read 5 ms before, encoded", &["timestamp-read-twice", "values-encoded"], ""), |mut p, _| {
        p.parameters(encode);
        shifted(p, -5)
    }),
    (row("whole text in lower case, CRLF", &["lower-case-text", "line-end"], ""), |p, _| {
        (String::from_utf8(text(p)).unwrap().to_lowercase() + "\r\n").into_bytes()
    }),
    (row("v2, hash of the hash", &["path", "double-hash"], ""), |p, _| {
        use rsa::sha2::{Digest, Sha256};
        Sha256::digest(url(p, |url| url.replace("/v3/", "/v2/"))).to_vec()
    }),
    (row("seconds and milliseconds, commas", &["timestamp-in-seconds", "separator"], ""), |mut p, _| {
        p.change(|name| name == "timestamp", |_| (NOW / 1000).to_string());
        joined(p, "&", ",")
    }),
    (row("white space and https", &["white-space", "scheme"], ""), |mut p, _| {
        p.url = p.url.replace("http:", "https:");
        one(p, "client_secret", |value| format!("{value}\n"))
    }),
];

/// Signed in a person request.
const AT_PERSON: &[(Row, Made)] = &[
    (row("token's URL", &["path"], "token"), |p, _| {
        url(p, |url| format!("{}/token", url.split_once("/person").unwrap().0))
    }),
    (row("the id missing", &["path"], "id"), |p, _| {
        url(p, |url| format!("{}/person", url.split_once("/person").unwrap().0))
    }),
    (row("the id missing, slash", &["path"], "id"), |p, _| {
        url(p, |url| format!("{}/person/", url.split_once("/person").unwrap().0))
    }),
    (row("a placeholder", &["path"], "{uinfin}"), |p, _| {
        url(p, |url| format!("{}/person/{{uinfin}}/", url.split_once("/person").unwrap().0))
    }),
    (row("undefined in the path", &["path"], "undefined"), |p, _| {
        url(p, |url| format!("{}/person/undefined/", url.split_once("/person").unwrap().0))
    }),
    (row("the id in another case", &["path"], "case"), |p, _| {
        url(p, |url| {
            let (before, id) = url.split_once("/person/").unwrap();
            format!("{before}/person/{}", id.to_uppercase())
        })
    }),
    (row("id missing, https", &["path", "scheme"], "id"), |p, _| {
        url(p, |url| format!("{}/person", url.split_once("/person").unwrap().0).replace("http:", "https:"))
    }),
    (row("person-basic", &["path"], "person-basic"), |p, _| url(p, |url| url.replace("/person/", "/person-basic/"))),
    (row("a subset of the attributes", &["attributes-subset"], ""), |p, _| one(p, "attributes", |_| "name".to_owned())),
    (row("another subset of the attributes", &["attributes-subset"], ""), |p, _| {
        one(p, "attributes", |_| "name,dob".to_owned())
    }),
    (row("a blank behind the attributes", &["white-space"], "attributes"), |p, _| {
        one(p, "attributes", |value| format!("{value} "))
    }),
    (row("txn_no", &["parameter-renamed"], "txn_no"), |p, _| renamed(p, "txnNo", "txn_no")),
    (row("the query missing", &["group-missing"], "query"), |p, _| without(p, |name| !of_header(name))),
    (row("encoded attributes in lower case", &["values-encoded"], "lower-case"), |p, _| {
        with(p, |p| p.parameters(|value| lower_escapes(&encode(value))))
    }),
    (row("POST, no slash", &["method", "slash-at-the-end"], ""), |mut p, _| {
        "POST".clone_into(&mut p.method);
        url(p, |url| url.trim_end_matches('/').to_owned())
    }),
];

/// Every row's outcome.
pub(super) async fn judged() -> Vec<Judged> {
    let stranger = format!(
        "[[client]]\nid = 'STRANGER'\nv3.secret = 'its-own-secret'\nredirect_uris = ['http://localhost/cb']\nv3.certificate = '''{STRANGER_CERT_PEM}'''"
    );
    let rig = rig_with("com", &stranger, |builder| builder).await;
    let mut judged = Vec::new();
    for (row, made) in AT_TOKEN {
        let code = rig.client.code("name,sex,dob", "S6005048A").await.unwrap();
        let mut draft = rig.client.token_draft(&code);
        draft.set("state", "a b/c,é~");
        let signature = signed(&made(Parts::of(&draft), &draft));
        rig.client.request(&draft, Some(&authorization(&draft, &signature))).send().await.unwrap();
        judged.push(row.judge(&newest(&rig).await["refused"]));
    }
    for (row, made) in AT_PERSON {
        let token = rig.client.token(&rig.client.code("name,sex,dob", "S6005048A").await.unwrap()).await.unwrap();
        let mut draft = rig.client.person_draft(&token, "name,sex,dob");
        draft.set("txnNo", "a/b c");
        let signature = signed(&made(Parts::of(&draft), &draft));
        rig.client.request(&draft, Some(&authorization(&draft, &signature))).send().await.unwrap();
        judged.push(row.judge(&newest(&rig).await["refused"]));
    }
    judged.push(reused(&rig).await);
    judged
}

/// The header of the token request, sent with the person request once more.
async fn reused(rig: &crate::support::Rig) -> Judged {
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    let token_draft = rig.client.token_draft(&code);
    let header = rig.client.authorization(&token_draft);
    let answer: Value = rig.client.request(&token_draft, Some(&header)).send().await.unwrap().json().await.unwrap();
    let token = answer["access_token"].as_str().unwrap();
    let subject = "x".to_owned();
    let token = myinfo_conformance::server::client::v3::Token {
        token: token.to_owned(),
        answer: answer.clone(),
        header: String::new(),
        payload: String::new(),
        subject,
    };
    let draft = rig.client.person_draft(&token, "name");
    let header = format!("{header},Bearer {}", token.token);
    rig.client.request(&draft, Some(&header)).send().await.unwrap();
    REUSED.judge(&newest(rig).await["refused"])
}

/// What the rows expect.
pub(super) fn ids() -> impl Iterator<Item = &'static [&'static str]> {
    AT_TOKEN.iter().chain(AT_PERSON).map(|(row, _)| row.ids).chain([REUSED.ids])
}

const REUSED: Row = row("the header of the token request again", &["header-reused"], "token");
