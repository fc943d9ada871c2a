//! Faults of the HTTP answer of token.

use super::draft::ReplyDraft;
use super::reply::{body, cut, error, html, redirect, stalled};
use super::{Change, Fault, When};
use serde_json::{Map, Value};
use warp::http::StatusCode;

const ANSWER: &str = "SPEC, token: the answer is JSON with access_token, token_type and expires_in";
const ERRORS: &str = "SPEC, token: the error codes";

pub(super) const FAULTS: &[Fault] = &[
    instead("token-400", "says that the code is not valid", "rejects, no person call", |draft| {
        error(draft, StatusCode::BAD_REQUEST, "Invalid authorization code");
    }),
    instead(
        "token-401-timestamp",
        "says that the clocks are not synchronised",
        "names the clock; signs every retry anew",
        |draft| {
            error(
                draft,
                StatusCode::UNAUTHORIZED,
                "Invalid timestamp: the server's clock and yours are not synchronised",
            );
        },
    ),
    instead(
        "token-401-nonce",
        "says that the nonce was used before",
        "rejects, or retries with a new one; no loop",
        |draft| {
            error(draft, StatusCode::UNAUTHORIZED, "Invalid nonce: it was used before");
        },
    ),
    instead("token-403", "forbids the client to call", "rejects, no person call", |draft| {
        error(draft, StatusCode::FORBIDDEN, "Forbidden");
    }),
    instead("token-404", "knows no such path", "rejects, no person call", |draft| {
        error(draft, StatusCode::NOT_FOUND, "Not found");
    }),
    instead("token-500", "fails; the code stays unused", "a retry has a new nonce and timestamp", |draft| {
        error(draft, StatusCode::INTERNAL_SERVER_ERROR, "Unknown error");
    }),
    instead(
        "token-503",
        "is under maintenance; the code stays unused",
        "says “try later”; a retry is signed anew",
        |draft| {
            error(draft, StatusCode::SERVICE_UNAVAILABLE, "Under maintenance");
        },
    ),
    instead("token-redirect", "redirects to another host", "does not follow with its credentials", redirect),
    after("token-html", "answers 200 with an HTML page", "rejects as malformed, no crash", html),
    after("token-empty", "answers 200 with nothing", "rejects as malformed", |draft| {
        body(draft, "application/json", "")
    }),
    after("token-not-json", "answers 200 with broken JSON", "rejects as malformed", |draft| {
        body(draft, "application/json", "{\"access_token\":");
    }),
    after("token-no-access-token", "answers without access_token", "rejects", |draft| {
        members(draft, |members| {
            members.remove("access_token");
        });
    }),
    after("token-access-token-null", "answers with an access_token that is null", "rejects", |draft| {
        members(draft, |members| {
            members.insert("access_token".to_owned(), Value::Null);
        });
    }),
    after("token-type-lower-case", "writes token_type as `bearer`", "accepts", |draft| {
        members(draft, |members| {
            members.insert("token_type".to_owned(), "bearer".into());
        });
    }),
    after("token-type-other", "writes token_type as `mac`", "rejects", |draft| {
        members(draft, |members| {
            members.insert("token_type".to_owned(), "mac".into());
        });
    }),
    after("token-extra-members", "adds JSON members that nobody knows", "ignores them", |draft| {
        members(draft, |members| {
            members.insert("session_hint".to_owned(), serde_json::json!({"a": [1, null]}));
        });
    }),
    after("token-cut", "breaks the connection inside the body", "rejects as a transport failure, no hang", cut),
    after("token-stalled", "sends half of the body and then nothing", "gives up after its own time limit", stalled),
];

const fn instead(
    id: &'static str,
    says: &'static str,
    good_client: &'static str,
    change: fn(&mut ReplyDraft),
) -> Fault {
    Fault { id, says, good_client, clause: ERRORS, change: Change::Token(When::Instead, change) }
}

const fn after(id: &'static str, says: &'static str, good_client: &'static str, change: fn(&mut ReplyDraft)) -> Fault {
    Fault { id, says, good_client, clause: ANSWER, change: Change::Token(When::After, change) }
}

/// Changes the members of the answer's JSON.
fn members(draft: &mut ReplyDraft, change: impl FnOnce(&mut Map<String, Value>)) {
    if let Ok(Value::Object(mut members)) = serde_json::from_slice(&draft.answer.body) {
        change(&mut members);
        draft.answer.body = Value::Object(members).to_string().into();
    }
}
