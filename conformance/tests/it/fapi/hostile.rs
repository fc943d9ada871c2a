//! The hostile requests of FAPI, at least one for each rule: the good one with one defect.

use super::party::{Draft, LOGIN, MYINFO, key, shift, with, without};
use myinfo_oracle::{dpop, jwk};
use serde_json::json;

/// Where a request goes, and what is wrong with it.
pub(super) enum Hostile {
    /// A pushed request, changed before it is signed.
    Par(fn(&mut Draft)),
    /// One of a Login app.
    LoginPar(fn(&mut Draft)),
    /// The address to which the browser is sent with a good request URI.
    Auth(fn(String) -> String),
    /// A token request with a good code.
    Token(fn(&mut Draft)),
    /// A userinfo request with a good access token.
    Userinfo(fn(&mut Draft)),
    /// A request of another kind.
    Other(Other),
}

#[derive(Clone, Copy)]
pub(super) enum Other {
    AssertionAgain,
    ProofAgain,
    RequestUriExpired,
    RequestUriUsed,
    CodeAgain,
    CodeExpired,
    TokenExpired,
    LoginAtUserinfo,
    PersonGone,
}

/// Rule, status, `error` on the wire, a part of the cause, and the request.
pub(super) type Case = (&'static str, u16, &'static str, &'static str, Hostile);

const fn par(
    rule: &'static str,
    (status, error): (u16, &'static str),
    says: &'static str,
    change: fn(&mut Draft),
) -> Case {
    (rule, status, error, says, Hostile::Par(change))
}

const fn token(
    rule: &'static str,
    (status, error): (u16, &'static str),
    says: &'static str,
    change: fn(&mut Draft),
) -> Case {
    (rule, status, error, says, Hostile::Token(change))
}

const REQUEST: (u16, &str) = (400, "invalid_request");
const CLIENT: (u16, &str) = (401, "invalid_client");
const PROOF: (u16, &str) = (400, "invalid_dpop_proof");
const SCOPE: (u16, &str) = (400, "invalid_scope");
const GRANT: (u16, &str) = (400, "invalid_grant");

pub(super) const CASES: &[Case] = &[
    par("fapi.form", REQUEST, "the Content-Type is `application/json`", |draft| {
        draft.content_type = "application/json"
    }),
    par("fapi.form", REQUEST, "more than once", |draft| draft.form.push(("state".to_owned(), "again".to_owned()))),
    par("fapi.client.registered", CLIENT, "`TESTBEDxMYINFO` is not registered for FAPI", |draft| {
        draft.set("client_id", "TESTBEDxMYINFO");
    }),
    par("fapi.client.registered", CLIENT, "client of another version; add [client.fapi]", |draft| {
        draft.set("client_id", "TESTBED-CLIENT");
    }),
    par("fapi.assertion.form", CLIENT, "`client_assertion` is missing", |draft| draft.assertion = None),
    par("fapi.assertion.form", CLIENT, "`client_assertion_type` is `jwt`", |draft| {
        draft.set("client_assertion_type", "jwt")
    }),
    par("fapi.assertion.form", CLIENT, "`alg` is `HS256`; ES256, ES384 and ES512 are taken", |draft| {
        with(&mut draft.assertion().header, "alg", "HS256");
    }),
    par("fapi.assertion.form", CLIENT, "`typ` is `at+jwt`", |draft| {
        with(&mut draft.assertion().header, "typ", "at+jwt")
    }),
    par("fapi.assertion.signature", CLIENT, "none of the client's signing keys", |draft| {
        draft.assertion().kid = "stranger-sig-p256";
    }),
    par("fapi.assertion.signature", CLIENT, "the client's encryption key `client-enc-p256` made it", |draft| {
        draft.assertion().kid = "client-enc-p256";
    }),
    par("fapi.assertion.signature", CLIENT, "kid `another` is not in the client's JWK Set", |draft| {
        with(&mut draft.assertion().header, "kid", "another");
    }),
    par("fapi.assertion.signature", CLIENT, "kid `client-enc-p256` is registered with `use`: `enc`", |draft| {
        with(&mut draft.assertion().header, "kid", "client-enc-p256");
    }),
    par("fapi.assertion.subject", CLIENT, "`sub` is `another`", |draft| {
        with(&mut draft.assertion().claims, "sub", "another")
    }),
    par("fapi.assertion.audience", CLIENT, "`aud` is `https://id.singpass.gov.sg/fapi`; the issuer", |draft| {
        with(&mut draft.assertion().claims, "aud", "https://id.singpass.gov.sg/fapi");
    }),
    par("fapi.assertion.audience", CLIENT, "`aud` is a list", |draft| {
        with(&mut draft.assertion().claims, "aud", json!(["a", "b"]));
    }),
    par("fapi.assertion.lifetime", CLIENT, "it lives 300 s", |draft| {
        let issued = draft.assertion().claims["iat"].as_u64().unwrap();
        with(&mut draft.assertion().claims, "exp", issued + 300);
    }),
    par("fapi.assertion.lifetime", CLIENT, "is in milliseconds", |draft| {
        let issued = draft.assertion().claims["iat"].as_u64().unwrap();
        with(&mut draft.assertion().claims, "iat", issued * 1000);
    }),
    par("fapi.assertion.lifetime", CLIENT, "is the text", |draft| {
        let expires = draft.assertion().claims["exp"].to_string();
        with(&mut draft.assertion().claims, "exp", expires);
    }),
    par("fapi.assertion.lifetime", CLIENT, "it expired 80 s ago", |draft| shift(&mut draft.assertion().claims, -200)),
    par("fapi.assertion.lifetime", CLIENT, "is 90 s ahead of the server's clock", |draft| {
        shift(&mut draft.assertion().claims, 90);
    }),
    par("fapi.assertion.once", CLIENT, "`jti` is missing", |draft| without(&mut draft.assertion().claims, "jti")),
    ("fapi.assertion.once", 401, "invalid_client", "was used 0 s ago", Hostile::Other(Other::AssertionAgain)),
    par("fapi.dpop.form", REQUEST, "neither a DPoP header nor `dpop_jkt`", |draft| draft.proof = None),
    par("fapi.dpop.form", PROOF, "`typ` is `JWT`, expected `dpop+jwt`", |draft| {
        with(&mut draft.proof().header, "typ", "JWT")
    }),
    par("fapi.dpop.form", PROOF, "has no `jwk`", |draft| without(&mut draft.proof().header, "jwk")),
    par("fapi.dpop.form", PROOF, "holds the private key", |draft| {
        with(&mut draft.proof().header["jwk"], "d", "c2VjcmV0")
    }),
    par("fapi.dpop.form", PROOF, "are no point on P-256", |draft| {
        let x = draft.proof().header["jwk"]["y"].clone();
        with(&mut draft.proof().header["jwk"], "x", x);
    }),
    par("fapi.dpop.signature", PROOF, "the key in its `jwk` did not make it", |draft| {
        draft.proof().kid = "stranger-sig-p256";
    }),
    par("fapi.dpop.method", PROOF, "`htm` is `GET`, the request was a POST", |draft| {
        with(&mut draft.proof().claims, "htm", "GET");
    }),
    par("fapi.dpop.address", PROOF, "/token`; this request was made to", |draft| {
        let url = draft.url.replace("/par", "/token");
        with(&mut draft.proof().claims, "htu", url);
    }),
    par("fapi.dpop.fresh", PROOF, "the proof is 301 s old", |draft| shift(&mut draft.proof().claims, -301)),
    par("fapi.dpop.fresh", PROOF, "the proof is from the future", |draft| shift(&mut draft.proof().claims, 61)),
    par("fapi.dpop.fresh", PROOF, "the proof lives 121 s", |draft| {
        let issued = draft.proof().claims["iat"].as_u64().unwrap();
        with(&mut draft.proof().claims, "exp", issued + 121);
    }),
    par("fapi.dpop.once", PROOF, "`jti` is missing", |draft| without(&mut draft.proof().claims, "jti")),
    ("fapi.dpop.once", 400, "invalid_dpop_proof", "was used 0 s ago", Hostile::Other(Other::ProofAgain)),
    par("fapi.par.response-type", REQUEST, "`response_type` is `token`", |draft| draft.set("response_type", "token")),
    par("fapi.par.scope", SCOPE, "`openid` is missing", |draft| draft.set("scope", "uinfin name")),
    par("fapi.par.scope", SCOPE, "`scope` has a comma: that was `attributes` in v3", |draft| {
        draft.set("scope", "openid uinfin,name")
    }),
    par("fapi.par.scope", SCOPE, "near to it: nationality", |draft| draft.set("scope", "openid natonality")),
    par("fapi.par.scope", SCOPE, "`nonsense` is no scope of a myinfo app: no scope is near to it; ask for", |draft| {
        draft.set("scope", "openid nonsense")
    }),
    par("fapi.par.scope", SCOPE, "belongs to Login apps; ask for `uinfin`", |draft| {
        draft.set("scope", "openid user.identity")
    }),
    par("fapi.par.scope", SCOPE, "v5 does not have it", |draft| draft.set("scope", "openid edulevel")),
    (
        "fapi.par.scope",
        400,
        "invalid_scope",
        "it belongs to Myinfo apps",
        Hostile::LoginPar(|draft| draft.set("scope", "openid uinfin")),
    ),
    (
        "fapi.par.scope",
        400,
        "invalid_scope",
        "there are openid, user.identity, name, email, mobileno",
        Hostile::LoginPar(|draft| draft.set("scope", "openid nonsense")),
    ),
    par("fapi.par.state", REQUEST, "`state` is missing", |draft| draft.remove("state")),
    par("fapi.par.state", REQUEST, "`state` holds `~`", |draft| draft.set("state", "a~b")),
    par("fapi.par.state", REQUEST, "`state` has 256 characters", |draft| draft.set("state", &"s".repeat(256))),
    par("fapi.par.nonce", REQUEST, "`nonce` has 0 characters", |draft| draft.remove("nonce")),
    par("fapi.par.redirect-uri", REQUEST, "slash", |draft| {
        draft.set("redirect_uri", "http://localhost:3001/callback/")
    }),
    par("fapi.par.code-challenge", REQUEST, "is `plain`", |draft| draft.set("code_challenge_method", "plain")),
    par("fapi.par.code-challenge", REQUEST, "in hexadecimal", |draft| draft.set("code_challenge", &"ab".repeat(32))),
    par("fapi.par.authentication-context", REQUEST, "is for Login apps only", |draft| {
        draft.set("authentication_context_type", "APP_AUTHENTICATION_DEFAULT");
    }),
    (
        "fapi.par.authentication-context",
        400,
        "invalid_request",
        "`authentication_context_type` is missing",
        Hostile::LoginPar(|draft| draft.remove("authentication_context_type")),
    ),
    (
        "fapi.par.authentication-context",
        400,
        "invalid_request",
        "did you mean `BANK_ADD_LOCAL_RECEIPIENT`",
        Hostile::LoginPar(|draft| draft.set("authentication_context_type", "BANK_ADD_LOCAL_RECIPIENT")),
    ),
    (
        "fapi.par.authentication-context",
        400,
        "invalid_request",
        "takes letters, digits, blanks",
        Hostile::LoginPar(|draft| draft.set("authentication_context_message", "<b>")),
    ),
    par("fapi.par.acr-values", REQUEST, "`acr_values` holds `loa:3`", |draft| draft.set("acr_values", "loa:3")),
    par("fapi.par.no-request-uri", REQUEST, "has a `request_uri`", |draft| draft.set("request_uri", "urn:x")),
    (
        "fapi.auth.client",
        400,
        "",
        "which is not registered for FAPI",
        Hostile::Auth(|url| url.replace("TESTBEDx", "TESTBED")),
    ),
    (
        "fapi.auth.request-uri",
        400,
        "",
        "`request_uri` is missing",
        Hostile::Auth(|url| url.replace("request_uri=", "request=")),
    ),
    ("fapi.auth.request-uri", 400, "", "was never given out", Hostile::Auth(|url| format!("{url}x"))),
    (
        "fapi.auth.request-uri",
        400,
        "",
        "was pushed by `TESTBEDxMYINFOxAPPx0000000000001`",
        Hostile::Auth(|url| url.replace(MYINFO, LOGIN)),
    ),
    ("fapi.auth.request-uri", 400, "", "expired 0 s ago", Hostile::Other(Other::RequestUriExpired)),
    ("fapi.auth.request-uri", 400, "", "a login came of it already", Hostile::Other(Other::RequestUriUsed)),
    token("fapi.token.grant-type", (400, "unsupported_grant_type"), "`grant_type` is `refresh_token`", |draft| {
        draft.set("grant_type", "refresh_token");
    }),
    token("fapi.token.required-parameters", REQUEST, "`code_verifier` is missing", |draft| {
        draft.remove("code_verifier")
    }),
    token("fapi.token.code", GRANT, "never given out by FAPI", |draft| draft.set("code", "another")),
    token("fapi.token.code", GRANT, "never given out by FAPI", |draft| draft.set("code", "")),
    ("fapi.token.code", 400, "invalid_grant", "a code works once", Hostile::Other(Other::CodeAgain)),
    ("fapi.token.code", 400, "invalid_grant", "expired 1 s ago", Hostile::Other(Other::CodeExpired)),
    token("fapi.token.redirect-uri", GRANT, "this login began with", |draft| {
        draft.set("redirect_uri", "http://localhost:3001/other");
    }),
    token("fapi.token.code-verifier", GRANT, "was it another login's", |draft| {
        draft.set("code_verifier", &"v".repeat(43))
    }),
    token("fapi.dpop.key", (401, "invalid_dpop_proof"), "the pushed request is bound to", |draft| {
        let other = key("stranger-sig-p256");
        with(&mut draft.proof().header, "jwk", jwk::of_public(&other.public()));
        draft.proof().kid = "stranger-sig-p256";
    }),
    token("fapi.dpop.form", REQUEST, "there is no DPoP header", |draft| draft.proof = None),
    (
        "fapi.userinfo.token",
        401,
        "invalid_token",
        "the scheme is `Bearer`, as before FAPI",
        Hostile::Userinfo(|draft| {
            draft.authorization = draft.authorization.take().map(|text| text.replace("DPoP", "Bearer"))
        }),
    ),
    (
        "fapi.userinfo.token",
        401,
        "invalid_token",
        "the address has a query",
        Hostile::Userinfo(|draft| draft.url.push_str("?attributes=name")),
    ),
    (
        "fapi.userinfo.token",
        401,
        "invalid_token",
        "cannot be read",
        Hostile::Userinfo(|draft| draft.authorization = Some("DPoP token".to_owned())),
    ),
    ("fapi.userinfo.token-alive", 401, "invalid_token", "expired 1 s ago", Hostile::Other(Other::TokenExpired)),
    (
        "fapi.dpop.token-hash",
        401,
        "invalid_dpop_proof",
        "it is missing",
        Hostile::Userinfo(|draft| without(&mut draft.proof().claims, "ath")),
    ),
    (
        "fapi.dpop.token-hash",
        401,
        "invalid_dpop_proof",
        "over `DPoP ` and the token",
        Hostile::Userinfo(|draft| {
            let ath = dpop::ath(draft.authorization.as_deref().unwrap());
            with(&mut draft.proof().claims, "ath", ath);
        }),
    ),
    (
        "fapi.userinfo.app",
        400,
        "invalid_request",
        "a Login app, which has no userinfo",
        Hostile::Other(Other::LoginAtUserinfo),
    ),
    ("fapi.userinfo.person", 400, "invalid_request", "no persona with Myinfo data", Hostile::Other(Other::PersonGone)),
];
