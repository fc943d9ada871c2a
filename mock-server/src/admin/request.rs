//! What the operations of the admin API work with: a request taken apart, answers, and errors in plain words.

use crate::app::App;
use crate::book::Book;
use crate::http::exchange::{Answer, Delivery, Incoming};
use crate::http::pairs::{Pairs, Repeats};
use crate::journal::mask::Mask;
use crate::page::missing;
use crate::quote::without_keys;
use crate::realms::Realms;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use warp::http::{StatusCode, header};

/// A request to the admin API.
pub(super) struct Ask<'a> {
    pub(super) realms: &'a Realms,
    pub(super) incoming: &'a Incoming,
    pub(super) app: &'a Arc<App>,
    /// What stands in the path where the operation's has `{}`.
    pub(super) segment: &'a str,
    /// The query's pairs.
    pub(super) query: Pairs,
}

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct AdminError {
    status: StatusCode,
    message: String,
}

impl AdminError {
    /// What the message quotes of the request is never a key.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: without_keys(&message.into()) }
    }

    /// The request cannot be used as it is.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// What the path names does not exist.
    pub(super) fn missing(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }
}

impl AdminError {
    /// The status of the answer.
    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    /// What is answered: a page where a browser asked for one, JSON otherwise.
    pub(super) fn answer(self, incoming: &Incoming) -> Answer {
        let wanted = missing::is_wanted(&incoming.method, &incoming.path, &incoming.headers);
        let page = wanted.then(|| missing::page(self.status, &self.message, &incoming.base)).flatten();
        page.unwrap_or_else(|| self.into())
    }
}

impl From<AdminError> for Answer {
    fn from(error: AdminError) -> Self {
        json(error.status, &json!({"error": error.message}))
    }
}

impl Ask<'_> {
    /// Refuses query parameters that the operation does not take.
    pub(super) fn only_known(&self, known: &[&str]) -> Result<(), AdminError> {
        let Some((name, _)) = self.query.iter().find(|(name, _)| !known.contains(name)) else { return Ok(()) };
        let meant = crate::text::meant(name, known.iter().copied());
        let there_are =
            if known.is_empty() { "it takes none".to_owned() } else { format!("it takes {}", known.join(", ")) };
        Err(AdminError::bad(format!("`{name}` is no parameter here: {there_are}{meant}")))
    }

    /// Whether a parameter is set, and to anything but `0`.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.query.value(name).is_some_and(|value| value != "0")
    }

    /// How the journal is to be shown: persons only where `personal=1` asks for them.
    pub(super) fn mask<'b>(&'b self, book: &'b Book) -> Mask<'b> {
        Mask { book, protocols: &self.app.protocols, personal: self.flag("personal") }
    }

    /// The body as JSON of a certain shape.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, AdminError> {
        let body = self.incoming.body.as_ref().map_err(|problem| AdminError::bad(problem.to_string()))?;
        let kind = self.incoming.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !is_json(kind.unwrap_or_default()) {
            let message = "the body must be JSON, with `Content-Type: application/json`";
            return Err(AdminError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        object(body).map_err(|problem| AdminError::bad(format!("the body cannot be used: {problem}")))
    }

    /// The body as the form of a page of this mock. Any web page may send a form without asking, so the browser must say
    /// that it comes from here; programs send JSON.
    pub(super) fn form(&self) -> Result<Pairs, AdminError> {
        let header = |name: &str| self.incoming.headers.get(name).and_then(|value| value.to_str().ok());
        let from_here = header("origin") == Some(self.incoming.origin().as_str())
            || header("sec-fetch-site") == Some("same-origin");
        if !from_here {
            let message = "this takes the form of a page of this mock, sent by a browser that says so (`Origin`)";
            return Err(AdminError::new(StatusCode::FORBIDDEN, message));
        }
        let body = self.incoming.body.as_ref().map_err(|problem| AdminError::bad(problem.to_string()))?;
        if !essence(header("content-type").unwrap_or_default()).eq_ignore_ascii_case(FORM) {
            let message = format!("the body must be a form, with `Content-Type: {FORM}`");
            return Err(AdminError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        let text = std::str::from_utf8(body).map_err(|_| AdminError::bad("the form is not UTF-8"))?;
        let form = Pairs::parse(text).and_then(|pairs| pairs.with_repeats(Repeats::Refuse));
        form.map_err(|problem| AdminError::bad(problem.to_string()))
    }
}

/// Reads a JSON object; what is wrong is said with its place, in words of JSON.
fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    if body.is_empty() {
        return Err("it is empty; a JSON object is expected".to_owned());
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| format!("it is no JSON: {error}"))?;
    if !value.is_object() {
        return Err("it is JSON, but no object in braces".to_owned());
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let (place, problem) = (error.path().to_string(), in_words_of_json(&error.inner().to_string()));
        // "." is the object itself
        if place == "." { problem } else { format!("`{place}`: {problem}") }
    })
}

/// A problem as serde tells it, whose words are those of Rust.
fn in_words_of_json(problem: &str) -> String {
    let words = [
        ("expected u32", "expected a whole number of 0 or more"),
        ("expected u64", "expected a whole number of 0 or more"),
        ("expected usize", "expected a whole number of 0 or more"),
        ("expected i64", "expected a whole number"),
        ("invalid type: sequence", "invalid type: list"),
        ("invalid type: map", "invalid type: object"),
        ("expected a sequence", "expected a list"),
        ("expected a map", "expected an object"),
        ("expected struct ", "expected an object: "),
    ];
    words.iter().fold(problem.to_owned(), |text, (rust, json)| text.replace(rust, json))
}

/// What a browser sends of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// Whether a media type is one of JSON. What any web page may send without asking is none: `text/plain;x=json`.
fn is_json(kind: &str) -> bool {
    let essence = essence(kind).to_ascii_lowercase();
    matches!(essence.as_str(), "application/json" | "text/json")
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A media type without its parameters.
fn essence(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}

/// A JSON answer, indented: people read it, too.
pub(super) fn json(status: StatusCode, value: &Value) -> Answer {
    whole(status, "application/json", format!("{value:#}\n"))
}

/// An answer with its length.
pub(super) fn whole(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Answer::api(status, content_type, body);
    answer.delivery = Delivery::Whole;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_body_is_told_with_its_place_in_words_of_json() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Body {
            #[expect(dead_code, reason = "read to be refused")]
            times: Option<u32>,
            #[serde(default)]
            #[expect(dead_code, reason = "read to be refused")]
            called: std::collections::BTreeMap<String, usize>,
        }
        for (sent, says) in [
            ("", "it is empty; a JSON object is expected"),
            ("{", "it is no JSON: EOF while parsing an object at line 1 column 1"),
            ("[1]", "it is JSON, but no object in braces"),
            (r#"{"times": -1}"#, "`times`: invalid value: integer `-1`, expected a whole number of 0 or more"),
            (
                r#"{"called": {"token": -1}}"#,
                "`called.token`: invalid value: integer `-1`, expected a whole number of 0 or more",
            ),
            (r#"{"times": []}"#, "`times`: invalid type: list, expected a whole number of 0 or more"),
            (r#"{"time": 1}"#, "`time`: unknown field `time`, expected `times` or `called`"),
        ] {
            assert_eq!(object::<Body>(sent.as_bytes()).unwrap_err(), says, "{sent}");
        }
    }

    #[test]
    fn only_json_passes_for_json() {
        for kind in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json", "text/json"]
        {
            assert!(is_json(kind), "{kind}");
        }
        for kind in [
            "text/plain; x=json",
            "text/plain;json",
            "multipart/form-data; boundary=json",
            "application/xjson",
            "json",
            "",
        ] {
            assert!(!is_json(kind), "{kind}");
        }
    }
}
