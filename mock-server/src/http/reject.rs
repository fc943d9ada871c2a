//! The end of the route list: whatever no route took becomes a clear 404 or 405, and nothing becomes a 500.

use crate::config::reader::meant;
use crate::examination::Examination;
use crate::http::exchange::{Answer, Incoming, incoming};
use crate::http::refusal::Refusal;
use crate::http::serve::Routes;
use crate::journal::Event;
use crate::profile;
use crate::profile::v3::rules;
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use warp::Filter;
use warp::http::{HeaderValue, StatusCode, header};
use warp::reject::{InvalidHeader, Rejection};
use warp::reply::Response;

/// The last route: takes everything, refuses it, and writes it down.
pub(crate) fn nothing_here(patience: Duration) -> Routes {
    incoming(patience).map(|incoming: Incoming| refuse(&incoming).into()).boxed()
}

fn refuse(incoming: &Incoming) -> Answer {
    let mut exam = Examination::default();
    let allowed = allowed_method(&incoming.path);
    let refusal = if let Some(method) = allowed {
        exam.check(rules::PATH, Ok(()));
        let message = "this path exists, but not with this method: authorise and person are GET, token is POST";
        let hint = format!("{} was sent; this path takes {method}", incoming.method);
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message, rules::METHOD_ALLOWED, hint)
    } else {
        let message = format!("nothing is served at this path; the paths are {}", known_paths());
        let hint = format!("nothing is served at `{}`{}", shown(&incoming.path), nearest_path(&incoming.path));
        Refusal::new(StatusCode::NOT_FOUND, message, rules::PATH, hint)
    };
    let body = json!({"code": refusal.status.as_u16(), "message": refusal.message}).to_string();
    let mut answer = Answer::api(refusal.status, "application/json", body);
    if let Some(method) = allowed {
        answer = answer.with_header(header::ALLOW, HeaderValue::from_static(method));
    }
    exam.broken(refusal);
    incoming.app.conclude(Event::Other, incoming, exam, answer)
}

/// What stands behind com or gov, and what it is called with.
const ENDPOINTS: [(&str, &str); 7] = [
    ("authorise", "GET"),
    ("login", "GET, POST"),
    ("consent", "GET, POST"),
    ("token", "POST"),
    ("person", "GET"),
    ("person-sample", "GET"),
    ("person-basic", "GET"),
];

fn allowed_method(path: &str) -> Option<&'static str> {
    let endpoint = path.strip_prefix("/com/v3/").or_else(|| path.strip_prefix("/gov/v3/"))?;
    let name = endpoint.split('/').next()?;
    ENDPOINTS.iter().find(|(known, _)| *known == name).map(|(_, method)| *method)
}

/// Where a path was probably meant to lead.
fn nearest_path(path: &str) -> String {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if ENDPOINTS.iter().any(|(known, _)| *known == last) {
        return format!("; did you mean /com/v3/{last} or /gov/v3/{last}?");
    }
    if path.contains("/v4") || path.contains("/v2") || path.contains("/fapi") {
        return "; this mock speaks v3".to_owned();
    }
    meant(last, ENDPOINTS.iter().map(|(name, _)| *name))
}

fn shown(path: &str) -> String {
    path.chars().take(120).collect()
}

/// Turns what the last route could not take into an answer.
pub(crate) async fn recover(rejection: Rejection) -> Result<Response, Infallible> {
    let message = if rejection.find::<InvalidHeader>().is_some() {
        "a request header could not be read"
    } else {
        tracing::error!(?rejection, "a rejection that no rule expects");
        "the request could not be read"
    };
    tracing::info!("refused: {message}");
    let body = json!({"code": 400, "message": message}).to_string();
    Ok(Answer::api(StatusCode::BAD_REQUEST, "application/json", body).into())
}

fn known_paths() -> String {
    profile::ALL.iter().flat_map(|profile| profile.paths).copied().collect::<Vec<_>>().join(", ")
}
