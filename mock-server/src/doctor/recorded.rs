//! Requests out of recordings: HTTP archives (HAR) and Postman collections.

use super::raw_request::{RawRequest, Target, build, insert};
use crate::journal::filter::moment;
use crate::text::encode;
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use warp::http::HeaderMap;

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The address of an entry of an archive.
pub(super) fn url_of_entry(entry: &Value) -> &str {
    text(entry, "/request/url")
}

/// An entry of an archive.
pub(super) fn from_entry(entry: &Value) -> Result<RawRequest> {
    let method = text(entry, "/request/method").parse().context("an entry's `request.method` cannot be used")?;
    let mut headers = HeaderMap::new();
    for pair in list(entry, "/request/headers") {
        // HTTP/2 archives list the pseudo-headers, too
        if !text(pair, "/name").starts_with(':') {
            insert(&mut headers, text(pair, "/name"), text(pair, "/value"))?;
        }
    }
    let kind = text(entry, "/request/postData/mimeType");
    if !kind.is_empty() && !headers.contains_key("content-type") {
        insert(&mut headers, "content-type", kind)?;
    }
    let (body, note) = body_of_entry(entry);
    let target =
        Target { method, url: text(entry, "/request/url"), made: moment(text(entry, "/startedDateTime")).ok() };
    let mut request = build(target, headers, body.into())?;
    request.notes.extend(note);
    request.recorded = entry.get("_rules").cloned();
    Ok(request)
}

/// The body, and what is to be said about how it was read. HAR 1.2 has either the text or the parameters.
fn body_of_entry(entry: &Value) -> (String, Option<String>) {
    let body = text(entry, "/request/postData/text");
    if !body.is_empty() {
        let decoded = BASE64_STANDARD.decode(body).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let said = text(entry, "/request/postData/encoding") == "base64"
            || text(entry, "/request/postData/_encoding") == "base64";
        return match decoded {
            Some(decoded)
                if said || (!body.contains('=') && decoded.contains('=')) || decoded.contains("client_id=") =>
            {
                (decoded, Some("the archive has the body in Base64; it was decoded".to_owned()))
            }
            _ => (body.to_owned(), None),
        };
    }
    let pairs: Vec<(&str, &str)> =
        list(entry, "/request/postData/params").map(|pair| (text(pair, "/name"), text(pair, "/value"))).collect();
    // escapes, and nothing that would have been escaped: the recorder wrote them down as they went over the wire
    let is_encoded = pairs.iter().any(|(_, value)| has_escape(value))
        && pairs
            .iter()
            .all(|(_, value)| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%+-._~*".contains(&byte)));
    let write = |value: &str| if is_encoded { value.to_owned() } else { encode(value) };
    let body: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), write(value))).collect();
    let note = is_encoded.then(|| {
        "the archive has the form's parameters alone, and is ambiguous: they look percent-encoded, and are read as such".to_owned()
    });
    (body.join("&"), note)
}

fn has_escape(value: &str) -> bool {
    value
        .as_bytes()
        .windows(3)
        .any(|three| matches!(three, [b'%', one, other] if one.is_ascii_hexdigit() && other.is_ascii_hexdigit()))
}

/// Every request of a Postman collection, folders included.
pub(super) fn postman_items(collection: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    for item in list(collection, "/item") {
        if item.get("request").is_some_and(Value::is_object) {
            found.push(item);
        }
        found.extend(postman_items(item));
    }
    found
}

/// The address of an item of a collection.
pub(super) fn url_of_item(item: &Value) -> &str {
    item.pointer("/request/url/raw")
        .or_else(|| item.pointer("/request/url"))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// An item of a Postman collection.
pub(super) fn from_item(item: &Value) -> Result<RawRequest> {
    let method = item.pointer("/request/method").and_then(Value::as_str).unwrap_or("GET");
    let method = method.parse().context("an item's `request.method` cannot be used")?;
    let enabled = |pair: &&Value| pair.get("disabled").and_then(Value::as_bool) != Some(true);
    let mut headers = HeaderMap::new();
    for pair in list(item, "/request/header").filter(enabled) {
        insert(&mut headers, text(pair, "/key"), text(pair, "/value"))?;
    }
    let pairs: Vec<String> = list(item, "/request/body/urlencoded")
        .filter(enabled)
        .map(|pair| format!("{}={}", encode(text(pair, "/key")), encode(text(pair, "/value"))))
        .collect();
    let body = if text(item, "/request/body/mode") == "raw" {
        text(item, "/request/body/raw").to_owned()
    } else {
        pairs.join("&")
    };
    if !pairs.is_empty() && !headers.contains_key("content-type") {
        insert(&mut headers, "content-type", "application/x-www-form-urlencoded")?;
    }
    let mut request = build(Target { method, url: url_of_item(item), made: None }, headers, body.into())?;
    if item.to_string().contains("{{") {
        request.notes.push(
            "the collection has variables (`{{…}}`), which only Postman can fill in: put their values in".to_owned(),
        );
    }
    Ok(request)
}
