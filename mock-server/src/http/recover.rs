//! What warp's filters could not read becomes a clear 400: nothing becomes a 500.

use super::exchange::plain_error;
use std::convert::Infallible;
use warp::http::StatusCode;
use warp::reject::{InvalidHeader, Rejection};
use warp::reply::Response;

/// Turns what the last route could not take into an answer.
pub(crate) async fn recover(rejection: Rejection) -> Result<Response, Infallible> {
    let message = if rejection.find::<InvalidHeader>().is_some() {
        "a request header could not be read"
    } else {
        tracing::error!(?rejection, "a rejection that no rule expects");
        "the request could not be read"
    };
    tracing::info!("refused: {message}");
    Ok(plain_error(StatusCode::BAD_REQUEST, message).into())
}
