//! What FAPI and the API before it have each of their own, where one code serves both: rules, words, issuer.

use crate::http::exchange::Incoming;
use crate::refusal::Refusal;
use crate::rule::Rule;
use crate::rule::client_assertion::AssertionRules;

/// Says no to a request.
pub(in crate::profile) type Refuse = fn(&'static Rule, String) -> Refusal;

/// One of the two APIs.
pub(in crate::profile) struct Api {
    /// What it is called in a sentence.
    pub(in crate::profile) name: &'static str,
    pub(in crate::profile) issuer: fn(&Incoming) -> String,
    pub(in crate::profile) form: &'static Rule,
    pub(in crate::profile) client: &'static Rule,
    pub(in crate::profile) keys: &'static Rule,
    pub(in crate::profile) assertions: &'static AssertionRules,
    /// Whether an assertion needs a `jti` where `strict` is not set, too.
    pub(in crate::profile) needs_id: bool,
    pub(in crate::profile) invalid_request: Refuse,
    pub(in crate::profile) invalid_client: Refuse,
    /// Where the client's JWK Set cannot be fetched.
    pub(in crate::profile) unreachable: Refuse,
}
