//! What can be done to the redirect that brings the browser back.

use super::super::draft::RedirectDraft;
use super::{Deformation, redirect};

pub(crate) const STATE_WRONG: Deformation = redirect("returns a state that nobody sent", |draft| {
    let flipped: String = draft.value("state").unwrap_or_default().chars().rev().collect();
    draft.set("state", format!("{flipped}-wrong"));
});
pub(crate) const STATE_LAST: Deformation = redirect("returns the state with another last character", |draft| {
    let mut state = draft.value("state").unwrap_or_default().to_owned();
    let other = if state.pop() == Some('x') { 'y' } else { 'x' };
    draft.set("state", format!("{state}{other}"));
});
pub(crate) const STATE_CUT: Deformation = redirect("returns the first half of the state", |draft| {
    let state: Vec<char> = draft.value("state").unwrap_or_default().chars().collect();
    let half: String = state.iter().take(state.len() / 2).collect();
    draft.set("state", half);
});
pub(crate) const STATE_MISSING: Deformation = redirect("returns no state", |draft| draft.remove("state"));
pub(crate) const STATE_EMPTY: Deformation = redirect("returns an empty state", |draft| draft.set("state", ""));
pub(crate) const STATE_ANOTHER: Deformation =
    redirect("returns the state of another login that is under way", |draft| {
        let another = draft.another_state.clone();
        draft.set("state", another);
    });
pub(crate) const STATE_TWICE: Deformation = redirect("returns the state twice, the second one different", |draft| {
    let second = format!("{}-second", draft.value("state").unwrap_or_default());
    draft.parameters.push(("state".to_owned(), second));
});
pub(crate) const CODE_MISSING: Deformation = redirect("returns the state without a code", |draft| {
    draft.remove("code");
});
pub(crate) const CODE_EMPTY: Deformation = redirect("returns an empty code", |draft| draft.set("code", ""));
pub(crate) const CODE_TWICE: Deformation = redirect("returns two different codes", |draft| {
    let second: String = draft.value("code").unwrap_or_default().chars().rev().collect();
    draft.parameters.push(("code".to_owned(), second));
});
pub(crate) const CODE_ODD: Deformation = redirect("returns a code with `+ / = %2B` in it", |draft| {
    let odd = odd_code(draft.value("code").unwrap_or_default());
    draft.set("code", odd);
});
pub(crate) const EXTRA: Deformation = redirect("adds parameters that nobody knows", |draft| {
    draft.set("session_hint", "x&y=z");
    draft.set("iss", "https://nobody.invalid");
});
pub(crate) const ERROR_AND_CODE: Deformation = redirect("returns an error and a code", |draft| {
    draft.set("error", "access_denied");
});

pub(crate) const ERROR_ACCESS_DENIED: Deformation = redirect("says that the person refused", |draft| {
    error(draft, "access_denied", "");
});

/// An error of OAuth where the code stood; state and issuer stay.
pub(crate) fn error(draft: &mut RedirectDraft, code: &str, description: &str) {
    draft.remove("code");
    draft.parameters.insert(0, ("error".to_owned(), code.to_owned()));
    if !description.is_empty() {
        draft.parameters.insert(1, ("error_description".to_owned(), description.to_owned()));
    }
}

/// The same code with the characters that encoders get wrong; the server knows it under this name, too.
fn odd_code(code: &str) -> String {
    format!("{code}+/=%2B")
}
