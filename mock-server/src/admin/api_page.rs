//! The page that describes this API.

use super::OPENAPI;
use super::request::{AdminError, Ask};
use crate::http::exchange::Answer;
use crate::page;
use crate::page::api::{self, ApiPage};
use serde_json::Value;
use std::sync::LazyLock;

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(OPENAPI).unwrap_or_default());

/// `GET openapi.html`.
pub(super) fn show(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let page = ApiPage::new(&ask.incoming.base, &DESCRIPTION);
    Ok(api::api(&page).unwrap_or_else(|failure| page::failure(&failure)))
}
