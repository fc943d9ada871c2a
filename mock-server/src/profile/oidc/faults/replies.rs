//! Faults of the discovery document, of the redirect that brings the browser back, and of the answers of token and userinfo.

use super::super::errors::{body, plain};
use crate::fault::deform::json::{self, members};
use crate::fault::deform::{Deformation, after, instead, redirect, reply};
use crate::fault::draft::ReplyDraft;
use crate::fault::{Fault, faults};
use serde_json::json;
use warp::http::{HeaderValue, StatusCode, header};

const DISCOVERY: &str = "OIDC Discovery §4.3: issuer is the one that the document was asked for by";
const ONE_API: &str = "DOC, migration guide: the two APIs have issuers and endpoints of their own";
const REDIRECT: &str = "OIDC Core §3.1.2.5: the redirect carries code and state";
const TOKEN: &str = "LEG, token endpoint: JSON with access_token, token_type and id_token";
const TOKEN_ERRORS: &str = "RFC 6749 §5.2";
const USERINFO: &str = "LEG, requesting userinfo: 200 with a JWE";
const USERINFO_ERRORS: &str = "LEG, requesting userinfo, errors";

pub(super) const BEFORE_TOKEN: &[Fault] = faults! { "oidc";
    @ Discovery
        "oidc-discovery-issuer" ISSUER, DISCOVERY => "rejects before the browser is sent away"
        "oidc-discovery-par" PAR, ONE_API => "pushes nothing to it, or everything: mixes no endpoints of the two APIs"
        "oidc-discovery-500" reply::FAILS, DISCOVERY => "says “try later”"
        "oidc-discovery-html" reply::HTML, DISCOVERY => "rejects as malformed, no crash"
    @ AuthorisationResponse
        "oidc-callback-state-wrong" redirect::STATE_WRONG, REDIRECT => "rejects, no token call"
        "oidc-callback-state-missing" redirect::STATE_MISSING, REDIRECT => "rejects, no token call"
        "oidc-callback-code-missing" redirect::CODE_MISSING, REDIRECT => "rejects, no token call"
        "oidc-callback-iss-fapi" ISS_FAPI, ONE_API => "rejects: the code is of another issuer"
        "oidc-callback-error-access-denied" redirect::ERROR_ACCESS_DENIED, REDIRECT => "rejects, no token call"
};

pub(super) const OF_TOKEN: &[Fault] = faults! { "oidc";
    @ TokenResponse
        "oidc-token-400" INVALID_GRANT, TOKEN_ERRORS => "rejects; never posts the code again"
        "oidc-token-401" INVALID_CLIENT, TOKEN_ERRORS => "rejects"
        "oidc-token-500" reply::FAILS, TOKEN_ERRORS => "does not post a code again whose fate is unclear"
        "oidc-token-no-access-token" json::NO_ACCESS_TOKEN, TOKEN => "rejects"
        "oidc-token-no-id-token" json::NO_ID_TOKEN, TOKEN => "rejects"
        "oidc-token-type-odd-case" json::TYPE_LOWER_CASE, TOKEN => "accepts"
        "oidc-token-type-dpop" TYPE_DPOP, TOKEN => "rejects: it has no key to prove"
        "oidc-token-extra-members" json::EXTRA_MEMBERS, TOKEN => "ignores them"
        "oidc-token-html" reply::HTML, TOKEN => "rejects as malformed, no crash"
        "oidc-token-cut" reply::CUT, TOKEN => "says “log in again”; does not post the code again"
};

pub(super) const OF_USERINFO: &[Fault] = faults! { "oidc";
    @ PersonResponse
        "oidc-userinfo-401" INVALID_TOKEN, USERINFO_ERRORS => "rejects; does not post the code again"
        "oidc-userinfo-500" reply::FAILS, USERINFO_ERRORS => "says “try later”"
        "oidc-userinfo-502" AGENCY_DOWN, USERINFO_ERRORS => "says “try later”"
        "oidc-userinfo-html" reply::HTML, USERINFO => "rejects as malformed, no crash"
        "oidc-userinfo-cut" reply::CUT, USERINFO => "rejects as a transport failure, no hang"
};

const ISSUER: Deformation = after("names another issuer in the discovery document", |draft| {
    members(draft, |members| {
        members.insert("issuer".to_owned(), json!("https://nobody.invalid"));
    });
});
const PAR: Deformation = after("announces FAPI's PAR endpoint among those of the API before it", |draft| {
    members(draft, |members| {
        let issuer = members.get("issuer").and_then(serde_json::Value::as_str).unwrap_or_default();
        let par = format!("{issuer}/fapi/par");
        members.insert("pushed_authorization_request_endpoint".to_owned(), par.into());
    });
});
const ISS_FAPI: Deformation = redirect("returns the `iss` of another issuer, as FAPI returns its own", |draft| {
    draft.set("iss", "https://nobody.invalid/fapi");
});
const TYPE_DPOP: Deformation = after("writes token_type as `DPoP`", |draft| {
    members(draft, |members| {
        members.insert("token_type".to_owned(), "DPoP".into());
    });
});
const INVALID_GRANT: Deformation = instead("says that the code cannot be exchanged", |draft| {
    error(draft, StatusCode::BAD_REQUEST, "invalid_grant");
});
const INVALID_CLIENT: Deformation = instead("says that it does not know the client", |draft| {
    error(draft, StatusCode::UNAUTHORIZED, "invalid_client");
});
const INVALID_TOKEN: Deformation = instead("says that the access token is not valid", |draft| {
    error(draft, StatusCode::UNAUTHORIZED, "invalid_token");
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    draft.answer = draft.answer.clone().with_header(header::WWW_AUTHENTICATE, challenge);
});
const AGENCY_DOWN: Deformation = instead("says that a source agency does not answer", |draft| {
    draft.answer = plain(StatusCode::BAD_GATEWAY, "a source agency does not answer");
});

/// Answers with an error in the documented form.
fn error(draft: &mut ReplyDraft, status: StatusCode, code: &str) {
    const ID: &str = "00000000-0000-4000-8000-000000000000";
    let trace = "0".repeat(32);
    draft.answer = body(status, (code, "an armed fault of the mock answers so"), (ID, &trace));
}
