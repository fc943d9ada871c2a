//! The callback: the address at which the browser comes back, read once.

use crate::error::{Error, StateProblem, What};
use crate::granted::Code;
use crate::kept::State;
use std::fmt;

/// The parameters with which a browser came back. `Debug` shows their names only.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    pairs: Vec<(String, String)>,
}

impl Callback {
    /// Reads a whole address; what has no `?` is taken for its query.
    pub fn read(address: &str) -> Self {
        Self::from_query(address.split_once('?').map_or(address, |(_, query)| query))
    }

    /// Reads the query alone.
    pub fn from_query(query: &str) -> Self {
        let query = query.split('#').next().unwrap_or_default();
        Self { pairs: form_urlencoded::parse(query.as_bytes()).into_owned().collect() }
    }

    /// The state that the callback claims, unchecked: only to look up which login it may belong to.
    pub fn claimed_state(&self) -> Option<&str> {
        self.values("state").next()
    }

    /// The value of a parameter that may be there once.
    ///
    /// RFC 6749 §3.1: a parameter must not be there twice; taking either would be a guess.
    pub(crate) fn once(&self, name: &str) -> Result<Option<&str>, Error> {
        let mut values = self.values(name);
        let value = values.next();
        match values.next() {
            None => Ok(value),
            Some(_) => Err(Error::Malformed { what: What::Callback, problem: "a parameter is there twice" }),
        }
    }

    /// RFC 6749 §10.12: the state came back, once and unchanged.
    pub(crate) fn check_state(&self, state: &State) -> Result<(), Error> {
        match self.once("state")? {
            None | Some("") => Err(Error::State(StateProblem::Missing)),
            Some(received) if !state.matches(received) => Err(Error::State(StateProblem::Different)),
            Some(_) => Ok(()),
        }
    }

    /// A code that can be one.
    pub(crate) fn check_code(code: Option<&str>) -> Result<Code, Error> {
        let malformed = |problem| Err(Error::Malformed { what: What::Callback, problem });
        match code {
            None | Some("") => malformed("there is neither a code nor an error"),
            Some(code) if code.len() > 4096 => malformed("the code is absurdly long"),
            Some(code) => Ok(Code::new(code)),
        }
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs.iter().filter(move |(sent, _)| sent == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.pairs.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_its_query_say_the_same() {
        let whole = Callback::read("http://localhost:3001/callback?code=a%2Bb&state=s#fragment");
        assert_eq!(whole, Callback::read("code=a%2Bb&state=s"));
        assert_eq!(whole, Callback::from_query("code=a%2Bb&state=s"));
        assert_eq!(whole.once("code"), Ok(Some("a+b")));
        assert_eq!(whole.once("error"), Ok(None));
        assert_eq!(Callback::from_query("code=a?b&state=s").once("code"), Ok(Some("a?b")));
    }

    #[test]
    fn a_parameter_that_is_there_twice_has_no_value() {
        let twice = Callback::read("state=a&state=b");
        assert_eq!(twice.once("state").unwrap_err().code(), "malformed");
        assert_eq!(twice.claimed_state(), Some("a"));
    }

    #[test]
    fn debug_output_shows_names_only() {
        assert_eq!(format!("{:?}", Callback::read("code=c0de&state=5tate")), r#"["code", "state"]"#);
    }
}
