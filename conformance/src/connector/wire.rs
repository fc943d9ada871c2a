//! Requests read once more, plainly: what the checks of the wire compare. By the oracle's rules.

use crate::connector::recorder::Recorded;
use crate::verdict::Stop;
use myinfo_oracle::v3::{Authorized, base_string, read_authorization, verify};
use myinfo_oracle::{OracleError, key};

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

/// The `Authorization` header, read strictly.
///
/// # Errors
/// How it differs from the documented form.
pub fn authorization(call: &Recorded) -> Result<Authorized, OracleError> {
    read_authorization(call.header("authorization").unwrap_or_default())
}

/// The same for a case that is about something else.
///
/// # Errors
/// [`Stop::Inconclusive`] when it cannot be read: another case tells.
pub fn readable(call: &Recorded) -> Result<Authorized, Stop> {
    authorization(call).map_err(|error| Stop::Inconclusive(format!("the Authorization header cannot be read: {error}")))
}

/// The base string that a request must have been signed over, the address being `origin` and the path as sent.
pub fn expected_base_string(call: &Recorded, authorized: &Authorized, origin: &str) -> String {
    base_string(&call.method, &format!("{origin}{}", call.path()), &authorized.fields, &parameters(call))
}

/// Whether the client's registered key signed a text.
pub fn is_signed(text: &str, signature: &str) -> bool {
    let key = key::public(myinfo_fixtures::keys::CLIENT_PUBLIC_KEY_PEM);
    key.is_ok_and(|key| verify(text, signature, &key).is_ok())
}
