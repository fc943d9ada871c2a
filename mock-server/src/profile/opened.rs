//! What a client opens of an answer: an encrypted or signed document, layer by layer, as its reader sees it.

use super::play::in_json;
use crate::http::exchange::Answer;
use crate::jose::nested::unverified;
use crate::page::playground::Opened;
use serde_json::{Map, Value};

/// Opens an encrypted document with a client's key, or says why not.
type Open = fn(&str) -> Result<Vec<u8>, String>;

/// The document that an answer consists of; nothing where it is none.
pub(super) fn whole(answer: &Answer, title: &'static str, open: Open) -> Vec<Opened> {
    let text = String::from_utf8_lossy(&answer.body);
    opened(title, text.trim(), open).into_iter().collect()
}

/// A document that is a member of an answer in JSON; nothing where there is none.
pub(super) fn member(answer: &Answer, (name, title): (&str, &'static str), open: Open) -> Vec<Opened> {
    in_json(answer, name).and_then(|text| opened(title, &text, open)).into_iter().collect()
}

/// RFC 7516 §9: what is encrypted has five parts, what is signed three.
fn opened(title: &'static str, document: &str, open: Open) -> Option<Opened> {
    let is_compact = document.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let mut opened = Opened { title, layers: Vec::new(), problem: None };
    match document.split('.').count() {
        5 if is_compact => encrypted(&mut opened, document, open),
        3 if is_compact => signed(&mut opened, document),
        _ => return None,
    }
    Some(opened)
}

fn encrypted(opened: &mut Opened, document: &str, open: Open) {
    layer(opened, "JWE header", unverified(document, 0));
    match open(document) {
        Ok(plaintext) => signed(opened, &unquoted(&plaintext)),
        Err(why) => opened.problem = Some(format!("It does not open with the client’s key: {why}.")),
    }
}

/// v3 has the signed document in quotes, as JSON.
fn unquoted(plaintext: &[u8]) -> String {
    serde_json::from_slice(plaintext).unwrap_or_else(|_| String::from_utf8_lossy(plaintext).into_owned())
}

fn signed(opened: &mut Opened, token: &str) {
    layer(opened, "JWS header", unverified(token, 0));
    layer(opened, "Claims", unverified(token, 1));
}

fn layer(opened: &mut Opened, name: &'static str, members: Option<Map<String, Value>>) {
    match members {
        Some(members) => opened.layers.push((name, format!("{:#}", Value::Object(members)))),
        // what is missing first explains the rest
        None if opened.problem.is_some() => {}
        None => opened.problem = Some(format!("There is no {name} in it that is a JSON object in base64url.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use warp::http::StatusCode;

    fn told(body: &str, open: Open) -> Vec<String> {
        let found = whole(&Answer::api(StatusCode::OK, "application/jwt", body.to_owned()), "it", open);
        let layers = found.iter().flat_map(|opened| opened.layers.iter().map(|(name, _)| (*name).to_owned()));
        layers.chain(found.iter().filter_map(|opened| opened.problem.clone())).collect()
    }

    #[test]
    fn what_is_no_document_is_not_opened_and_what_is_none_inside_is_told() {
        let never: Open = |_| Err("not asked for".to_owned());
        assert!(told("{\"error\":\"a.b.c\"}", never).is_empty());
        assert_eq!(told("e30.e30.", never), ["JWS header", "Claims"]);
        assert_eq!(told("e30.a.b.c.d", |_| Ok(b"\"e30.e30.\"".to_vec())), ["JWE header", "JWS header", "Claims"]);
        let another = told("e30.a.b.c.d", |_| Err("it was encrypted for another key".to_owned()));
        assert_eq!(another[1], "It does not open with the client’s key: it was encrypted for another key.");
        let plain = told("e30.a.b.c.d", |_| Ok(b"{}".to_vec()));
        assert!(plain[1].contains("no JWS header"), "{plain:?}");
    }
}
