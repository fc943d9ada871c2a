//! The journal as an HTTP archive, for the tools that read those (HAR 1.2).

use super::Exchange;
use super::mask::Mask;
use super::view::{self, Pair};
use serde_json::{Value, json};
use warp::http::header;

/// What stands before the first entry of an archive.
pub(crate) fn opening() -> String {
    let creator = json!({"name": "myinfo-mock", "version": env!("CARGO_PKG_VERSION")});
    format!("{{\"log\": {{\"version\": \"1.2\", \"creator\": {creator}, \"entries\": [\n")
}

/// What stands behind the last entry.
pub(crate) const CLOSING: &str = "\n]}}\n";

/// An exchange as an entry. Secrets are masked, so the request cannot be replayed.
pub(crate) fn entry(exchange: &Exchange, mask: Mask<'_>) -> Value {
    let seen = view::exchange(exchange, mask);
    let content_type = |headers: &[Pair]| {
        let found = headers.iter().find(|(name, _)| name == header::CONTENT_TYPE.as_str());
        found.map_or_else(String::new, |(_, value)| value.clone())
    };
    let request = &seen.request;
    let mut sent = json!({
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(&request.headers),
        "queryString": pairs(&request.query),
        "headersSize": -1,
        "bodySize": exchange.request.body.as_ref().map_or(0, bytes::Bytes::len),
    });
    if !request.form.is_empty() {
        let data = json!({
            "mimeType": content_type(&request.headers),
            "params": pairs(&request.form),
            "text": request.body,
        });
        sent.as_object_mut().map(|sent| sent.insert("postData".to_owned(), data));
    }
    let location = seen.answer.headers.iter().find(|(name, _)| name == header::LOCATION.as_str());
    json!({
        "startedDateTime": seen.at,
        "time": seen.milliseconds,
        "request": sent,
        "response": {
            "status": seen.answer.status,
            "statusText": exchange.answer.status.canonical_reason().unwrap_or_default(),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(&seen.answer.headers),
            "content": {
                "size": seen.answer.body_size,
                "mimeType": content_type(&seen.answer.headers),
                "text": seen.answer.body,
            },
            "redirectURL": location.map_or("", |(_, value)| value.as_str()),
            "headersSize": -1,
            "bodySize": seen.answer.body_size,
        },
        "cache": {},
        "timings": {"send": 0, "wait": seen.milliseconds, "receive": 0},
        "_transaction": seen.transaction,
        "_event": seen.event,
        "_rules": seen.rules,
        "_faults": seen.faults,
    })
}

fn pairs(pairs: &[Pair]) -> Vec<Value> {
    pairs.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}
