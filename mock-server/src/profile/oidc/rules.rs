//! The rules of the API before FAPI, each once. `LEG` are its pages, as they were before they were retired.

use crate::rule::client_assertion::AssertionRules;
use crate::rule::{Rule, rules};

rules! {
    AUTH_QUERY "oidc.auth.query" ("LEG", "authorization endpoint")
        "the whole request stands in the query, each parameter once; it is not pushed before"
        => "send scope, response_type, client_id, redirect_uri, nonce, state, code_challenge and code_challenge_method"
    AUTH_CLIENT "oidc.auth.client" ("LEG", "authorization endpoint")
        "client_id is registered"
        => "use a registered client_id, or register this one with --config"
    CLIENT_KEYS remembered "oidc.client.keys" ("LEG", "client JWK requirements")
        "the client's JWK Set can be fetched, and holds public keys to sign and to be encrypted for"
        => "serve the public JWK Set at the registered address: status 200 within 3 s, no redirect"
    RESPONSE_TYPE "oidc.auth.response-type" ("LEG", "authorization endpoint")
        "response_type is code"
        => "send response_type=code"
    SCOPE "oidc.auth.scope" ("LEG", "authorization endpoint; data catalogue")
        "scope is openid, in a Myinfo app with what it may ask for of the catalogue"
        => "separate the scopes by blanks, `openid` among them"
    STATE "oidc.auth.state" ("LEG", "authorization endpoint")
        "state has 1 to 255 characters"
        => "send 30 random characters or more"
    NONCE "oidc.auth.nonce" ("LEG", "authorization endpoint")
        "nonce has 1 to 255 characters"
        => "send 30 random characters or more, new for each login"
    REDIRECT "oidc.auth.redirect-uri" ("LEG", "authorization endpoint")
        "redirect_uri equals a registered one, character by character"
        => "send the registered redirect_uri, or register this one"
    PKCE "oidc.auth.code-challenge" ("LEG", "authorization endpoint")
        "code_challenge is a hash in base64url, and code_challenge_method is S256"
        => "send base64url(SHA-256(verifier)) and S256"
    FORM "oidc.form" ("LEG", "token endpoint")
        "the body is application/x-www-form-urlencoded, UTF-8, and repeats no parameter"
        => "send a form, each parameter once"
    CLIENT "oidc.client.registered" ("LEG", "token endpoint, invalid_client")
        "client_id is registered, and the form names one client alone"
        => "use a registered client_id, or register this one with --config"
    ASSERTION "oidc.assertion.form" ("LEG", "client assertion")
        "client_assertion is a signed JWT of the type jwt-bearer, with ES256, ES384 or ES512"
        => "send a JWT with `typ` JWT as client_assertion, signed by the client's key with ES256, ES384 or ES512"
    ASSERTION_SIGNATURE "oidc.assertion.signature" ("LEG", "client assertion")
        "a signing key of the client's JWK Set made the signature"
        => "sign header.payload as they are sent, with a registered key whose `use` is `sig`; r and s side by side, no DER"
    ASSERTION_SUBJECT "oidc.assertion.subject" ("LEG", "client assertion")
        "iss and sub are the client_id"
        => "put the client_id into both claims"
    ASSERTION_AUDIENCE "oidc.assertion.audience" ("LEG", "client assertion")
        "aud is the issuer: the host, without /fapi"
        => "use the `issuer` of the root's discovery document as `aud`"
    ASSERTION_LIFETIME "oidc.assertion.lifetime" ("LEG", "client assertion")
        "iat and exp are numbers in seconds, at most two minutes apart, and the assertion has not expired"
        => "take iat from the clock when the request is made, and exp at most 120 s later"
    ASSERTION_ONCE remembered "oidc.assertion.once" ("RFC 7523", "§3, rule 7")
        "jti, where there is one, is used once; with `strict` there has to be one"
        => "make a new assertion for every request, retries included"
    ASSERTION_CODE "oidc.assertion.code" ("LEG", "client assertion")
        "the assertion's `code`, where there is one, is that of the form"
        => "make the assertion for the code that is exchanged, or leave `code` out of it"
    GRANT_TYPE "oidc.token.grant-type" ("LEG", "token endpoint")
        "grant_type is authorization_code"
        => "send grant_type=authorization_code"
    TOKEN_REQUIRED "oidc.token.required-parameters" ("LEG", "token endpoint")
        "code and redirect_uri are present, and code_verifier where the login had a challenge"
        => "add the missing parameter to the form"
    CODE remembered "oidc.token.code" ("LEG", "token endpoint")
        "the code was given to this client within the last two minutes, and is exchanged once"
        => "exchange the code of the callback at once, and once"
    TOKEN_REDIRECT remembered "oidc.token.redirect-uri" ("RFC 6749", "§4.1.3")
        "redirect_uri is that of the authorisation request"
        => "send the same redirect_uri in both requests, character by character"
    VERIFIER remembered "oidc.token.code-verifier" ("RFC 7636", "§4.6")
        "code_verifier gives the code_challenge of the authorisation request"
        => "keep the verifier in the login's session"
    BEARER "oidc.userinfo.token" ("LEG", "requesting userinfo")
        "the Authorization header has the scheme Bearer and an access token of this API"
        => "send `Authorization: Bearer <access token>`"
    BEARER_ALIVE remembered "oidc.userinfo.token-alive" ("LEG", "requesting userinfo")
        "the access token has not expired"
        => "fetch userinfo within 30 minutes of the token"
    PERSON remembered "oidc.userinfo.person" ("LEG", "requesting userinfo")
        "the person has Myinfo data"
        => "log in as another persona"
}

/// Those of a client assertion.
pub(super) const ASSERTIONS: AssertionRules = AssertionRules {
    form: ASSERTION,
    signature: ASSERTION_SIGNATURE,
    subject: ASSERTION_SUBJECT,
    audience: ASSERTION_AUDIENCE,
    lifetime: ASSERTION_LIFETIME,
    once: ASSERTION_ONCE,
};

/// What the browser brings.
pub(super) const OF_AUTH: &[&Rule] =
    &[AUTH_QUERY, AUTH_CLIENT, CLIENT_KEYS, RESPONSE_TYPE, SCOPE, STATE, NONCE, REDIRECT, PKCE];
/// What is exchanged, and by whom.
pub(super) const OF_TOKEN: &[&Rule] = &[
    FORM,
    CLIENT,
    CLIENT_KEYS,
    ASSERTION,
    ASSERTION_SIGNATURE,
    ASSERTION_SUBJECT,
    ASSERTION_AUDIENCE,
    ASSERTION_LIFETIME,
    ASSERTION_ONCE,
    ASSERTION_CODE,
    GRANT_TYPE,
    TOKEN_REQUIRED,
    CODE,
    TOKEN_REDIRECT,
    VERIFIER,
];
/// What a userinfo request must keep.
pub(super) const OF_USERINFO: &[&Rule] = &[BEARER, BEARER_ALIVE, CLIENT_KEYS, PERSON];
