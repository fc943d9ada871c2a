//! HTTP requests out of files: as text, as a command of curl, or from a recording.

use super::{curl, recorded};
use crate::ambient::Timestamp;
use crate::protocol::Protocols;
use crate::quote::quoted;
use crate::text::visible;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use warp::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

/// A request as a file has it.
#[derive(Debug)]
pub(super) struct RawRequest {
    pub(super) method: Method,
    /// `http` or `https`, where the file says.
    pub(super) scheme: Option<String>,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// When it was made, where the file says.
    pub(super) made: Option<Timestamp>,
    /// What is to be said about how the file was read.
    pub(super) notes: Vec<String>,
    /// The verdicts that a mock wrote into its own archive.
    pub(super) recorded: Option<Value>,
}

impl RawRequest {
    /// Where a mask of the mock stands in place of a value; nothing where all of it is there.
    pub(super) fn masked(&self) -> Option<&'static str> {
        const MASKS: [&str; 4] = ["[redacted]", "[token]", "[personal]", "[\u{2026}]"];
        // whoever wrote the recording may have escaped them
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let has_mask = |text: &str| MASKS.iter().any(|mask| plain(text).contains(mask));
        let readable = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(has_mask);
        if readable(&self.body) {
            Some("in the body")
        } else if has_mask(&self.query) {
            Some("in the query")
        } else {
            self.headers.values().any(|value| readable(value.as_bytes())).then_some("in a header")
        }
    }
}

/// Every request of a file; of a recording, those to these endpoints.
pub(super) fn read(content: &str, protocols: &Protocols) -> Result<Vec<RawRequest>> {
    let content = content.trim_start_matches('\u{feff}');
    if content.trim_start().starts_with('{') {
        return from_recording(content, protocols);
    }
    if let Some(command) = curl::command(content) {
        return Ok(vec![curl::from_command(command)?]);
    }
    if let Some(head) = curl::printed(content) {
        let request = from_text(&format!("{head}\n\n"))?;
        if request.method == Method::POST {
            bail!(
                "this is what `curl -v` prints, which leaves out the body that was sent: give the whole command instead, or the request as text with its body"
            );
        }
        return Ok(vec![request]);
    }
    Ok(vec![from_text(content)?])
}

fn from_recording(content: &str, protocols: &Protocols) -> Result<Vec<RawRequest>> {
    let recording: Value = serde_json::from_str(content).context("the file begins like JSON and is none")?;
    let ours = |url: &str| {
        let path = url.parse::<Uri>().map(|uri| uri.path().to_owned()).unwrap_or_default();
        protocols.called().any(|endpoint| endpoint.tail_of(&path).is_some())
    };
    let (count, requests): (usize, Vec<RawRequest>) = if recording.get("item").is_some_and(Value::is_array) {
        let items = recorded::postman_items(&recording);
        let wanted = items.iter().filter(|item| ours(recorded::url_of_item(item)));
        (items.len(), wanted.map(|item| recorded::from_item(item)).collect::<Result<_>>()?)
    } else {
        let entries = recording.pointer("/log/entries").and_then(Value::as_array);
        let entries = entries.context(
            "this JSON is neither an HTTP archive (HAR) with `log.entries` nor a Postman collection with `item`",
        )?;
        let wanted = entries.iter().filter(|entry| ours(recorded::url_of_entry(entry)));
        (entries.len(), wanted.map(recorded::from_entry).collect::<Result<_>>()?)
    };
    if requests.is_empty() {
        let paths: Vec<&str> = protocols.called().map(|endpoint| endpoint.path).collect();
        bail!("none of the {count} requests in this recording is for one of {}", paths.join(", "));
    }
    Ok(requests)
}

/// `POST /com/v3/token HTTP/1.1`, headers, an empty line, the body.
fn from_text(text: &str) -> Result<RawRequest> {
    let ends = ["\r\n\r\n", "\n\n"].into_iter().filter_map(|end| Some((text.find(end)?, end.len())));
    let (head, body) = match ends.min() {
        Some((at, length)) => (text.get(..at).unwrap_or_default(), text.get(at + length..).unwrap_or_default()),
        None => (text, ""),
    };
    let mut lines = head.lines();
    let first = lines.find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut words = first.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        bail!("the file does not begin with a request line like `POST /com/v3/token HTTP/1.1`");
    };
    let method: Method =
        method.parse().ok().filter(|_| method.bytes().all(|byte| byte.is_ascii_alphabetic())).with_context(|| {
            format!(
                "the first line is {}, and no request line like `POST /com/v3/token HTTP/1.1`",
                quoted(&shown(first))
            )
        })?;
    let headers = headers_of(lines)?;
    let body = body_of(body, &headers);
    build(Target { method, url: target, made: None }, headers, body.into())
}

fn headers_of<'t>(lines: impl Iterator<Item = &'t str>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let Some((name, value)) = line.split_once(':') else {
            bail!(
                "`{}` is no header: a name, a colon and a value are expected",
                shown(line.split(' ').next().unwrap_or(line))
            );
        };
        insert(&mut headers, name.trim(), value.trim())?;
    }
    Ok(headers)
}

fn body_of(body: &str, headers: &HeaderMap) -> String {
    let chunked =
        headers.get("transfer-encoding").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"chunked"));
    if let Some(whole) = chunked.then(|| without_chunks(body)).flatten() {
        return whole;
    }
    let length = headers.get("content-length").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let exact = length.and_then(|length| body.get(..length));
    // an editor ends a file with a line break that was never sent
    let trimmed = || body.strip_suffix('\n').map_or(body, |body| body.strip_suffix('\r').unwrap_or(body));
    exact.unwrap_or_else(trimmed).to_owned()
}

/// RFC 9112 §7.1: a body in chunks, each behind its length in hexadecimal. Nothing where it is not.
fn without_chunks(body: &str) -> Option<String> {
    let mut whole = String::new();
    let mut rest = body;
    loop {
        let (line, behind) = rest.split_once('\n')?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        whole.push_str(behind.get(..size)?);
        rest = behind.get(size..)?.trim_start_matches(['\r', '\n']);
    }
}

/// Where a request goes, and when it was made, where the file says.
pub(super) struct Target<'t> {
    pub(super) method: Method,
    pub(super) url: &'t str,
    pub(super) made: Option<Timestamp>,
}

pub(super) fn build(target: Target<'_>, mut headers: HeaderMap, body: Bytes) -> Result<RawRequest> {
    let uri: Uri = target.url.parse().with_context(|| format!("`{}` is no address", shown(target.url)))?;
    if let Some(authority) = uri.authority() {
        headers.insert("host", HeaderValue::from_str(authority.as_str())?);
    }
    if !headers.contains_key("host") {
        bail!("the request has no Host header: without it nobody knows which URL was signed");
    }
    Ok(RawRequest {
        method: target.method,
        scheme: uri.scheme_str().map(str::to_owned),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
        made: target.made,
        notes: Vec::new(),
        recorded: None,
    })
}

pub(super) fn insert(headers: &mut HeaderMap, name: &str, value: &str) -> Result<()> {
    let parsed =
        HeaderName::from_bytes(name.as_bytes()).with_context(|| format!("`{}` is no header name", shown(name)))?;
    let value = HeaderValue::from_bytes(value.as_bytes())
        .with_context(|| format!("the value of `{name}` cannot stand in a header"))?;
    headers.append(parsed, value);
    Ok(())
}

fn shown(text: &str) -> String {
    visible(&text.chars().take(60).collect::<String>())
}
