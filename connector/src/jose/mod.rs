//! JOSE: the only place that verifies, decrypts and signs. Which algorithms a document may use is the caller's to say, as a
//! value that is held against the header before any key is used.

mod ecdh_es;
pub(crate) mod jwe;
pub(crate) mod jws;
#[cfg(test)]
mod vectors;

use crate::error::{Error, What};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// An algorithm, by the name that headers give it.
trait Named: Copy {
    fn name(self) -> &'static str;
}

/// The names of several, for people.
fn listed<A: Named>(allowed: &[A]) -> String {
    allowed.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(" or ")
}

/// The protected header of a token or document. Keys that it offers (`jwk`, `jku`, `x5c`) are not looked at.
struct Header {
    what: What,
    members: Map<String, Value>,
}

impl Header {
    fn read(part: &str, what: What) -> Result<Self, Error> {
        let malformed = |problem| Error::Malformed { what, problem };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed("the header is not base64url"))?;
        let members = serde_json::from_slice(&bytes).map_err(|_| malformed("the header is no JSON object"))?;
        Ok(Self { what, members })
    }

    /// The algorithm that a member names, where it is one of those that are allowed.
    ///
    /// RFC 8725 §3.1: the algorithm is ours to choose, not the token's.
    fn algorithm<A: Named>(&self, member: &str, allowed: &[A], otherwise: &'static str) -> Result<A, Error> {
        let name = self.text(member);
        let known = allowed.iter().find(|algorithm| Some(algorithm.name()) == name);
        known.copied().ok_or_else(|| self.refused(otherwise, listed(allowed)))
    }

    /// A member that is a text.
    fn text(&self, member: &str) -> Option<&str> {
        self.members.get(member).and_then(Value::as_str)
    }

    /// Refuses the header where it has this member.
    fn without(&self, member: &str, found: &'static str, expected: String) -> Result<(), Error> {
        if self.members.contains_key(member) { Err(self.refused(found, expected)) } else { Ok(()) }
    }

    const fn refused(&self, found: &'static str, expected: String) -> Error {
        Error::Algorithm { what: self.what, found, expected }
    }
}
