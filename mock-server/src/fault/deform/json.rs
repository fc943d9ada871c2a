//! What can be done to the members of a JSON answer.

use super::super::draft::ReplyDraft;
use super::{Deformation, after};
use serde_json::{Map, Value};

pub(crate) const NO_ACCESS_TOKEN: Deformation = after("answers without access_token", |draft| {
    members(draft, |members| {
        members.remove("access_token");
    });
});
pub(crate) const NO_ID_TOKEN: Deformation = after("answers without id_token", |draft| {
    members(draft, |members| {
        members.shift_remove("id_token");
    });
});
pub(crate) const ACCESS_TOKEN_NULL: Deformation = after("answers with an access_token that is null", |draft| {
    members(draft, |members| {
        members.insert("access_token".to_owned(), Value::Null);
    });
});
pub(crate) const TYPE_LOWER_CASE: Deformation = after("writes token_type as `bearer`", |draft| {
    members(draft, |members| {
        members.insert("token_type".to_owned(), "bearer".into());
    });
});
pub(crate) const TYPE_OTHER: Deformation = after("writes token_type as `mac`", |draft| {
    members(draft, |members| {
        members.insert("token_type".to_owned(), "mac".into());
    });
});
pub(crate) const EXTRA_MEMBERS: Deformation = after("adds JSON members that nobody knows", |draft| {
    members(draft, |members| {
        members.insert("session_hint".to_owned(), serde_json::json!({"a": [1, null]}));
    });
});

/// Changes the members of the answer's JSON.
pub(crate) fn members(draft: &mut ReplyDraft, change: impl FnOnce(&mut Map<String, Value>)) {
    if let Ok(Value::Object(mut members)) = serde_json::from_slice(&draft.answer.body) {
        change(&mut members);
        draft.answer.body = Value::Object(members).to_string().into();
    }
}
