//! HTTP requests out of files: as text, or from an HTTP archive (HAR).

use crate::ambient::Timestamp;
use crate::journal::filter::moment;
use crate::protocol::Protocols;
use crate::text::visible;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
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
}

/// Every request of a file; of an archive, those to these endpoints.
pub(super) fn read(content: &str, protocols: &Protocols) -> Result<Vec<RawRequest>> {
    let content = content.trim_start_matches('\u{feff}');
    if !content.trim_start().starts_with('{') {
        return Ok(vec![from_text(content)?]);
    }
    let archive: Value = serde_json::from_str(content).context("the file begins like JSON and is none")?;
    let entries = archive.pointer("/log/entries").and_then(Value::as_array);
    let entries = entries.context("this JSON is no HTTP archive (HAR): it has no `log.entries`")?;
    let ours = |entry: &&Value| {
        let url = entry.pointer("/request/url").and_then(Value::as_str).unwrap_or_default();
        let path = url.parse::<Uri>().map(|uri| uri.path().to_owned()).unwrap_or_default();
        protocols.called().any(|endpoint| endpoint.tail_of(&path).is_some())
    };
    let requests: Vec<RawRequest> = entries.iter().filter(ours).map(from_entry).collect::<Result<_>>()?;
    if requests.is_empty() {
        let paths: Vec<&str> = protocols.called().map(|endpoint| endpoint.path).collect();
        bail!("none of the {} requests in this archive is for one of {}", entries.len(), paths.join(", "));
    }
    Ok(requests)
}

/// `POST /com/v3/token HTTP/1.1`, headers, an empty line, the body.
fn from_text(text: &str) -> Result<RawRequest> {
    let (head, body) = match (text.find("\r\n\r\n"), text.find("\n\n")) {
        (Some(at), _) => (text.get(..at), text.get(at + 4..)),
        (None, Some(at)) => (text.get(..at), text.get(at + 2..)),
        (None, None) => (Some(text), Some("")),
    };
    let (head, body) = (head.unwrap_or_default(), body.unwrap_or_default());
    let mut lines = head.lines();
    let first = lines.find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut words = first.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        bail!("the file does not begin with a request line like `POST /com/v3/token HTTP/1.1`");
    };
    let method: Method =
        method.parse().ok().filter(|_| method.bytes().all(|byte| byte.is_ascii_alphabetic())).with_context(|| {
            format!("the first line is `{}`, and no request line like `POST /com/v3/token HTTP/1.1`", shown(first))
        })?;
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
    let mut body = body;
    let length = headers.get("content-length").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    match length.and_then(|length| body.get(..length)) {
        Some(exact) => body = exact,
        // an editor ends a file with a line break that was never sent
        None => body = body.strip_suffix('\n').map_or(body, |body| body.strip_suffix('\r').unwrap_or(body)),
    }
    build(method, target, headers, Bytes::copy_from_slice(body.as_bytes()), None)
}

fn from_entry(entry: &Value) -> Result<RawRequest> {
    let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let method = text("/request/method").parse().context("an entry's `request.method` cannot be used")?;
    let mut headers = HeaderMap::new();
    for pair in entry.pointer("/request/headers").and_then(Value::as_array).into_iter().flatten() {
        let part = |name: &str| pair.get(name).and_then(Value::as_str).unwrap_or_default();
        // HTTP/2 archives list the pseudo-headers, too
        if !part("name").starts_with(':') {
            insert(&mut headers, part("name"), part("value"))?;
        }
    }
    let mut body = text("/request/postData/text").to_owned();
    if body.is_empty() {
        // HAR 1.2 has either the text or the parameters
        let pairs = entry.pointer("/request/postData/params").and_then(Value::as_array).into_iter().flatten();
        let part =
            |pair: &Value, name: &str| crate::text::encode(pair.get(name).and_then(Value::as_str).unwrap_or_default());
        body =
            pairs.map(|pair| format!("{}={}", part(pair, "name"), part(pair, "value"))).collect::<Vec<_>>().join("&");
    }
    let kind = text("/request/postData/mimeType");
    if !kind.is_empty() && !headers.contains_key("content-type") {
        insert(&mut headers, "content-type", kind)?;
    }
    let body = Bytes::from(body);
    let made = moment(text("/startedDateTime")).ok();
    build(method, text("/request/url"), headers, body, made)
}

fn build(
    method: Method,
    target: &str,
    mut headers: HeaderMap,
    body: Bytes,
    made: Option<Timestamp>,
) -> Result<RawRequest> {
    let uri: Uri = target.parse().with_context(|| format!("`{}` is no address", shown(target)))?;
    if let Some(authority) = uri.authority() {
        headers.insert("host", HeaderValue::from_str(authority.as_str())?);
    }
    if !headers.contains_key("host") {
        bail!("the request has no Host header: without it nobody knows which URL was signed");
    }
    Ok(RawRequest {
        method,
        scheme: uri.scheme_str().map(str::to_owned),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
        made,
    })
}

fn insert(headers: &mut HeaderMap, name: &str, value: &str) -> Result<()> {
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
