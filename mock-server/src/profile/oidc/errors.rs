//! Errors as the API before FAPI has them: `id`, `error`, `error_description`, `trace_id`. LEG, error response.

use crate::book::uuid_of;
use crate::call::Call;
use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::refusal::{Failure, Refusal};
use crate::rule::Rule;
use serde_json::json;
use warp::http::{HeaderValue, StatusCode, header};

/// What every request that the client got wrong is told.
const INVALID: &str = "This is an invalid request.";
/// The description of userinfo's documented error.
const OCCURRED: &str = "An error has occurred.";

/// An error that no handler made. There is no chance at hand: its `id` is the same for the same message.
pub(super) fn plain(status: StatusCode, message: &str) -> Answer {
    let id = uuid_of("error", message);
    let trace: String = id.chars().filter(|character| *character != '-').collect();
    general(status, (&id, &trace))
}

/// The error that the status gives.
fn general(status: StatusCode, ids: (&str, &str)) -> Answer {
    let (error, description) = match status {
        StatusCode::TOO_MANY_REQUESTS => ("TOO_MANY_REQUESTS", INVALID),
        status if status.is_server_error() => ("SERVER_SIDE_ERROR", "An unexpected error occurred."),
        _ => ("CLIENT_SIDE_ERROR", INVALID),
    };
    body(status, (error, description), ids)
}

/// An error in the four members; `ids` are its own and that of its trace.
pub(super) fn body(status: StatusCode, (error, description): (&str, &str), (id, trace): (&str, &str)) -> Answer {
    let members = json!({"id": id, "error": error, "error_description": description, "trace_id": trace});
    let mut answer = Answer::api(status, "application/json", members.to_string());
    answer.headers.retain(|(name, _)| name != header::CACHE_CONTROL);
    let kept = HeaderValue::from_static("no-cache, no-store, must-revalidate");
    answer.with_header(header::CACHE_CONTROL, kept)
}

/// An error of userinfo whose `trace_id` has the form of the documented one, and which breaks no rule.
pub(super) fn of_server(call: &Call<'_>, status: StatusCode) -> Answer {
    general(status, (&id(call), &traced(call)))
}

/// The answer of token to a request that was refused, or that the mock failed to work on.
pub(super) fn answer(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let trace = call.app.entropy.hex(32);
    told(call, exam, &trace)
}

/// The same at userinfo, where the error stands in `WWW-Authenticate`, too (RFC 6750 §3).
pub(super) fn challenge(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let trace = traced(call);
    let answer = told(call, exam, &trace);
    if answer.status != StatusCode::UNAUTHORIZED {
        return answer;
    }
    answer.with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""))
}

fn told(call: &Call<'_>, exam: &mut Examination, trace: &str) -> Answer {
    let mask = call.mask();
    exam.mask(|text| mask.text(text));
    let id = id(call);
    if let Some(refusal) = exam.problem().filter(|_| exam.failure.is_none()) {
        return match refusal.error {
            Some(error) => body(refusal.status, (error, &refusal.message), (&id, trace)),
            None => general(refusal.status, (&id, trace)),
        };
    }
    if exam.failure.is_none() {
        exam.failed(Failure::nothing_to_say());
    }
    general(Failure::STATUS, (&id, trace))
}

fn id(call: &Call<'_>) -> String {
    uuid_of("error", &call.app.entropy.hex(32))
}

/// `1-<8 digits>-<24 digits>`, as in the documented answer of userinfo.
fn traced(call: &Call<'_>) -> String {
    format!("1-{}-{}", call.app.entropy.hex(8), call.app.entropy.hex(24))
}

/// 400 `invalid_request`.
pub(super) fn invalid_request(rule: &'static Rule, hint: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, rule.required(), rule, hint).with_error("invalid_request")
}

/// 401 `invalid_client`; also where the client's JWK Set cannot be fetched (LEG, client JWK requirements).
pub(super) fn invalid_client(rule: &'static Rule, hint: String) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, rule.required(), rule, hint).with_error("invalid_client")
}

/// 400 `invalid_grant`.
pub(super) fn invalid_grant(rule: &'static Rule, hint: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, rule.required(), rule, hint).with_error("invalid_grant")
}

/// 401 `invalid_token`.
pub(super) fn invalid_token(rule: &'static Rule, hint: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, OCCURRED, rule, hint).with_error("invalid_token")
}

/// 400 `CLIENT_SIDE_ERROR`, whatever is wrong.
pub(super) fn client_side(rule: &'static Rule, hint: String) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, INVALID, rule, hint)
}
