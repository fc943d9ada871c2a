//! The keys that the profiles sign with: which they are, and how they change.

use super::request::{AdminError, Ask, json};
use crate::http::exchange::Answer;
use crate::profile::{ALL, KeyChanges, Profile};
use serde::Deserialize;
use serde_json::{Map, json};
use warp::http::StatusCode;

/// What can be asked of the keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    /// Whose keys; not needed while one profile alone can change them.
    profile: Option<String>,
    /// One of those that `GET keys` lists.
    change: String,
}

/// `GET keys`.
pub(super) fn show(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let mut told = Map::new();
    for (profile, keys) in changing() {
        let mut members = (keys.show)(ask.app);
        let kinds = keys.kinds.iter().map(|(id, says)| json!({"id": id, "says": says}));
        members.insert("changes".to_owned(), kinds.collect());
        told.insert(profile.protocol.id.to_owned(), members.into());
    }
    Ok(json(StatusCode::OK, &json!({"keys": told})))
}

/// `POST keys`.
pub(super) fn change(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let wanted: Change = ask.body()?;
    let fits = |profile: &Profile| wanted.profile.as_ref().is_none_or(|id| id == profile.protocol.id);
    let Some((_, keys)) = changing().find(|(profile, _)| fits(profile)) else {
        let known: Vec<&str> = changing().map(|(profile, _)| profile.protocol.id).collect();
        return Err(AdminError::bad(format!("`profile` must be one whose keys can change: {}", known.join(", "))));
    };
    (keys.apply)(ask.app, &wanted.change).map_err(|error| AdminError::bad(format!("`change`: {error:#}")))?;
    show(ask)
}

/// The profiles whose keys can change.
fn changing() -> impl Iterator<Item = (&'static Profile, &'static KeyChanges)> {
    ALL.iter().filter_map(|profile| Some((*profile, profile.key_changes.as_ref()?)))
}
