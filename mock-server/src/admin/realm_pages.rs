//! The page of realms, and the click that deletes one.

use super::realm::{address, unknown};
use super::request::{AdminError, Ask};
use crate::app::App;
use crate::http::exchange::Answer;
use crate::journal::filter::Filter;
use crate::page;
use crate::page::realms::{self, RealmPart, RealmsPage};
use crate::text::sentence;
use warp::http::{HeaderValue, StatusCode};

/// `GET realms.html`: all of them, and how to make one.
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    Ok(shown(ask, None))
}

/// `POST realms.html`: deletes the realm that was clicked, and leads back to the page.
pub(super) fn click(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let form = ask.form()?;
    let name = form.value("delete").ok_or_else(|| AdminError::bad("a click sends `delete`, the name of a realm"))?;
    if !ask.realms.remove(name) {
        let page = shown(ask, Some(sentence(&unknown(ask, name).to_string())));
        return Ok(Answer { status: StatusCode::NOT_FOUND, ..page });
    }
    // the page of the deleted realm is gone with it
    Ok(Answer::redirect(StatusCode::SEE_OTHER, HeaderValue::from_static("/_mock/realms.html")))
}

fn shown(ask: &Ask<'_>, problem: Option<String>) -> Answer {
    let page = RealmsPage {
        base: &ask.incoming.base,
        origin: &ask.incoming.origin(),
        realms: ask.realms.all().into_iter().map(|(name, app)| part(ask, name, &app)).collect(),
        wants_token: ask.realms.admin_token.is_some(),
        problem,
    };
    realms::realms(&page).unwrap_or_else(|failure| page::failure(&failure))
}

fn part(ask: &Ask<'_>, name: String, app: &App) -> RealmPart {
    RealmPart {
        base_url: address(ask, &name),
        clients: app.book().clients.keys().cloned().collect(),
        transactions: app.journal.transactions(&Filter::default()).len(),
        armed: app.faults.armed().len(),
        name,
    }
}
