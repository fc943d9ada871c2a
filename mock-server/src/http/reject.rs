//! The end of the route list: whatever no route took becomes a clear 404 or 405, and nothing becomes a 500.

use crate::http::exchange::Answer;
use crate::profile;
use serde_json::json;
use std::convert::Infallible;
use warp::http::StatusCode;
use warp::reject::{InvalidHeader, InvalidQuery, MethodNotAllowed, Rejection};
use warp::reply::Response;

/// Turns the rejection of the whole route list into an answer.
pub(crate) async fn recover(rejection: Rejection) -> Result<Response, Infallible> {
    let (status, message) = if rejection.find::<InvalidHeader>().is_some() {
        (StatusCode::BAD_REQUEST, "a request header could not be read".to_owned())
    } else if rejection.find::<InvalidQuery>().is_some() {
        (StatusCode::BAD_REQUEST, "the query could not be read".to_owned())
    } else if rejection.find::<MethodNotAllowed>().is_some() {
        (
            StatusCode::METHOD_NOT_ALLOWED,
            "this path exists, but not with this method: authorise and person are GET, token is POST".to_owned(),
        )
    } else if rejection.is_not_found() {
        (StatusCode::NOT_FOUND, format!("nothing is served at this path; the paths are {}", known_paths()))
    } else {
        tracing::error!(?rejection, "a rejection that no rule expects");
        (StatusCode::BAD_REQUEST, "the request could not be read".to_owned())
    };
    tracing::info!(status = status.as_u16(), "refused: {message}");
    let body = json!({"code": status.as_u16(), "message": message}).to_string();
    Ok(Answer::api(status, "application/json", body).into())
}

fn known_paths() -> String {
    profile::ALL.iter().flat_map(|profile| profile.paths).copied().collect::<Vec<_>>().join(", ")
}
