//! The pages of the documentation.

use super::request::{AdminError, Ask};
use crate::http::exchange::Answer;
use crate::page;
use crate::page::manual;
use warp::http::StatusCode;

/// `GET docs/`: the contents, and what the words of `?q=` find.
pub(super) fn contents(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let search = ask.query.value("q").unwrap_or_default();
    Ok(manual::contents(&ask.incoming.base, search).unwrap_or_else(|failure| page::failure(&failure)))
}

/// `GET docs/{name}.html`: a chapter.
pub(super) fn chapter(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    at(ask, ask.segment)
}

/// `GET docs/reports/{name}.html`: what the suite found at somebody's software.
pub(super) fn report(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    at(ask, &format!("reports/{}", ask.segment))
}

fn at(ask: &Ask<'_>, address: &str) -> Result<Answer, AdminError> {
    let missing = || AdminError::new(StatusCode::NOT_FOUND, "there is no such chapter; see /_mock/docs/");
    let page = manual::chapter(&ask.incoming.base, address).ok_or_else(missing)?;
    Ok(page.unwrap_or_else(|failure| page::failure(&failure)))
}
