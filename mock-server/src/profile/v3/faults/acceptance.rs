//! Faults of acceptance: rules that the server can be told to overlook, one fault a rule.

use super::super::rules;
use crate::fault::Fault;
use crate::rule::Rule;

/// The oversights. Their ids are `accepts-` and what is accepted.
pub(super) const FAULTS: &[Fault] = &[
    oversight(
        "accepts-redirect-uri",
        "sends the code to a redirect_uri that is not registered",
        rules::AUTHORISE_REDIRECT,
    ),
    oversight("accepts-response-type", "takes any response_type", rules::AUTHORISE_RESPONSE_TYPE),
    oversight("accepts-unknown-attribute", "takes attributes that are in no catalogue", rules::AUTHORISE_ATTRIBUTES),
    oversight(
        "accepts-forbidden-attribute",
        "takes attributes that the client may not ask for",
        rules::AUTHORISE_PERMITTED,
    ),
    oversight("accepts-unsigned", "takes requests without a signature", rules::AUTHORIZATION),
    oversight("accepts-signature-method", "takes any signature_method", rules::METHOD),
    oversight("accepts-timestamp", "takes any timestamp", rules::TIMESTAMP),
    oversight("accepts-signature", "takes a signature over anything, by anybody", rules::SIGNATURE),
    oversight("accepts-nonce", "takes a nonce again and again", rules::NONCE),
    oversight("accepts-other-client", "takes an app_id that is not the client_id", rules::SAME_CLIENT),
    oversight("accepts-secret", "takes any client_secret", rules::CLIENT_SECRET),
    oversight("accepts-grant-type", "takes any grant_type", rules::GRANT_TYPE),
    oversight(
        "accepts-code-of-another",
        "takes a code that was given to another client or context",
        rules::CODE_CLIENT,
    ),
    oversight("accepts-code-again", "exchanges a code again and again", rules::CODE_ONCE),
    oversight("accepts-code-expired", "exchanges an expired code", rules::CODE_ALIVE),
    oversight(
        "accepts-redirect-uri-other",
        "takes a redirect_uri that is not that of the authorise request",
        rules::REDIRECT_SAME,
    ),
    oversight("accepts-token-forged", "takes an access token that somebody else signed", rules::BEARER_SIGNED),
    oversight("accepts-token-context", "takes a token of com at gov, and the other way round", rules::BEARER_CONTEXT),
    oversight("accepts-token-expired", "takes an expired or revoked token", rules::BEARER_ALIVE),
    oversight("accepts-token-of-another", "takes a token that was given to another client", rules::BEARER_CLIENT),
    oversight("accepts-subject", "gives the person in the path, whosever the token is", rules::SUBJECT),
    oversight("accepts-unconsented", "gives attributes that nobody consented to", rules::CONSENTED),
];

const fn oversight(id: &'static str, says: &'static str, rule: &'static Rule) -> Fault {
    Fault::oversight("v3", id, says, rule)
}
