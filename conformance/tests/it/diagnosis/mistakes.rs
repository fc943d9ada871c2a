//! Mistakes in signing, each made once.

use crate::support::NOW;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use myinfo_conformance::server::client::v3::Draft;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rsa::sha2::{Digest, Sha256};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A base string in its parts, as a hostile client changes them before it joins them.
pub(crate) struct Parts {
    pub(crate) method: String,
    pub(crate) url: String,
    /// Header fields in the order of the header, then parameters in the order of the request.
    pub(crate) pairs: Vec<(String, String)>,
}

impl Parts {
    pub(crate) fn of(draft: &Draft) -> Self {
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

    pub(crate) fn change(&mut self, which: impl Fn(&str) -> bool, change: impl Fn(&str) -> String) {
        self.pairs.iter_mut().filter(|(name, _)| which(name)).for_each(|(_, value)| *value = change(value));
    }

    pub(crate) fn parameters(&mut self, change: impl Fn(&str) -> String) {
        let fields = ["app_id", "nonce", "signature_method", "timestamp"];
        self.change(|name| !fields.contains(&name), change);
    }

    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.pairs.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn unsorted(&self) -> String {
        let pairs: Vec<String> = self.pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}&{}&{}", self.method, self.url, pairs.join("&"))
    }

    pub(crate) fn text(mut self) -> String {
        self.pairs.sort();
        self.unsorted()
    }
}

/// What is signed instead of the base string, as bytes.
pub(crate) type Made = fn(Parts, &Draft) -> Vec<u8>;

/// One mistake: the id of its kind, a part of what the doctor says about it, and how it is made.
pub(crate) type Mistake = (&'static str, &'static str, Made);

pub(crate) fn text(parts: Parts) -> Vec<u8> {
    parts.text().into_bytes()
}

pub(crate) fn with(mut parts: Parts, change: impl Fn(&mut Parts)) -> Vec<u8> {
    change(&mut parts);
    text(parts)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Made in a token request.
pub(crate) const AT_TOKEN: &[Mistake] = &[
    ("values-encoded", "parameters", |parts, _| with(parts, |parts| parts.parameters(encode))),
    ("values-encoded", "before signing", |parts, _| with(parts, |parts| parts.change(|_| true, encode))),
    ("values-encoded-twice", "twice", |parts, _| with(parts, |parts| parts.parameters(|value| encode(&encode(value))))),
    ("plus-either-way", "`+`", |parts, _| with(parts, |parts| parts.parameters(|value| value.replace(' ', "+")))),
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
pub(crate) const AT_PERSON: &[Mistake] = &[
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
pub(crate) const PAIRS: &[(&str, &str, Made)] = &[
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
