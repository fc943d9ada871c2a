//! Claims of JWTs: times, audiences (RFC 7519 §4.1).

use crate::error::{Error, ExpiryProblem, What};
use serde_json::{Map, Value};

/// The claims of a verified payload.
pub(crate) fn read(payload: &[u8], what: What) -> Result<Map<String, Value>, Error> {
    serde_json::from_slice(payload).map_err(|_| Error::Malformed { what, problem: "its payload is no JSON object" })
}

/// RFC 7519 §4.1.4: `exp` is a number, there, and ahead of us.
pub(crate) fn check_expiry(claims: &Map<String, Value>, what: What, now: u64, leeway: u64) -> Result<(), Error> {
    let wrong = |problem| Error::Expiry { what, problem };
    let expiry = claims.get("exp").and_then(Value::as_u64).ok_or(wrong(ExpiryProblem::Missing))?;
    if expiry.saturating_add(leeway) <= now { Err(wrong(ExpiryProblem::Expired)) } else { Ok(()) }
}

/// RFC 7519 §4.1.5 and §4.1.6: neither `nbf` nor `iat` lies ahead, where they are there.
pub(crate) fn check_begun(claims: &Map<String, Value>, what: What, now: u64, leeway: u64) -> Result<(), Error> {
    let begun = |name: &str| match claims.get(name) {
        None => true,
        Some(time) => time.as_u64().is_some_and(|time| time <= now.saturating_add(leeway)),
    };
    if begun("nbf") && begun("iat") { Ok(()) } else { Err(Error::Expiry { what, problem: ExpiryProblem::NotYet }) }
}

/// `iat` is a number, there, and not longer ago than `oldest` seconds: a document that was made for this answer.
pub(crate) fn check_fresh(claims: &Map<String, Value>, what: What, now: u64, oldest: u64) -> Result<(), Error> {
    let wrong = |problem| Err(Error::Expiry { what, problem });
    match claims.get("iat").and_then(Value::as_u64) {
        None => Err(Error::Malformed { what, problem: "its `iat` is missing or no number of seconds" }),
        Some(made) if made.saturating_add(oldest) < now => wrong(ExpiryProblem::Expired),
        Some(_) => Ok(()),
    }
}

/// RFC 7519 §4.1.3: one string, or a list of strings.
pub(crate) fn audiences(claims: &Map<String, Value>) -> Vec<Option<&str>> {
    match claims.get("aud") {
        Some(Value::Array(several)) => several.iter().map(Value::as_str).collect(),
        Some(one) => vec![one.as_str()],
        None => Vec::new(),
    }
}
