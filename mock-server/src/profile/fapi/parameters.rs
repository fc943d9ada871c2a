//! The parameters of FAPI's forms, and where those belong that other versions have.

/// What a pushed request has. DOC, 1. Authorization request; `request_uri` has a rule of its own.
pub(super) const OF_PAR: &[&str] = &[
    "response_type",
    "scope",
    "state",
    "nonce",
    "client_id",
    "redirect_uri",
    "client_assertion_type",
    "client_assertion",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "acr_values",
    "authentication_context_type",
    "authentication_context_message",
    "redirect_uri_https_type",
    "app_launch_url",
    "request_uri",
];
/// What the browser brings. DOC, 2. Redirection to Singpass.
pub(super) const OF_AUTH: &[&str] = &["client_id", "request_uri", "redirect_uri_https_type"];
/// What the token request has. DOC, 3. Token exchange.
pub(super) const OF_TOKEN: &[&str] =
    &["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_assertion_type", "client_assertion"];

/// Where a parameter belongs that neither has.
pub(super) const ELSEWHERE: &[(&str, &str)] = &[
    (
        "attributes",
        "v3 has `attributes`; FAPI has `scope` at PAR: the same names, blanks between them, `openid` in front",
    ),
    ("purpose", "v3 has `purpose`; an app of v5 has one purpose, which is set at the developer portal"),
    ("purpose_id", "v4 has `purpose_id`; an app of v5 has one purpose, which is set at the developer portal"),
    ("subentity_id", "v4 has `subentity_id`; FAPI has nothing of the kind"),
    ("authmode", "v3 has `authmode`; FAPI has nothing of the kind"),
    ("login_type", "v3 has `login_type`; FAPI has nothing of the kind"),
    ("sp_esvcId", "v3 for the government has `sp_esvcId`; FAPI has nothing of the kind"),
    ("esrvc", "the API before FAPI has `esrvc`"),
    ("request", "a request object (RFC 9101) is not read: send each of its parameters in the form"),
    ("client_secret", "FAPI knows no secret: the assertion says who the client is"),
    ("appLaunchURL", "it is called `app_launch_url` now, and has to be registered"),
    ("code_verifier", "the verifier belongs to token; PAR gets its hash, `code_challenge`"),
    ("code_challenge", "the challenge belongs to PAR; token gets the verifier"),
    ("code_challenge_method", "the challenge belongs to PAR; token gets the verifier"),
    ("state", "v3 has `state` at token; FAPI has it at PAR alone"),
    ("nonce", "the nonce belongs to PAR"),
    ("scope", "the scope belongs to PAR"),
    ("access_token", "the access token belongs to userinfo's Authorization header"),
    ("refresh_token", "there is no refresh token: the person logs in again"),
    ("dpop", "the proof is a header, `DPoP`"),
];
