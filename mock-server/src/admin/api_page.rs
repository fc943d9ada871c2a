//! The pages that describe this API and those of the profiles, and the documents that the latter are made from.

use super::OPENAPI;
use super::request::{AdminError, Ask, json};
use crate::description::document;
use crate::http::exchange::Answer;
use crate::page;
use crate::page::api::{self, ApiPage};
use crate::text::listed;
use serde_json::Value;
use std::sync::LazyLock;
use warp::http::StatusCode;

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(OPENAPI).unwrap_or_default());

/// `GET openapi.html`.
pub(super) fn show(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    Ok(shown(ask, "openapi.json", &DESCRIPTION))
}

/// `GET openapi/{name}.json` and `{name}.html`: the endpoints of a profile.
pub(super) fn profile(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let named = ask.segment.rsplit_once('.').filter(|(_, form)| ["json", "html"].contains(form));
    let protocol = named.and_then(|(id, _)| ask.app.protocols.all().find(|protocol| protocol.id == id));
    let (Some(protocol), Some((id, form))) = (protocol, named) else { return Err(unknown(ask)) };
    let document = document(&ask.app.protocols, protocol, &ask.incoming.base);
    let address = format!("openapi/{id}.json");
    Ok(if form == "json" { json(StatusCode::OK, &document) } else { shown(ask, &address, &document) })
}

fn shown(ask: &Ask<'_>, address: &str, document: &Value) -> Answer {
    let profiles = ask.app.protocols.all().map(|protocol| protocol.id).collect();
    let page = ApiPage::new(&ask.incoming.base, (address, profiles), document);
    api::api(&page).unwrap_or_else(|failure| page::failure(&failure))
}

fn unknown(ask: &Ask<'_>) -> AdminError {
    let names: Vec<String> = ask.app.protocols.all().map(|protocol| format!("{}.json", protocol.id)).collect();
    let known = listed(names.iter().map(String::as_str)).unwrap_or_default();
    AdminError::new(
        StatusCode::NOT_FOUND,
        format!("there is no such description; {known} there, and the same as .html"),
    )
}
