//! How the next logins end: a queue.

use super::request::{AdminError, Ask, json};
use crate::http::exchange::Answer;
use crate::login::outcome::Outcome;
use crate::logins::CAP;
use serde::Deserialize;
use serde_json::json;
use warp::http::StatusCode;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Next {
    next: Vec<String>,
}

/// `GET logins`: what waits, next first.
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    Ok(json(StatusCode::OK, &json!({"next": ask.app.logins.waiting()})))
}

/// `POST logins`: puts endings into the queue.
pub(super) fn push(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    queue(ask.app, ask.body::<Next>()?.next)?;
    list(ask)
}

/// `DELETE logins`: empties the queue.
pub(super) fn clear(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    ask.app.logins.clear();
    list(ask)
}

/// Checks every ending, then queues all of them.
pub(super) fn queue(app: &crate::app::App, endings: Vec<String>) -> Result<(), AdminError> {
    let book = app.book();
    for ending in &endings {
        Outcome::named(&book, ending).map_err(|refusal| AdminError::bad(refusal.hint))?;
    }
    if app.logins.push(endings) {
        return Ok(());
    }
    Err(AdminError::bad(format!("at most {CAP} logins can wait")))
}
