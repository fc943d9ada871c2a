//! The hostile requests, at least one for each rule: the good one with one defect.

use super::party::{Query, remove, set};
use crate::fapi::party::{Draft, shift, with};
use serde_json::json;

/// Where a request goes, and what is wrong with it.
pub(super) enum Hostile {
    /// The query that the browser brings.
    Auth(fn(&mut Query)),
    /// The same of a Login app.
    LoginAuth(fn(&mut Query)),
    /// A token request with a good code, changed before it is signed.
    Token(fn(&mut Draft)),
    /// A userinfo request with a good access token.
    Userinfo(fn(&mut Draft)),
    /// A request of another kind.
    Other(Other),
}

#[derive(Clone, Copy)]
pub(super) enum Other {
    AssertionAgain,
    CodeAgain,
    CodeExpired,
    TokenExpired,
    WithoutMyinfo,
}

/// Rule, status, `error` on the wire or a part of the page, a part of the cause, and the request.
pub(super) type Case = (&'static str, u16, &'static str, &'static str, Hostile);

const fn auth(rule: &'static str, says: &'static str, change: fn(&mut Query)) -> Case {
    (rule, 400, "PX-E1000", says, Hostile::Auth(change))
}

const fn token(
    rule: &'static str,
    (status, error): (u16, &'static str),
    says: &'static str,
    change: fn(&mut Draft),
) -> Case {
    (rule, status, error, says, Hostile::Token(change))
}

const fn userinfo(rule: &'static str, says: &'static str, change: fn(&mut Draft)) -> Case {
    (rule, 401, "invalid_token", says, Hostile::Userinfo(change))
}

const REQUEST: (u16, &str) = (400, "invalid_request");
const CLIENT: (u16, &str) = (401, "invalid_client");
const GRANT: (u16, &str) = (400, "invalid_grant");

pub(super) const CASES: &[Case] = &[
    auth("oidc.auth.query", "more than once", |query| query.push(("state".to_owned(), "again".to_owned()))),
    auth("oidc.auth.query", "a `request_uri` belongs to /fapi/auth", |query| set(query, "request_uri", "urn:x")),
    auth("oidc.auth.client", "`client_id` is missing", |query| remove(query, "client_id")),
    auth("oidc.auth.client", "client of another version; add [client.fapi]", |query| {
        set(query, "client_id", "TESTBED-CLIENT");
    }),
    auth("oidc.auth.response-type", "`response_type` is `token`", |query| set(query, "response_type", "token")),
    (
        "oidc.auth.scope",
        400,
        "PX-E0008",
        "`openid` is missing",
        Hostile::Auth(|query| set(query, "scope", "uinfin name")),
    ),
    (
        "oidc.auth.scope",
        400,
        "PX-E0008",
        "near to it: nationality",
        Hostile::Auth(|query| set(query, "scope", "openid natonality")),
    ),
    (
        "oidc.auth.scope",
        400,
        "PX-E0008",
        "before FAPI a Login app asks for `openid` alone",
        Hostile::LoginAuth(|query| set(query, "scope", "openid user.identity")),
    ),
    auth("oidc.auth.state", "`state` is missing", |query| remove(query, "state")),
    auth("oidc.auth.state", "`state` has 256 characters", |query| set(query, "state", &"s".repeat(256))),
    auth("oidc.auth.nonce", "`nonce` has 0 characters", |query| set(query, "nonce", "")),
    auth("oidc.auth.redirect-uri", "slash", |query| set(query, "redirect_uri", "http://localhost:3001/callback/")),
    auth("oidc.auth.code-challenge", "`code_challenge` is missing", |query| remove(query, "code_challenge")),
    auth("oidc.auth.code-challenge", "is `plain`", |query| set(query, "code_challenge_method", "plain")),
    token("oidc.form", REQUEST, "the Content-Type is `application/json`", |draft| {
        draft.content_type = "application/json";
    }),
    token("oidc.client.registered", CLIENT, "is not registered for the API before FAPI", |draft| {
        draft.set("client_id", "TESTBEDxMYINFO");
    }),
    token("oidc.assertion.form", CLIENT, "the API before FAPI knows no client secret", |draft| draft.assertion = None),
    token("oidc.assertion.form", CLIENT, "`alg` is `HS256`", |draft| {
        with(&mut draft.assertion().header, "alg", "HS256");
    }),
    token("oidc.assertion.signature", CLIENT, "none of the client's signing keys", |draft| {
        draft.assertion().kid = "stranger-sig-p256";
    }),
    token("oidc.assertion.subject", CLIENT, "`sub` is `another`", |draft| {
        with(&mut draft.assertion().claims, "sub", "another");
    }),
    token("oidc.assertion.audience", CLIENT, "that is FAPI's issuer", |draft| {
        let audience = format!("{}/fapi", draft.url.trim_end_matches("/token"));
        with(&mut draft.assertion().claims, "aud", audience);
    }),
    token("oidc.assertion.audience", CLIENT, "another host, https://id.singpass.gov.sg", |draft| {
        with(&mut draft.assertion().claims, "aud", "https://id.singpass.gov.sg");
    }),
    token("oidc.assertion.lifetime", CLIENT, "it lives 300 s", |draft| {
        let issued = draft.assertion().claims["iat"].as_u64().unwrap();
        with(&mut draft.assertion().claims, "exp", issued + 300);
    }),
    token("oidc.assertion.lifetime", CLIENT, "it expired 80 s ago", |draft| shift(&mut draft.assertion().claims, -200)),
    token("oidc.assertion.once", CLIENT, "`jti` is missing", |draft| with(&mut draft.assertion().claims, "jti", "")),
    ("oidc.assertion.once", 401, "invalid_client", "was used 0 s ago", Hostile::Other(Other::AssertionAgain)),
    token("oidc.assertion.code", CLIENT, "the assertion's `code` is not the form's", |draft| {
        with(&mut draft.assertion().claims, "code", "another");
    }),
    token("oidc.assertion.code", CLIENT, "the assertion's `code` is not the form's", |draft| {
        with(&mut draft.assertion().claims, "code", json!([1]));
    }),
    token("oidc.token.grant-type", (400, "unsupported_grant_type"), "`grant_type` is `refresh_token`", |draft| {
        draft.set("grant_type", "refresh_token");
    }),
    token("oidc.token.required-parameters", REQUEST, "`code_verifier` is missing", |draft| {
        draft.remove("code_verifier");
    }),
    token("oidc.token.code", GRANT, "never given out by the API before FAPI", |draft| draft.set("code", "another")),
    ("oidc.token.code", 400, "invalid_grant", "a code works once", Hostile::Other(Other::CodeAgain)),
    ("oidc.token.code", 400, "invalid_grant", "expired 1 s ago", Hostile::Other(Other::CodeExpired)),
    token("oidc.token.redirect-uri", GRANT, "this login began with", |draft| {
        draft.set("redirect_uri", "http://localhost:3001/other");
    }),
    token("oidc.token.code-verifier", GRANT, "was it another login's", |draft| {
        draft.set("code_verifier", &"v".repeat(43));
    }),
    userinfo("oidc.userinfo.token", "there is no Authorization header", |draft| draft.authorization = None),
    userinfo("oidc.userinfo.token", "cannot be read", |draft| draft.authorization = Some("Bearer token".to_owned())),
    userinfo("oidc.userinfo.token", "none that this service gave out", |draft| {
        // a bit of the last character that is no padding
        let token = draft.authorization.take().unwrap();
        let (start, signature) = token.rsplit_once('.').unwrap();
        let changed = if signature.starts_with('A') { 'B' } else { 'A' };
        draft.authorization = Some(format!("{start}.{changed}{}", &signature[1..]));
    }),
    ("oidc.userinfo.token-alive", 401, "invalid_token", "expired 1 s ago", Hostile::Other(Other::TokenExpired)),
    (
        "oidc.userinfo.person",
        400,
        "CLIENT_SIDE_ERROR",
        "an account without Myinfo data",
        Hostile::Other(Other::WithoutMyinfo),
    ),
];
