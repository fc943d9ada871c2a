//! The signature doctor against every known mistake: each is made by hand, and must be named, proved and shown.

use crate::support::{NOW, Rig, admin, newest, rig, rig_with, told};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use myinfo_conformance::server::client::v3::Draft;
use myinfo_fixtures::keys::{CLIENT_KEY_PEM, MYINFO_KEY_PEM, STRANGER_CERT_PEM, STRANGER_KEY_PEM};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rsa::pkcs1v15::{Pkcs1v15Sign, SigningKey};
use rsa::sha2::{Digest, Sha256, Sha512};
use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer};
use rsa::{RsaPrivateKey, pss};
use serde_json::Value;
use std::collections::BTreeSet;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A base string in its parts, as a hostile client changes them before it joins them.
struct Parts {
    method: String,
    url: String,
    /// Header fields in the order of the header, then parameters in the order of the request.
    pairs: Vec<(String, String)>,
}

impl Parts {
    fn of(draft: &Draft) -> Self {
        let header = &draft.header;
        let fields = [
            ("app_id", &header.app_id),
            ("nonce", &header.nonce),
            ("signature_method", &header.signature_method),
            ("timestamp", &header.timestamp),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.clone()));
        let pairs = fields.into_iter().chain(draft.parameters.clone()).collect();
        Self { method: draft.method.to_owned(), url: draft.url.clone(), pairs }
    }

    fn change(&mut self, which: impl Fn(&str) -> bool, change: impl Fn(&str) -> String) {
        self.pairs.iter_mut().filter(|(name, _)| which(name)).for_each(|(_, value)| *value = change(value));
    }

    fn parameters(&mut self, change: impl Fn(&str) -> String) {
        let fields = ["app_id", "nonce", "signature_method", "timestamp"];
        self.change(|name| !fields.contains(&name), change);
    }

    fn put(&mut self, name: &str, value: &str) {
        self.pairs.push((name.to_owned(), value.to_owned()));
    }

    fn unsorted(&self) -> String {
        let pairs: Vec<String> = self.pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}&{}&{}", self.method, self.url, pairs.join("&"))
    }

    fn text(mut self) -> String {
        self.pairs.sort();
        self.unsorted()
    }
}

/// What is signed instead of the base string, as bytes.
type Made = fn(Parts, &Draft) -> Vec<u8>;

/// One mistake: the id of its kind, a part of what the doctor says about it, and how it is made.
type Mistake = (&'static str, &'static str, Made);

fn text(parts: Parts) -> Vec<u8> {
    parts.text().into_bytes()
}

fn with(mut parts: Parts, change: impl Fn(&mut Parts)) -> Vec<u8> {
    change(&mut parts);
    text(parts)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Made in a token request.
const AT_TOKEN: &[Mistake] = &[
    ("values-encoded", "parameters", |parts, _| with(parts, |parts| parts.parameters(encode))),
    ("values-encoded", "before signing", |parts, _| with(parts, |parts| parts.change(|_| true, encode))),
    ("values-encoded-twice", "twice", |parts, _| with(parts, |parts| parts.parameters(|value| encode(&encode(value))))),
    ("plus-for-space", "`+`", |parts, _| with(parts, |parts| parts.parameters(|value| value.replace(' ', "+")))),
    ("encoded-as-a-whole", "OAuth 1", |parts, _| {
        let (method, url) = (parts.method.clone(), parts.url.clone());
        let whole = parts.text();
        let pairs = whole.strip_prefix(&format!("{method}&{url}&")).unwrap().to_owned();
        format!("{method}&{}&{}", encode(&url), encode(&pairs)).into_bytes()
    }),
    ("unsorted", "order in which they were sent", |parts, _| parts.unsorted().into_bytes()),
    ("sorted-another-way", "backwards", |mut parts, _| {
        parts.pairs.sort();
        parts.pairs.reverse();
        parts.unsorted().into_bytes()
    }),
    ("sorted-another-way", "apart", |mut parts, _| {
        parts.pairs.split_at_mut(4).1.sort();
        parts.unsorted().into_bytes()
    }),
    ("parameter-missing", "(client_secret)", |parts, _| {
        with(parts, |parts| parts.pairs.retain(|(name, _)| name != "client_secret"))
    }),
    ("parameter-missing", "(app_id)", |parts, _| with(parts, |parts| parts.pairs.retain(|(name, _)| name != "app_id"))),
    ("parameter-missing", "(state)", |parts, _| with(parts, |parts| parts.pairs.retain(|(name, _)| name != "state"))),
    ("parameter-extra", "(purpose)", |parts, _| with(parts, |parts| parts.put("purpose", "a test"))),
    ("parameter-extra", "(realm)", |parts, _| with(parts, |parts| parts.put("realm", ""))),
    ("parameter-extra", "(txnNo)", |parts, _| with(parts, |parts| parts.put("txnNo", "undefined"))),
    ("scheme", "https", |parts, _| with(parts, |parts| parts.url = parts.url.replace("http://", "https://"))),
    ("port", "8080", |parts, _| {
        with(parts, |parts| {
            let (_, path) = parts.url.split_once("/com/").unwrap();
            parts.url = format!("http://127.0.0.1:8080/com/{path}");
        })
    }),
    ("host", "localhost", |parts, _| with(parts, |parts| parts.url = parts.url.replace("127.0.0.1", "localhost"))),
    ("host", "test.api.myinfo.gov.sg", |parts, _| {
        with(parts, |parts| {
            "https://test.api.myinfo.gov.sg/com/v3/token".clone_into(&mut parts.url);
        })
    }),
    ("slash-at-the-end", "one more", |parts, _| with(parts, |parts| parts.url.push('/'))),
    ("path", "without scheme and host", |parts, _| with(parts, |parts| "/com/v3/token".clone_into(&mut parts.url))),
    ("path", "without com or gov", |parts, _| with(parts, |parts| parts.url = parts.url.replace("/com/", "/"))),
    ("method", "post", |parts, _| with(parts, |parts| "post".clone_into(&mut parts.method))),
    ("method", "GET", |parts, _| with(parts, |parts| "GET".clone_into(&mut parts.method))),
    ("timestamp-in-seconds", "in seconds", |parts, _| {
        with(parts, |parts| parts.change(|name| name == "timestamp", |_| (NOW / 1000).to_string()))
    }),
    ("values-quoted", "all", |parts, _| with(parts, |parts| parts.change(|_| true, |value| format!("\"{value}\"")))),
    ("values-quoted", "the timestamp", |parts, _| {
        with(parts, |parts| parts.change(|name| name == "timestamp", |value| format!("\"{value}\"")))
    }),
    ("signature-inside", "empty", |parts, _| with(parts, |parts| parts.put("signature", ""))),
    ("line-end", "CRLF", |parts, _| [text(parts), b"\r\n".to_vec()].concat()),
    ("line-end", "LF", |parts, _| [text(parts), b"\n".to_vec()].concat()),
    ("line-end", "blank", |parts, _| [text(parts), b" ".to_vec()].concat()),
    ("byte-order-mark", "byte-order mark", |parts, _| ["\u{feff}".as_bytes().to_vec(), text(parts)].concat()),
    ("double-hash", "hashed again", |parts, _| Sha256::digest(text(parts)).to_vec()),
    ("hash-as-text", "hexadecimal", |parts, _| hex(&Sha256::digest(text(parts))).into_bytes()),
    ("hash-as-text", "Base64", |parts, _| BASE64_STANDARD.encode(Sha256::digest(text(parts))).into_bytes()),
    ("base-string-in-base64", "Base64", |parts, _| BASE64_STANDARD.encode(text(parts)).into_bytes()),
    ("signature-method-name", "RSA-SHA256", |parts, _| {
        with(parts, |parts| parts.change(|name| name == "signature_method", |_| "RSA-SHA256".to_owned()))
    }),
    ("latin-1", "Latin-1", |parts, _| {
        parts.text().chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect()
    }),
    ("separator", "`?` behind the URL", |parts, _| {
        let url = parts.url.clone();
        parts.text().replacen(&format!("{url}&"), &format!("{url}?"), 1).into_bytes()
    }),
];

/// Made in a person request.
const AT_PERSON: &[Mistake] = &[
    ("query-in-url", "as sent", |parts, draft| {
        with(parts, |parts| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            parts.url = format!("{}?{}", draft.url, query.extend_pairs(&draft.parameters).finish());
        })
    }),
    ("list-re-ordered", "sorted", |parts, _| {
        with(parts, |parts| {
            parts.change(
                |name| name == "attributes",
                |list| {
                    let mut names: Vec<&str> = list.split(',').collect();
                    names.sort_unstable();
                    names.join(",")
                },
            );
        })
    }),
    ("list-re-ordered", "joined by spaces", |parts, _| {
        with(parts, |parts| {
            parts.change(|name| name == "attributes", |list| list.replace(',', " "));
        })
    }),
    ("values-encoded", "commas left", |parts, _| {
        with(parts, |parts| {
            parts.change(|name| name == "txnNo", encode);
        })
    }),
    ("slash-at-the-end", "one less", |parts, _| {
        with(parts, |parts| parts.url = parts.url.trim_end_matches('/').to_owned())
    }),
    ("bearer-included", "access_token", |parts, draft| {
        with(parts, |parts| {
            parts.put("access_token", draft.bearer.as_deref().unwrap());
        })
    }),
    ("bearer-included", "comma", |parts, draft| {
        [text(parts), format!(",Bearer {}", draft.bearer.as_deref().unwrap()).into_bytes()].concat()
    }),
    ("parameter-extra", "(redirect_uri)", |parts, _| {
        with(parts, |parts| parts.put("redirect_uri", "http://localhost:3001/callback"))
    }),
    ("parameter-extra", "(client_secret)", |parts, _| {
        with(parts, |parts| parts.put("client_secret", "testbed-client-secret"))
    }),
    ("parameter-extra", "(state)", |parts, _| with(parts, |parts| parts.put("state", "a state"))),
];

/// Two at once, made in a token request: the ids of both.
const PAIRS: &[(&str, &str, Made)] = &[
    ("values-encoded", "parameter-missing", |parts, _| {
        with(parts, |parts| {
            parts.pairs.retain(|(name, _)| name != "grant_type");
            parts.parameters(encode);
        })
    }),
    ("scheme", "unsorted", |mut parts, _| {
        parts.url = parts.url.replace("http://", "https://");
        parts.unsorted().into_bytes()
    }),
    ("method", "line-end", |parts, _| {
        [with(parts, |parts| "post".clone_into(&mut parts.method)), b"\n".to_vec()].concat()
    }),
    ("slash-at-the-end", "double-hash", |parts, _| Sha256::digest(with(parts, |parts| parts.url.push('/'))).to_vec()),
    ("timestamp-in-seconds", "values-encoded", |parts, _| {
        with(parts, |parts| {
            parts.change(|name| name == "timestamp", |_| (NOW / 1000).to_string());
            parts.parameters(encode);
        })
    }),
    ("parameter-missing", "parameter-extra", |parts, _| {
        with(parts, |parts| {
            parts.pairs.retain(|(name, _)| name != "client_secret");
            parts.put("purpose", "a test");
        })
    }),
    ("byte-order-mark", "line-end", |parts, _| {
        ["\u{feff}".as_bytes().to_vec(), text(parts), b"\r\n".to_vec()].concat()
    }),
];

fn key(pem: &str) -> RsaPrivateKey {
    myinfo_oracle::key::private(pem).unwrap()
}

fn signed(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(SigningKey::<Sha256>::new(key(CLIENT_KEY_PEM)).sign(bytes).to_bytes())
}

fn authorization(draft: &Draft, signature: &str) -> String {
    let header = myinfo_oracle::v3::authorization(&draft.header, signature);
    draft.bearer.as_ref().map_or_else(|| header.clone(), |token| format!("{header},Bearer {token}"))
}

/// A token request with a nasty state, and its exchange's problem once it was sent with this signature.
async fn at_token(rig: &Rig, signature: impl Fn(&Draft) -> String) -> Value {
    let code = rig.client.code("name,sex,dob", "S6005048A").await.unwrap();
    let mut draft = rig.client.token_draft(&code);
    draft.set("state", "a b/c,é~");
    let request = rig.client.request(&draft, Some(&authorization(&draft, &signature(&draft))));
    let (status, body) = told(request.send().await.unwrap()).await;
    assert_eq!(status, 500, "{body}");
    newest(rig).await["refused"].clone()
}

async fn at_person(rig: &Rig, signature: impl Fn(&Draft) -> String) -> Value {
    let token = rig.client.token(&rig.client.code("name,sex,dob", "S6005048A").await.unwrap()).await.unwrap();
    let mut draft = rig.client.person_draft(&token, "name,sex,dob");
    draft.set("txnNo", "a/b c");
    let request = rig.client.request(&draft, Some(&authorization(&draft, &signature(&draft))));
    let (status, body) = told(request.send().await.unwrap()).await;
    assert_eq!(status, 500, "{body}");
    newest(rig).await["refused"].clone()
}

fn assert_proved(problem: &Value, ids: &[&str], detail: &str) {
    let said = problem["cause"].as_str().unwrap();
    assert_eq!(problem["diagnosis"], "SIG-BASE", "{ids:?} {detail}: {said}");
    let found: Vec<&str> = problem["mistakes"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(found.iter().collect::<BTreeSet<_>>(), ids.iter().collect::<BTreeSet<_>>(), "{detail}: {said}");
    assert!(said.contains(detail), "{ids:?} {detail}: {said}");
    let (expected, received) = (problem["expected"].as_str().unwrap(), problem["received"].as_str().unwrap());
    assert!(
        expected.starts_with("POST&http://127.0.0.1") || expected.starts_with("GET&http://127.0.0.1"),
        "{expected}"
    );
    let masked_alike = ids == ["latin-1"] || problem["cause"].as_str().unwrap().contains("(client_secret");
    if !masked_alike {
        let same = usize::try_from(problem["first_difference"].as_u64().unwrap()).unwrap();
        assert_ne!(expected.chars().nth(same), received.chars().nth(same), "{ids:?} {detail}");
    }
    for secret in ["testbed-client-secret", "eyJ"] {
        assert!(!problem.to_string().contains(secret), "{ids:?} {detail}: {problem}");
    }
}

#[tokio::test]
async fn every_known_mistake_is_proved_and_named() {
    let rig = rig("com").await;
    for (id, detail, made) in AT_TOKEN {
        let problem = at_token(&rig, |draft| signed(&made(Parts::of(draft), draft))).await;
        assert_proved(&problem, &[id], detail);
    }
    for (id, detail, made) in AT_PERSON {
        let problem = at_person(&rig, |draft| signed(&made(Parts::of(draft), draft))).await;
        assert_proved(&problem, &[id], detail);
    }
    let rules: Value = admin(&rig, "rules").await;
    let known: BTreeSet<&str> =
        rules["mistakes"].as_array().unwrap().iter().map(|kind| kind["id"].as_str().unwrap()).collect();
    let made: BTreeSet<&str> = AT_TOKEN.iter().chain(AT_PERSON).map(|(id, ..)| *id).collect();
    assert_eq!(made, known, "a kind of mistake that no test makes");
}

#[tokio::test]
async fn two_mistakes_at_once_are_both_named() {
    let rig = rig("com").await;
    for (one, other, made) in PAIRS {
        let problem = at_token(&rig, |draft| signed(&made(Parts::of(draft), draft))).await;
        assert_proved(&problem, &[one, other], "");
    }
}

#[tokio::test]
async fn another_key_is_named_and_so_is_what_it_signed() {
    let stranger = format!(
        "[[client]]\nid = 'STRANGER'\nv3.secret = 'its-own-secret'\nredirect_uris = ['http://localhost/cb']\nv3.certificate = '''{STRANGER_CERT_PEM}'''"
    );
    let rig = rig_with("com", &stranger, |builder| builder).await;
    let by = |pem: &'static str, change: fn(Parts) -> Vec<u8>| {
        move |draft: &Draft| {
            let bytes = change(Parts::of(draft));
            BASE64_STANDARD.encode(SigningKey::<Sha256>::new(key(pem)).sign(&bytes).to_bytes())
        }
    };
    for (pem, change, says) in [
        (
            STRANGER_KEY_PEM,
            text as fn(Parts) -> Vec<u8>,
            "the key of `STRANGER` signed, not the key that is registered for `TESTBED-CLIENT`; the text is right",
        ),
        (MYINFO_KEY_PEM, text, "the mock's own key, Myinfo's side, signed"),
        (
            STRANGER_KEY_PEM,
            |parts| parts.unsorted().into_bytes(),
            "the key of `STRANGER` signed, not the key that is registered for `TESTBED-CLIENT`; besides, the parameters were signed in the order",
        ),
    ] {
        let problem = at_token(&rig, by(pem, change)).await;
        assert_eq!(problem["diagnosis"], "SIG-KEY");
        assert!(problem["cause"].as_str().unwrap().contains(says), "{problem}");
    }
    let alone = crate::support::rig("com").await;
    let problem = at_token(&alone, by(STRANGER_KEY_PEM, text)).await;
    assert_eq!(problem["diagnosis"], "SIG-KEY");
    assert!(
        problem["cause"].as_str().unwrap().starts_with("another key signed: not the one that is registered"),
        "{problem}"
    );
}

#[tokio::test]
async fn another_hash_and_another_padding_are_named() {
    let rig = rig("com").await;
    let right = |draft: &Draft| text(Parts::of(draft));
    let problem = at_token(&rig, |draft| {
        BASE64_STANDARD.encode(SigningKey::<Sha512>::new(key(CLIENT_KEY_PEM)).sign(&right(draft)).to_bytes())
    })
    .await;
    assert_eq!(problem["diagnosis"], "SIG-HASH");
    assert!(
        problem["cause"].as_str().unwrap().contains("with SHA-512")
            && problem["cause"].as_str().unwrap().ends_with("the text is right"),
        "{problem}"
    );
    let problem = at_token(&rig, |draft| {
        let signer = pss::SigningKey::<Sha256>::new(key(CLIENT_KEY_PEM));
        BASE64_STANDARD.encode(signer.sign_with_rng(&mut rsa::rand_core::OsRng, &right(draft)).to_bytes())
    })
    .await;
    assert_eq!(problem["diagnosis"], "SIG-PADDING");
    assert!(problem["cause"].as_str().unwrap().contains("PSS"), "{problem}");
    let problem = at_token(&rig, |draft| {
        let bare = key(CLIENT_KEY_PEM).sign(Pkcs1v15Sign::new_unprefixed(), &Sha256::digest(right(draft))).unwrap();
        BASE64_STANDARD.encode(bare)
    })
    .await;
    assert_eq!(problem["diagnosis"], "SIG-PADDING");
    assert!(problem["cause"].as_str().unwrap().contains("without naming the hash"), "{problem}");
}

#[tokio::test]
async fn pss_is_seen_without_the_text_and_by_whichever_known_key() {
    let rig = rig("com").await;
    let pss = |pem: &str, bytes: &[u8]| {
        let signer = pss::SigningKey::<Sha512>::new(key(pem));
        BASE64_STANDARD.encode(signer.sign_with_rng(&mut rsa::rand_core::OsRng, bytes).to_bytes())
    };
    let problem = at_token(&rig, |_| pss(CLIENT_KEY_PEM, b"another text")).await;
    assert_eq!(problem["diagnosis"], "SIG-PADDING");
    assert!(problem["cause"].as_str().unwrap().contains("PS512"), "{problem}");
    let problem = at_token(&rig, |_| pss(MYINFO_KEY_PEM, b"another text")).await;
    assert_eq!(problem["diagnosis"], "SIG-KEY");
    assert!(problem["cause"].as_str().unwrap().contains("the mock's own key"), "{problem}");
}

#[tokio::test]
async fn a_request_of_any_size_is_refused_and_diagnosed_within_the_budget() {
    let rig = rig("com").await;
    for (parameters, size) in [(60, 10), (1_000, 3), (1, 50_000)] {
        let mut draft = rig.client.token_draft("0");
        for number in 0..parameters {
            draft.set(&format!("p{number}"), &"v ".repeat(size / 2));
        }
        let request = rig.client.request(&draft, Some(&authorization(&draft, &signed(b"something else"))));
        assert_eq!(request.send().await.unwrap().status(), 500);
        assert_eq!(newest(&rig).await["refused"]["diagnosis"], "SIG-TEXT", "{parameters} of {size}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_shows_no_secret() {
    let rig = rig("com").await;
    let draft = rig.client.token_draft("0");
    let body = r#"{"client_id":"TESTBED-CLIENT","client_secret":"testbed-client-secret","code":"c0de-c0de-c0de"}"#;
    for kind in ["application/json", "application/x-www-form-urlencoded"] {
        let request = rig.client.http.post(&draft.url).header("Content-Type", kind).body(body);
        let request =
            request.header("Authorization", rig.client.authorization(&draft)).header("X-Copy", "eyJh.eyJi.c2ln");
        assert!(request.send().await.unwrap().status().as_u16() >= 400);
    }
    let journal = admin(&rig, "exchanges").await.to_string();
    let archive = admin(&rig, "exchanges.har").await.to_string();
    let page = rig.client.http.get(format!("{}/_mock/transactions/2.html", rig.mock.base_url())).send().await.unwrap();
    for place in [journal, archive, page.text().await.unwrap()] {
        for secret in ["testbed-client-secret", "c0de-c0de", "eyJh.eyJi"] {
            assert!(!place.contains(secret), "{secret}: {place}");
        }
    }
}

#[tokio::test]
async fn what_no_mistake_explains_is_shown_with_the_source_of_every_field() {
    let rig = rig("com").await;
    let problem = at_token(&rig, |_| signed(b"something else")).await;
    assert_eq!(problem["diagnosis"], "SIG-TEXT");
    assert!(problem.get("received").is_none(), "{problem}");
    let fields: Vec<(&str, &str)> = problem["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| (field["name"].as_str().unwrap(), field["from"].as_str().unwrap()))
        .collect();
    assert!(
        fields.contains(&("nonce", "Authorization header")) && fields.contains(&("redirect_uri", "form body")),
        "{fields:?}"
    );
    assert_eq!(fields.len(), 12);
    assert!(problem["expected"].as_str().unwrap().contains("client_secret=[redacted]"), "{problem}");
    assert!(!problem.to_string().contains("testbed-client-secret"));
}

#[tokio::test]
async fn a_signature_that_is_no_base64_is_told_what_it_is() {
    let rig = rig("com").await;
    for (signature, says) in [
        ("a-b_", "Base64url"),
        ("YWJj\tZA==", "lines"),
        ("YWJj ZA==", "spaces"),
        ("YWJjZA%3D%3D", "percent-encoded"),
        ("YWJjZ", "without its `=`"),
        ("", "empty"),
    ] {
        let problem = at_token(&rig, |_| signature.to_owned()).await;
        assert_eq!(
            (&problem["diagnosis"], &problem["rule"]),
            (&"SIG-ENCODING".into(), &"v3.signature.encoding".into())
        );
        assert!(problem["cause"].as_str().unwrap().contains(says), "{signature}: {problem}");
    }
}

#[tokio::test]
async fn the_origin_that_a_proxy_tells_is_tried_too() {
    let rig = rig("com").await;
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    let mut draft = rig.client.token_draft(&code);
    draft.signed_url = "https://mock.example:8443/com/v3/token".to_owned();
    let request = rig.client.request(&draft, Some(&rig.client.authorization(&draft)));
    let request = request.header("X-Forwarded-Host", "mock.example:8443").header("X-Forwarded-Proto", "https");
    assert_eq!(request.send().await.unwrap().status(), 500);
    let exchange = newest(&rig).await;
    assert_proved(&exchange["refused"], &["host"], "https://mock.example:8443");
    assert_eq!(exchange["notes"][0]["diagnosis"], "FORWARDED");
    assert!(exchange["notes"][0]["text"].as_str().unwrap().contains("--public-url https://mock.example:8443"));
}
