//! Faults of acceptance: rules that the server can be told to overlook, one fault a rule.

use super::super::rules;
use crate::fault::Fault;
use crate::rule::Rule;

/// The oversights. Their ids are `fapi-accepts-` and what is accepted.
pub(super) const FAULTS: &[Fault] = &[
    oversight(
        "fapi-accepts-assertion-signature",
        "takes a client assertion that anybody signed",
        rules::ASSERTION_SIGNATURE,
    ),
    oversight(
        "fapi-accepts-assertion-subject",
        "takes a client assertion about another client",
        rules::ASSERTION_SUBJECT,
    ),
    oversight(
        "fapi-accepts-assertion-audience",
        "takes a client assertion for another server",
        rules::ASSERTION_AUDIENCE,
    ),
    oversight("fapi-accepts-assertion-lifetime", "takes a client assertion of any age", rules::ASSERTION_LIFETIME),
    oversight("fapi-accepts-assertion-again", "takes a client assertion again and again", rules::ASSERTION_ONCE),
    oversight("fapi-accepts-proof-signature", "takes a proof that another key signed", rules::DPOP_SIGNATURE),
    oversight("fapi-accepts-proof-method", "takes a proof for another method", rules::DPOP_METHOD),
    oversight("fapi-accepts-proof-address", "takes a proof for another address", rules::DPOP_ADDRESS),
    oversight("fapi-accepts-proof-age", "takes a proof of any age", rules::DPOP_FRESH),
    oversight("fapi-accepts-proof-again", "takes a proof again and again", rules::DPOP_ONCE),
    oversight("fapi-accepts-proof-token-hash", "takes a proof for another access token", rules::DPOP_TOKEN),
    oversight("fapi-accepts-proof-key", "takes proofs by several keys in one login", rules::DPOP_KEY),
    oversight("fapi-accepts-response-type", "takes any response_type", rules::RESPONSE_TYPE),
    oversight("fapi-accepts-scope", "takes scopes that are unknown or not allowed", rules::SCOPE),
    oversight("fapi-accepts-state", "takes any state", rules::STATE),
    oversight("fapi-accepts-nonce", "takes any nonce", rules::NONCE),
    oversight("fapi-accepts-redirect-uri", "sends the code to a redirect_uri that is not registered", rules::REDIRECT),
    oversight("fapi-accepts-code-challenge", "takes any code_challenge", rules::PKCE),
    oversight("fapi-accepts-authentication-context", "takes any authentication context", rules::CONTEXT),
    oversight("fapi-accepts-acr-values", "takes any acr_values", rules::ACR),
    oversight("fapi-accepts-nested-request-uri", "takes a request_uri inside a pushed request", rules::NESTED),
    oversight("fapi-accepts-grant-type", "takes any grant_type", rules::GRANT_TYPE),
    oversight(
        "fapi-accepts-redirect-uri-other",
        "takes a redirect_uri that is not that of the pushed request",
        rules::TOKEN_REDIRECT,
    ),
    oversight("fapi-accepts-code-verifier", "takes any code_verifier", rules::VERIFIER),
    oversight("fapi-accepts-token-expired", "takes an expired access token", rules::BEARER_ALIVE),
];

const fn oversight(id: &'static str, says: &'static str, rule: &'static Rule) -> Fault {
    Fault::oversight("fapi", id, says, rule)
}
