//! Faults of acceptance: rules that the server can be told to overlook, one fault a rule.

use super::super::rules;
use crate::fault::Fault;
use crate::rule::Rule;

/// The oversights. Their ids are `oidc-accepts-` and what is accepted.
pub(super) const FAULTS: &[Fault] = &[
    oversight("oidc-accepts-response-type", "takes any response_type", rules::RESPONSE_TYPE),
    oversight("oidc-accepts-scope", "takes scopes that are unknown or not allowed", rules::SCOPE),
    oversight("oidc-accepts-state", "takes any state", rules::STATE),
    oversight("oidc-accepts-nonce", "takes any nonce", rules::NONCE),
    oversight("oidc-accepts-redirect-uri", "sends the code to a redirect_uri that is not registered", rules::REDIRECT),
    oversight("oidc-accepts-code-challenge", "takes any code_challenge, or none", rules::PKCE),
    oversight(
        "oidc-accepts-assertion-signature",
        "takes a client assertion that anybody signed",
        rules::ASSERTION_SIGNATURE,
    ),
    oversight(
        "oidc-accepts-assertion-subject",
        "takes a client assertion about another client",
        rules::ASSERTION_SUBJECT,
    ),
    oversight(
        "oidc-accepts-assertion-audience",
        "takes a client assertion for another server",
        rules::ASSERTION_AUDIENCE,
    ),
    oversight("oidc-accepts-assertion-lifetime", "takes a client assertion of any age", rules::ASSERTION_LIFETIME),
    oversight("oidc-accepts-assertion-again", "takes a client assertion again and again", rules::ASSERTION_ONCE),
    oversight("oidc-accepts-assertion-code", "takes a client assertion for another code", rules::ASSERTION_CODE),
    oversight("oidc-accepts-grant-type", "takes any grant_type", rules::GRANT_TYPE),
    oversight(
        "oidc-accepts-redirect-uri-other",
        "takes a redirect_uri that is not that of the authorisation request",
        rules::TOKEN_REDIRECT,
    ),
    oversight("oidc-accepts-code-verifier", "takes any code_verifier", rules::VERIFIER),
    oversight("oidc-accepts-token-expired", "takes an expired access token", rules::BEARER_ALIVE),
];

const fn oversight(id: &'static str, says: &'static str, rule: &'static Rule) -> Fault {
    Fault::oversight("oidc", id, says, rule)
}
