//! Faults of the HTTP answers of PAR, token and userinfo.

use super::super::errors::body;
use crate::fault::deform::json::{self, members};
use crate::fault::deform::reply::{self, with_header};
use crate::fault::deform::{Deformation, after, instead};
use crate::fault::draft::ReplyDraft;
use crate::fault::{Fault, faults};
use warp::http::{HeaderName, StatusCode, header};

const PAR: &str = "DOC, 1. Authorization request: 201 with request_uri and expires_in";
const PAR_ERRORS: &str = "DOC, 1. Authorization request, errors";
const TOKEN: &str = "DOC, 3. Token exchange: JSON with access_token, id_token and token_type";
const TOKEN_ERRORS: &str = "DOC, 3. Token exchange, errors";
const NONCE: &str = "RFC 9449 §8";
const USERINFO: &str = "DOC, 5. Requesting for userinfo: 200 with a JWE";
const USERINFO_ERRORS: &str = "DOC, 5. Requesting for userinfo, errors";

pub(super) const OF_PAR: &[Fault] = faults! { "fapi";
    @ PushedResponse
        "fapi-par-400" INVALID_REQUEST, PAR_ERRORS => "rejects, sends the browser nowhere"
        "fapi-par-401" INVALID_CLIENT, PAR_ERRORS => "rejects; never falls back to a request in the query"
        "fapi-par-500" FAILS, PAR_ERRORS => "a retry has a new jti in assertion and proof"
        "fapi-par-503" UNAVAILABLE, PAR_ERRORS => "says “try later”"
        "fapi-par-429" TOO_MANY, PAR_ERRORS => "waits as told, or gives up; no loop"
        "fapi-par-dpop-nonce" DPOP_NONCE, NONCE => "asks once more with the nonce in the proof"
        "fapi-par-extra-members" json::EXTRA_MEMBERS, PAR => "ignores them"
        "fapi-par-no-request-uri" NO_REQUEST_URI, PAR => "rejects as malformed"
        "fapi-par-html" reply::HTML, PAR => "rejects as malformed, no crash"
        "fapi-par-redirect" reply::REDIRECT, PAR_ERRORS => "does not follow with its assertion and proof"
        "fapi-par-cut" reply::CUT, PAR => "rejects as a transport failure, no hang"
        "fapi-par-stalled" reply::STALLED, PAR => "gives up after its own time limit"
};

pub(super) const OF_TOKEN: &[Fault] = faults! { "fapi";
    @ TokenResponse
        "fapi-token-400" INVALID_GRANT, TOKEN_ERRORS => "rejects; never posts the code again"
        "fapi-token-401-client" INVALID_CLIENT, TOKEN_ERRORS => "rejects"
        "fapi-token-401-proof" INVALID_PROOF, TOKEN_ERRORS => "rejects, or tries once with a fresh proof"
        "fapi-token-500" FAILS, TOKEN_ERRORS => "does not post a code again whose fate is unclear"
        "fapi-token-503" UNAVAILABLE, TOKEN_ERRORS => "says “try later”"
        "fapi-token-dpop-nonce" DPOP_NONCE, NONCE => "asks once more with the nonce in the proof"
        "fapi-token-no-access-token" json::NO_ACCESS_TOKEN, TOKEN => "rejects"
        "fapi-token-no-id-token" json::NO_ID_TOKEN, TOKEN => "rejects"
        "fapi-token-type-odd-case" TYPE_ODD_CASE, TOKEN => "accepts"
        "fapi-token-type-bearer" TYPE_BEARER, TOKEN => "rejects: the token must be bound to the key"
        "fapi-token-expires-in" EXPIRES_IN, TOKEN => "accepts: it may be there"
        "fapi-token-extra-members" json::EXTRA_MEMBERS, TOKEN => "ignores them"
        "fapi-token-html" reply::HTML, TOKEN => "rejects as malformed, no crash"
        "fapi-token-redirect" reply::REDIRECT, TOKEN_ERRORS => "does not follow with its assertion and proof"
        "fapi-token-cut" reply::CUT, TOKEN => "says “log in again”; does not post the code again"
        "fapi-token-stalled" reply::STALLED, TOKEN => "gives up after its own time limit"
};

pub(super) const OF_USERINFO: &[Fault] = faults! { "fapi";
    @ PersonResponse
        "fapi-userinfo-401" INVALID_TOKEN, USERINFO_ERRORS => "rejects; does not post the code again"
        "fapi-userinfo-bearer" BEARER_CHALLENGE, USERINFO_ERRORS => "never falls back to Bearer"
        "fapi-userinfo-no-data" NO_DATA, USERINFO_ERRORS => "tells that the person has no Myinfo data"
        "fapi-userinfo-400-jwt" ODD_TYPE, USERINFO_ERRORS => "reports the error, no crash"
        "fapi-userinfo-429" TOO_MANY, USERINFO_ERRORS => "waits as told, or gives up; no loop"
        "fapi-userinfo-500" FAILS, USERINFO_ERRORS => "tries a few times with new proofs, or gives up"
        "fapi-userinfo-502" AGENCY_DOWN, USERINFO_ERRORS => "tries a few times with new proofs, or says “try later”"
        "fapi-userinfo-503" UNAVAILABLE, USERINFO_ERRORS => "says “try later”"
        "fapi-userinfo-html" reply::HTML, USERINFO => "rejects as malformed, no crash"
        "fapi-userinfo-media-type" MEDIA_TYPE, USERINFO => "accepts: a media type has no case, and may have parameters"
        "fapi-userinfo-empty" reply::EMPTY, USERINFO => "rejects as malformed"
        "fapi-userinfo-redirect" reply::REDIRECT, USERINFO_ERRORS => "does not follow with its token and proof"
        "fapi-userinfo-cut" reply::CUT, USERINFO => "rejects as a transport failure, no hang"
        "fapi-userinfo-stalled" reply::STALLED, USERINFO => "gives up after its own time limit"
};

const INVALID_REQUEST: Deformation = instead("says that the request is wrong", |draft| {
    error(draft, StatusCode::BAD_REQUEST, "invalid_request");
});
const INVALID_CLIENT: Deformation = instead("says that it does not know the client", |draft| {
    error(draft, StatusCode::UNAUTHORIZED, "invalid_client");
});
const INVALID_GRANT: Deformation = instead("says that the code cannot be exchanged", |draft| {
    error(draft, StatusCode::BAD_REQUEST, "invalid_grant");
});
const INVALID_PROOF: Deformation = instead("says that the proof is wrong", |draft| {
    error(draft, StatusCode::UNAUTHORIZED, "invalid_dpop_proof");
});
const INVALID_TOKEN: Deformation = instead("says that the access token is not valid", |draft| {
    error(draft, StatusCode::UNAUTHORIZED, "invalid_token");
    with_header(draft, header::WWW_AUTHENTICATE, "DPoP error=\"invalid_token\", algs=\"ES256 ES384 ES512\"");
});
const BEARER_CHALLENGE: Deformation = instead("asks for a Bearer token", |draft| {
    error(draft, StatusCode::UNAUTHORIZED, "invalid_token");
    with_header(draft, header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"");
});
const NO_DATA: Deformation = instead("says that the person has no Myinfo data", |draft| {
    error(draft, StatusCode::BAD_REQUEST, "invalid_request");
});
const ODD_TYPE: Deformation = instead("sends its error as application/jwt", |draft| {
    let answer = body(StatusCode::BAD_REQUEST, "invalid_request", DESCRIPTION, &[]);
    draft.answer = crate::http::exchange::Answer::api(StatusCode::BAD_REQUEST, "application/jwt", answer.body);
});
/// RFC 9110 §8.3.1: type, subtype and the names of parameters are compared without case.
const MEDIA_TYPE: Deformation = after("calls its answer `Application/JWT;Charset=\"UTF-8\"`", |draft| {
    draft.answer.headers.retain(|(name, _)| name != header::CONTENT_TYPE);
    with_header(draft, header::CONTENT_TYPE, "Application/JWT;Charset=\"UTF-8\"");
});
const TOO_MANY: Deformation = instead("says that it is called too often, with Retry-After: 1", |draft| {
    error(draft, StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
    with_header(draft, header::RETRY_AFTER, "1");
});
const FAILS: Deformation = instead("fails; what was sent stays unused", |draft| {
    error(draft, StatusCode::INTERNAL_SERVER_ERROR, "server_error");
});
const AGENCY_DOWN: Deformation = instead("says that a source agency does not answer", |draft| {
    error(draft, StatusCode::BAD_GATEWAY, "upstream_dependency_error");
});
const UNAVAILABLE: Deformation = instead("is under maintenance; what was sent stays unused", |draft| {
    error(draft, StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
});
const DPOP_NONCE: Deformation = instead("demands a nonce in the proof, and sends it", |draft| {
    error(draft, StatusCode::BAD_REQUEST, "use_dpop_nonce");
    with_header(draft, HeaderName::from_static("dpop-nonce"), "eyJ7S_zG.eyJH0-Z.HX4w-7v");
});
const NO_REQUEST_URI: Deformation = after("answers 201 without request_uri", |draft| {
    members(draft, |members| {
        members.shift_remove("request_uri");
    });
});
const TYPE_ODD_CASE: Deformation = after("writes token_type as `dPOP`", |draft| {
    members(draft, |members| {
        members.insert("token_type".to_owned(), "dPOP".into());
    });
});
const TYPE_BEARER: Deformation = after("writes token_type as `Bearer`", |draft| {
    members(draft, |members| {
        members.insert("token_type".to_owned(), "Bearer".into());
    });
});
const EXPIRES_IN: Deformation = after("says expires_in", |draft| {
    members(draft, |members| {
        members.insert("expires_in".to_owned(), 1800.into());
    });
});

const DESCRIPTION: &str = "an armed fault of the mock answers so";

/// Answers with an error of FAPI.
fn error(draft: &mut ReplyDraft, status: StatusCode, code: &str) {
    draft.answer = body(status, code, DESCRIPTION, &[]);
}
