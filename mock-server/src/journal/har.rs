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
        // HAR 1.2: when the request began; the journal tells when it was answered
        "startedDateTime": exchange.began().rfc3339(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::Timestamp;
    use crate::book::Book;
    use crate::examination::Examination;
    use crate::http::exchange::Answer;
    use crate::journal::{Journal, Request};
    use crate::persona::Personas;
    use crate::profile::{ALL, protocols};
    use crate::protocol::Event;
    use std::collections::BTreeMap;
    use warp::http::{Method, StatusCode};

    #[test]
    fn an_entry_starts_when_its_request_came_and_lasts_until_the_answer() {
        let request = Request {
            method: Method::GET,
            origin: "http://localhost".to_owned(),
            path: "/x".to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: Ok(bytes::Bytes::new()),
            peer: None,
        };
        let exam = Examination { began: Some(Timestamp(1_000)), ..Examination::default() };
        let journal = Journal::new(1);
        let answer = Answer::api(StatusCode::OK, "text/plain", "");
        journal.append(Event::Other, Timestamp(1_250), request, (exam, answer));
        let (book, protocols) = (Book::new(BTreeMap::new(), Personas::default(), 0), protocols(ALL));
        let mask = Mask { book: &book, protocols: &protocols, personal: false };
        let entry = entry(&journal.find(1).unwrap(), mask);
        assert_eq!(entry["startedDateTime"], Timestamp(1_000).rfc3339());
        assert_eq!((&entry["time"], &entry["timings"]["wait"]), (&json!(250), &json!(250)));
    }
}
