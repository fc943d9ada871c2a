//! Faults of the HTTP answer of person.

use super::draft::ReplyDraft;
use super::reply::{body, cut, error, gzip, gzip_bomb, html, redirect, stalled, with_header};
use super::{Change, Fault, When};
use warp::http::{StatusCode, header};

const ANSWER: &str = "SPEC, person: 200 with the document as application/jose";
const ERRORS: &str = "SPEC, person: the error codes";

pub(super) const FAULTS: &[Fault] = &[
    instead("person-401-nonce", "says that the nonce was used before", "lets the error be seen; no loop", |draft| {
        error(draft, StatusCode::UNAUTHORIZED, "Invalid nonce: it was used before");
    }),
    instead(
        "person-401-token",
        "says that the access token is not valid",
        "rejects; does not reuse the code",
        |draft| {
            error(draft, StatusCode::UNAUTHORIZED, "Invalid access token");
        },
    ),
    instead("person-403", "says that an attribute is not allowed", "rejects, nothing partial", |draft| {
        error(draft, StatusCode::FORBIDDEN, "Attributes not consented: name");
    }),
    instead(
        "person-404",
        "says that the person has no Myinfo profile",
        "tells this apart from other failures",
        |draft| {
            error(draft, StatusCode::NOT_FOUND, "UIN/FIN is invalid.");
        },
    ),
    instead("person-428", "says that the person has no Myinfo account yet", "rejects", |draft| {
        error(draft, StatusCode::PRECONDITION_REQUIRED, "User is not an existing Myinfo user.");
    }),
    instead(
        "person-429",
        "says that it is called too often, with Retry-After: 1",
        "tries at most three times, and waits as told",
        |draft| {
            error(draft, StatusCode::TOO_MANY_REQUESTS, "Too many requests");
            with_header(draft, header::RETRY_AFTER, "1");
        },
    ),
    instead("person-500", "fails", "rejects as an upstream failure; does not reuse the code", |draft| {
        error(draft, StatusCode::INTERNAL_SERVER_ERROR, "Unknown error");
    }),
    instead("person-502", "says that a source agency does not answer", "rejects as an upstream failure", |draft| {
        error(draft, StatusCode::BAD_GATEWAY, "Bad gateway");
    }),
    instead("person-503", "is under maintenance", "says “try later”; does not reuse the code", |draft| {
        error(draft, StatusCode::SERVICE_UNAVAILABLE, "Under maintenance");
    }),
    instead("person-redirect", "redirects to another host", "does not follow with its credentials", redirect),
    after("person-html", "answers 200 with an HTML page", "rejects as malformed", html),
    after("person-empty", "answers 200 with nothing", "rejects as malformed", |draft| {
        body(draft, "application/jose", "")
    }),
    after("person-gzip", "compresses the body with gzip", "decodes it, where it asked for gzip", gzip),
    after("person-gzip-bomb", "sends 100 kB that decompress to 100 MB", "refuses, or bounds its memory", gzip_bomb),
    after("person-line-end", "adds a line break behind the document", "accepts", |draft| {
        draft.answer.body = [&draft.answer.body[..], b"\n"].concat().into();
    }),
    after("person-cut", "breaks the connection inside the body", "rejects as a transport failure, no hang", cut),
    after("person-stalled", "sends half of the body and then nothing", "gives up after its own time limit", stalled),
];

const fn instead(
    id: &'static str,
    says: &'static str,
    good_client: &'static str,
    change: fn(&mut ReplyDraft),
) -> Fault {
    Fault { id, says, good_client, clause: ERRORS, change: Change::Person(When::Instead, change) }
}

const fn after(id: &'static str, says: &'static str, good_client: &'static str, change: fn(&mut ReplyDraft)) -> Fault {
    Fault { id, says, good_client, clause: ANSWER, change: Change::Person(When::After, change) }
}
