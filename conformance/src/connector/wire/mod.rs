//! Requests read once more, plainly: what the checks of the wire compare.

pub mod fapi;
pub mod v3;

use crate::connector::recorder::Recorded;

/// A name and a value.
pub type Pair = (String, String);

/// The parameters of a request: the form of a POST, the query of a GET, decoded.
pub fn parameters(call: &Recorded) -> Vec<Pair> {
    if call.method == "POST" { decoded(&String::from_utf8_lossy(&call.body)) } else { decoded(call.query()) }
}

/// Pairs of a form or query, decoded; `+` is a space.
pub fn decoded(text: &str) -> Vec<Pair> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// Pairs of a form or query as they stand there.
pub fn raw(text: &str) -> Vec<Pair> {
    let pieces = text.split('&').filter(|piece| !piece.is_empty());
    pieces
        .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The value of a parameter; the first one.
pub fn value<'p>(pairs: &'p [Pair], name: &str) -> Option<&'p str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}
