//! Faults of the HTTP answers of token and person.

use crate::fault::deform::reply::with_header;
use crate::fault::deform::{Deformation, instead, json, reply};
use crate::fault::draft::ReplyDraft;
use crate::fault::{Fault, faults};
use warp::http::{StatusCode, header};

const TOKEN: &str = "SPEC, token: the answer is JSON with access_token, token_type and expires_in";
const TOKEN_ERRORS: &str = "SPEC, token: the error codes";
const PERSON: &str = "SPEC, person: 200 with the document as application/jose";
const PERSON_ERRORS: &str = "SPEC, person: the error codes";

pub(super) const OF_TOKEN: &[Fault] = faults! { "v3";
    @ TokenResponse
        "token-400" TOKEN_400, TOKEN_ERRORS => "rejects, no person call"
        "token-401-timestamp" TOKEN_401_TIMESTAMP, TOKEN_ERRORS => "names the clock; signs every retry anew"
        "token-401-nonce" TOKEN_401_NONCE, TOKEN_ERRORS => "rejects, or retries with a new one; no loop"
        "token-403" TOKEN_403, TOKEN_ERRORS => "rejects, no person call"
        "token-404" TOKEN_404, TOKEN_ERRORS => "rejects, no person call"
        "token-500" TOKEN_500, TOKEN_ERRORS => "a retry has a new nonce and timestamp"
        "token-503" TOKEN_503, TOKEN_ERRORS => "says “try later”; a retry is signed anew"
        "token-redirect" reply::REDIRECT, TOKEN_ERRORS => "does not follow with its credentials"
        "token-redirect-307" reply::REDIRECT_307, TOKEN_ERRORS => "does not follow with its credentials"
        "token-redirect-308" reply::REDIRECT_308, TOKEN_ERRORS => "does not follow with its credentials"
        "token-html" reply::HTML, TOKEN => "rejects as malformed, no crash"
        "token-empty" reply::EMPTY, TOKEN => "rejects as malformed"
        "token-not-json" reply::NOT_JSON, TOKEN => "rejects as malformed"
        "token-no-access-token" json::NO_ACCESS_TOKEN, TOKEN => "rejects"
        "token-access-token-null" json::ACCESS_TOKEN_NULL, TOKEN => "rejects"
        "token-type-lower-case" json::TYPE_LOWER_CASE, TOKEN => "accepts"
        "token-type-other" json::TYPE_OTHER, TOKEN => "rejects"
        "token-extra-members" json::EXTRA_MEMBERS, TOKEN => "ignores them"
        "token-cut" reply::CUT, TOKEN => "rejects as a transport failure, no hang"
        "token-stalled" reply::STALLED, TOKEN => "gives up after its own time limit"
};

pub(super) const OF_PERSON: &[Fault] = faults! { "v3";
    @ PersonResponse
        "person-401-nonce" PERSON_401_NONCE, PERSON_ERRORS => "lets the error be seen; no loop"
        "person-401-token" PERSON_401_TOKEN, PERSON_ERRORS => "rejects; does not reuse the code"
        "person-403" PERSON_403, PERSON_ERRORS => "rejects, nothing partial"
        "person-404" PERSON_404, PERSON_ERRORS => "tells this apart from other failures"
        "person-428" PERSON_428, PERSON_ERRORS => "rejects"
        "person-429" PERSON_429, PERSON_ERRORS => "tries at most three times, and waits as told"
        "person-500" PERSON_500, PERSON_ERRORS => "rejects as an upstream failure; does not reuse the code"
        "person-502" PERSON_502, PERSON_ERRORS => "rejects as an upstream failure"
        "person-503" PERSON_503, PERSON_ERRORS => "says “try later”; does not reuse the code"
        "person-redirect" reply::REDIRECT, PERSON_ERRORS => "does not follow with its credentials"
        "person-redirect-307" reply::REDIRECT_307, PERSON_ERRORS => "does not follow with its credentials"
        "person-redirect-308" reply::REDIRECT_308, PERSON_ERRORS => "does not follow with its credentials"
        "person-html" reply::HTML, PERSON => "rejects as malformed"
        "person-empty" reply::EMPTY, PERSON => "rejects as malformed"
        "person-gzip" reply::GZIP, PERSON => "decodes it, where it asked for gzip"
        "person-gzip-bomb" reply::GZIP_BOMB, PERSON => "refuses, or bounds its memory"
        "person-line-end" reply::LINE_END, PERSON => "accepts"
        "person-cut" reply::CUT, PERSON => "rejects as a transport failure, no hang"
        "person-stalled" reply::STALLED, PERSON => "gives up after its own time limit"
};

const TOKEN_400: Deformation = instead("says that the code is not valid", |draft| {
    error(draft, StatusCode::BAD_REQUEST, "Invalid authorization code");
});
const TOKEN_401_TIMESTAMP: Deformation = instead("says that the clocks are not synchronised", |draft| {
    error(draft, StatusCode::UNAUTHORIZED, "Invalid timestamp: the server's clock and yours are not synchronised");
});
const TOKEN_401_NONCE: Deformation = instead("says that the nonce was used before", |draft| {
    error(draft, StatusCode::UNAUTHORIZED, "Invalid nonce: it was used before");
});
const TOKEN_403: Deformation = instead("forbids the client to call", |draft| {
    error(draft, StatusCode::FORBIDDEN, "Forbidden");
});
const TOKEN_404: Deformation = instead("knows no such path", |draft| {
    error(draft, StatusCode::NOT_FOUND, "Not found");
});
const TOKEN_500: Deformation = instead("fails; the code stays unused", |draft| {
    error(draft, StatusCode::INTERNAL_SERVER_ERROR, "Unknown error");
});
const TOKEN_503: Deformation = instead("is under maintenance; the code stays unused", |draft| {
    error(draft, StatusCode::SERVICE_UNAVAILABLE, "Under maintenance");
});
const PERSON_401_NONCE: Deformation = instead("says that the nonce was used before", |draft| {
    error(draft, StatusCode::UNAUTHORIZED, "Invalid nonce: it was used before");
});
const PERSON_401_TOKEN: Deformation = instead("says that the access token is not valid", |draft| {
    error(draft, StatusCode::UNAUTHORIZED, "Invalid access token");
});
const PERSON_403: Deformation = instead("says that an attribute is not allowed", |draft| {
    error(draft, StatusCode::FORBIDDEN, "Attributes not consented: name");
});
const PERSON_404: Deformation = instead("says that the person has no Myinfo profile", |draft| {
    error(draft, StatusCode::NOT_FOUND, "UIN/FIN is invalid.");
});
const PERSON_428: Deformation = instead("says that the person has no Myinfo account yet", |draft| {
    error(draft, StatusCode::PRECONDITION_REQUIRED, "User is not an existing Myinfo user.");
});
const PERSON_429: Deformation = instead("says that it is called too often, with Retry-After: 1", |draft| {
    error(draft, StatusCode::TOO_MANY_REQUESTS, "Too many requests");
    with_header(draft, header::RETRY_AFTER, "1");
});
const PERSON_500: Deformation = instead("fails", |draft| {
    error(draft, StatusCode::INTERNAL_SERVER_ERROR, "Unknown error");
});
const PERSON_502: Deformation = instead("says that a source agency does not answer", |draft| {
    error(draft, StatusCode::BAD_GATEWAY, "Bad gateway");
});
const PERSON_503: Deformation = instead("is under maintenance", |draft| {
    error(draft, StatusCode::SERVICE_UNAVAILABLE, "Under maintenance");
});

/// Answers with an error of the API.
fn error(draft: &mut ReplyDraft, status: StatusCode, message: &str) {
    draft.answer = (draft.error)(status, message);
}
