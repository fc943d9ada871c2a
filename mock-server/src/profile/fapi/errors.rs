//! Errors as FAPI's wire has them: `error`, `error_description`, and what belongs to each endpoint.

use super::settings::FapiSettings;
use super::{nonce, rules};
use crate::call::Call;
use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::refusal::{Failure, Refusal};
use crate::rule::Rule;
use serde_json::{Map, Value};
use warp::http::{HeaderName, HeaderValue, StatusCode, header};

/// An error that no handler made.
pub(super) fn plain(status: StatusCode, message: &str) -> Answer {
    let error = if status.is_server_error() { "server_error" } else { "invalid_request" };
    body(status, error, message, &[])
}

/// A body with these members behind the two that every error has.
pub(super) fn body(status: StatusCode, error: &str, description: &str, more: &[(&str, &str)]) -> Answer {
    let mut members = Map::new();
    for (name, value) in [("error", error), ("error_description", description)].iter().chain(more) {
        members.insert((*name).to_owned(), Value::from(*value));
    }
    Answer::api(status, "application/json", Value::Object(members).to_string())
}

/// The answer to a request that was refused, or that the mock failed to work on.
pub(super) fn answer(call: &Call<'_>, exam: &mut Examination, state: Option<&str>) -> Answer {
    let mask = call.mask();
    exam.mask(|text| mask.text(text));
    let more: Vec<(&str, &str)> = state.map(|state| ("state", state)).into_iter().collect();
    if let Some(refusal) = exam.problem().filter(|_| exam.failure.is_none()) {
        let answer = body(refusal.status, refusal.error.unwrap_or("invalid_request"), &refusal.message, &more);
        return if refusal.rule == rules::DPOP_NONCE { with_nonce(call, answer) } else { answer };
    }
    if exam.failure.is_none() {
        exam.failed(Failure::nothing_to_say());
    }
    let message = exam.failure.as_ref().map_or("", |failure| failure.message);
    body(Failure::STATUS, "server_error", message, &more)
}

/// With the nonce that the next proof is to carry.
fn with_nonce(call: &Call<'_>, answer: Answer) -> Answer {
    let nonces = FapiSettings::of(&call.app.config).map(|settings| nonce::accepted(call, settings));
    let value = nonces.iter().flatten().next().and_then(|nonce| HeaderValue::try_from(nonce).ok());
    match value {
        Some(value) => answer.with_header(HeaderName::from_static("dpop-nonce"), value),
        None => answer,
    }
}

/// The same at userinfo: the three errors of the request stand in `WWW-Authenticate`, too (DOC, 5. Userinfo, errors).
pub(super) fn challenge(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let answer = answer(call, exam, None);
    let Some(error) = exam.problem().and_then(|refusal| refusal.error) else { return answer };
    let value = HeaderValue::try_from(format!("DPoP error=\"{error}\", algs=\"ES256 ES384 ES512\""));
    match value {
        Ok(value) if answer.status.is_client_error() => answer.with_header(header::WWW_AUTHENTICATE, value),
        Ok(_) | Err(_) => answer,
    }
}

/// 400 `invalid_request`.
pub(super) fn invalid_request(rule: &'static Rule, hint: impl Into<String>) -> Refusal {
    refusal(StatusCode::BAD_REQUEST, "invalid_request", rule, hint)
}

/// 401 `invalid_client`.
pub(super) fn invalid_client(rule: &'static Rule, hint: String) -> Refusal {
    refusal(StatusCode::UNAUTHORIZED, "invalid_client", rule, hint)
}

/// 400 `invalid_scope`.
pub(super) fn invalid_scope(rule: &'static Rule, hint: String) -> Refusal {
    refusal(StatusCode::BAD_REQUEST, "invalid_scope", rule, hint)
}

/// 400 `invalid_grant`.
pub(super) fn invalid_grant(rule: &'static Rule, hint: impl Into<String>) -> Refusal {
    refusal(StatusCode::BAD_REQUEST, "invalid_grant", rule, hint)
}

/// 400 `invalid_dpop_proof`.
pub(super) fn invalid_proof(rule: &'static Rule, hint: String) -> Refusal {
    refusal(StatusCode::BAD_REQUEST, "invalid_dpop_proof", rule, hint)
}

/// 401 `invalid_dpop_proof`: a key other than that of the pushed request, and every proof at userinfo.
pub(super) fn unauthorised_proof(rule: &'static Rule, hint: String) -> Refusal {
    refusal(StatusCode::UNAUTHORIZED, "invalid_dpop_proof", rule, hint)
}

/// 401 `invalid_token`.
pub(super) fn invalid_token(rule: &'static Rule, hint: impl Into<String>) -> Refusal {
    refusal(StatusCode::UNAUTHORIZED, "invalid_token", rule, hint)
}

/// 502 `upstream_dependency_error`: somebody else's server, mostly the client's own.
pub(super) fn upstream(rule: &'static Rule, hint: String) -> Refusal {
    refusal(StatusCode::BAD_GATEWAY, "upstream_dependency_error", rule, hint)
}

/// The wire says what is required; the hint, for the developer, says what was received.
fn refusal(status: StatusCode, error: &'static str, rule: &'static Rule, hint: impl Into<String>) -> Refusal {
    Refusal::new(status, rule.required(), rule, hint).with_error(error)
}
