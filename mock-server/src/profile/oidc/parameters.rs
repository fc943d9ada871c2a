//! The parameters of the API before FAPI, and where those belong that it does not have.

/// What the browser brings. `esrvc` and `acr_values` are for the service's own use; `request_uri` has a rule of its own.
pub(super) const OF_AUTH: &[&str] = &[
    "scope",
    "response_type",
    "client_id",
    "redirect_uri",
    "nonce",
    "state",
    "code_challenge",
    "code_challenge_method",
    "redirect_uri_https_type",
    "app_launch_url",
    "esrvc",
    "acr_values",
    "request_uri",
];
/// What the token request has.
pub(super) const OF_TOKEN: &[&str] = &[
    "client_id",
    "redirect_uri",
    "grant_type",
    "code",
    "scope",
    "client_assertion_type",
    "client_assertion",
    "code_verifier",
];

/// Where a parameter belongs that neither has.
pub(super) const ELSEWHERE: &[(&str, &str)] = &[
    ("attributes", "v3 has `attributes`; here it is `scope`: the same names, blanks between them, `openid` in front"),
    ("purpose", "v3 has `purpose`; an app of v5 has one purpose, which is set at the developer portal"),
    ("purpose_id", "v4 has `purpose_id`; an app of v5 has one purpose, which is set at the developer portal"),
    ("authentication_context_type", "FAPI has `authentication_context_type`, at /fapi/par"),
    ("authentication_context_message", "FAPI has `authentication_context_message`, at /fapi/par"),
    ("dpop_jkt", "FAPI has `dpop_jkt`, at /fapi/par"),
    ("client_secret", "there is no secret: the assertion says who the client is"),
    ("code_verifier", "the verifier belongs to token; auth gets its hash, `code_challenge`"),
    ("code_challenge", "the challenge belongs to auth; token gets the verifier"),
    ("code_challenge_method", "the challenge belongs to auth; token gets the verifier"),
    ("state", "the state belongs to auth alone"),
    ("nonce", "the nonce belongs to auth"),
    ("refresh_token", "there is no refresh token: the person logs in again"),
];
