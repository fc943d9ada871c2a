//! What findings about a connector rest on: what the mock's journal has of the flow in which they were made, masked as the journal shows it.

use crate::evidence::{Diagnosis, Evidence, Exchange, LONGEST_BODY, MOST_EXCHANGES, bounded, clipped, line};
use crate::notebook::Ground;
use crate::server::curl::Curl;
use serde_json::Value;
use std::fmt::Write;

/// The evidence of a case: for each situation in which something was found, the exchanges from its beginning to the next one's.
pub(super) fn of_case(grounds: &[Ground], marks: &[u64], journal: &[Value]) -> Vec<Evidence> {
    let mut all: Vec<(u64, Evidence)> = Vec::new();
    for (finding, ground) in grounds.iter().enumerate() {
        match all.iter_mut().find(|(since, _)| *since == ground.since) {
            Some((_, evidence)) => evidence.findings.push(finding),
            None => all.push((ground.since, of_situation(finding, ground.since, marks, journal))),
        }
    }
    let shown = all.into_iter().map(|(_, evidence)| evidence);
    bounded(shown.filter(|evidence| !evidence.exchanges.is_empty()).collect())
}

fn of_situation(finding: usize, since: u64, marks: &[u64], journal: &[Value]) -> Evidence {
    let end = marks.iter().copied().filter(|mark| *mark > since).min().unwrap_or(u64::MAX);
    let number = |exchange: &Value| exchange.get("number").and_then(Value::as_u64).unwrap_or_default();
    let within: Vec<&Value> = journal.iter().filter(|exchange| (since + 1..=end).contains(&number(exchange))).collect();
    let decisive = decisive(&within);
    let left_out = within.len().saturating_sub(MOST_EXCHANGES);
    // the last ones, for there it ended; the decisive one whatever its place
    let kept = within.iter().enumerate().filter(|(place, _)| *place >= left_out || Some(*place) == decisive);
    let exchanges: Vec<Exchange> =
        kept.map(|(place, exchange)| Exchange { decisive: Some(place) == decisive, ..shown(exchange) }).collect();
    Evidence { findings: vec![finding], left_out: within.len() - exchanges.len(), exchanges }
}

/// The place of the exchange that shows most: the last one in which a fault struck, else the last that broke a rule, else the last.
fn decisive(exchanges: &[&Value]) -> Option<usize> {
    let last = |is: fn(&Value) -> bool| exchanges.iter().rposition(|exchange| is(exchange));
    last(|exchange| !texts(exchange, "/faults").is_empty())
        .or_else(|| last(|exchange| exchange.get("refused").is_some_and(|refused| !refused.is_null())))
        .or_else(|| exchanges.len().checked_sub(1))
}

fn shown(exchange: &Value) -> Exchange {
    let (method, url) = (text(exchange, "/request/method"), text(exchange, "/request/url"));
    let (headers, form) = (pairs(exchange, "/request/headers"), pairs(exchange, "/request/form"));
    let status = exchange.pointer("/answer/status").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    let body = text(exchange, "/answer/body");
    let form_lines: Vec<String> = form.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    Exchange {
        method: line(method),
        path: line(path(url)),
        status,
        request: message(&format!("{method} {url}"), &headers, &form_lines.join("\n")),
        answer: message(&status.unwrap_or_default().to_string(), &pairs(exchange, "/answer/headers"), body),
        faults: texts(exchange, "/faults"),
        diagnosis: exchange.get("refused").and_then(diagnosis),
        curl: Curl::default().of_parts(method, url, &sendable(&headers), body_of(&form).as_deref()),
        decisive: false,
    }
}

/// A message as it is on the wire: what it begins with, its header fields, and its body.
fn message(first: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut message = line(first);
    for (name, value) in headers {
        let _ = write!(message, "\n{}", line(&format!("{name}: {value}")));
    }
    if !body.is_empty() {
        let _ = write!(message, "\n\n{}", clipped(body, LONGEST_BODY));
    }
    message
}

/// The header fields that curl does not write of itself.
fn sendable<'e>(headers: &[(&'e str, &'e str)]) -> Vec<(&'e str, &'e str)> {
    const OF_CURL: [&str; 5] = ["host", "content-length", "connection", "transfer-encoding", "accept-encoding"];
    headers.iter().copied().filter(|(name, _)| !OF_CURL.contains(&name.to_ascii_lowercase().as_str())).collect()
}

/// A form, encoded.
fn body_of(form: &[(&str, &str)]) -> Option<String> {
    let encoded = || url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    (!form.is_empty()).then(encoded)
}

fn diagnosis(refused: &Value) -> Option<Diagnosis> {
    let said = |name: &str| Some(line(refused.get(name)?.as_str()?));
    Some(Diagnosis { rule: said("rule")?, cause: said("cause")?, fix: said("fix").unwrap_or_default() })
}

/// The path of an address, without its query.
fn path(url: &str) -> &str {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = behind_scheme.find('/').and_then(|start| behind_scheme.get(start..)).unwrap_or("/");
    path.split('?').next().unwrap_or_default()
}

fn text<'e>(exchange: &'e Value, pointer: &str) -> &'e str {
    exchange.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn texts(exchange: &Value, pointer: &str) -> Vec<String> {
    let all = exchange.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|one| Some(one.as_str()?.to_owned())).collect()
}

fn pairs<'e>(exchange: &'e Value, pointer: &str) -> Vec<(&'e str, &'e str)> {
    let all = exchange.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|pair| Some((pair.get(0)?.as_str()?, pair.get(1)?.as_str()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn exchange(number: u64, faults: &[&str]) -> Value {
        json!({
            "number": number,
            "request": {
                "method": "POST", "url": "http://127.0.0.1:9/_realm/r/com/v3/token?a=1",
                "headers": [["host", "127.0.0.1:9"], ["accept", "application/json"]],
                "form": [["code", "4f2a…"], ["client_secret", "[redacted]"]],
            },
            "answer": {"status": 500, "headers": [["content-type", "application/json"]], "body": "{}"},
            "refused": null,
            "faults": faults,
        })
    }

    #[test]
    fn findings_of_one_situation_share_its_exchanges_and_no_others() {
        let journal: Vec<Value> =
            (1..=6).map(|number| exchange(number, if number == 4 { &["f"] } else { &[] })).collect();
        let grounds = [3, 3, 5].map(|since| Ground { since, exchange: None });
        let all = of_case(&grounds, &[0, 3, 5], &journal);
        let told: Vec<(Vec<usize>, usize)> =
            all.iter().map(|evidence| (evidence.findings.clone(), evidence.exchanges.len())).collect();
        assert_eq!(told, [(vec![0, 1], 2), (vec![2], 1)]);
        assert!(all[0].exchanges[0].decisive && !all[0].exchanges[1].decisive, "the one in which the fault struck");
    }

    #[test]
    fn a_long_flow_shows_its_end_and_what_is_decisive() {
        let journal: Vec<Value> =
            (1..=30).map(|number| exchange(number, if number == 2 { &["f"] } else { &[] })).collect();
        let all = of_case(&[Ground { since: 0, exchange: None }], &[], &journal);
        assert_eq!((all[0].exchanges.len(), all[0].left_out), (MOST_EXCHANGES + 1, 30 - MOST_EXCHANGES - 1));
        assert!(all[0].exchanges[0].decisive);
    }

    #[test]
    fn an_exchange_is_told_as_messages_and_as_a_line_of_the_shell() {
        let shown = shown(&exchange(1, &[]));
        assert_eq!((shown.path.as_str(), shown.status), ("/_realm/r/com/v3/token", Some(500)));
        assert!(shown.request.ends_with("accept: application/json\n\ncode = 4f2a…\nclient_secret = [redacted]"));
        assert_eq!(shown.answer, "500\ncontent-type: application/json\n\n{}");
        assert!(
            shown
                .curl
                .contains(" -X POST 'http://127.0.0.1:9/_realm/r/com/v3/token?a=1' -H 'accept: application/json'")
        );
        assert!(shown.curl.ends_with("--data-raw 'code=4f2a%E2%80%A6&client_secret=%5Bredacted%5D'"), "{}", shown.curl);
    }
}
