//! What can be done to a draft, by its type: named, without profile and clause.

pub(crate) mod claims;
pub(crate) mod data;
pub(crate) mod json;
pub(crate) mod jwe;
pub(crate) mod jws;
pub(crate) mod openid;
pub(crate) mod redirect;
pub(crate) mod reply;

use super::draft::{DataDraft, JweDraft, JwsDraft, RedirectDraft, ReplyDraft};
use super::{Change, When};

/// A change to a draft, and what the server then does, in one sentence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deformation {
    pub(crate) says: &'static str,
    pub(crate) change: Change,
}

/// Of the redirect's parameters.
pub(crate) const fn redirect(says: &'static str, change: fn(&mut RedirectDraft)) -> Deformation {
    Deformation { says, change: Change::Redirect(change) }
}

/// Of an HTTP answer, instead of working on the request.
pub(crate) const fn instead(says: &'static str, change: fn(&mut ReplyDraft)) -> Deformation {
    Deformation { says, change: Change::Reply(When::Instead, change) }
}

/// Of an HTTP answer, when the work is done.
pub(crate) const fn after(says: &'static str, change: fn(&mut ReplyDraft)) -> Deformation {
    Deformation { says, change: Change::Reply(When::After, change) }
}

/// Of a signed token or document.
pub(crate) const fn jws(says: &'static str, change: fn(&mut JwsDraft)) -> Deformation {
    Deformation { says, change: Change::Jws(change) }
}

/// Of an encrypted document.
pub(crate) const fn jwe(says: &'static str, change: fn(&mut JweDraft)) -> Deformation {
    Deformation { says, change: Change::Jwe(change) }
}

/// Of a person's data.
pub(crate) const fn data(says: &'static str, change: fn(&mut DataDraft<'_>)) -> Deformation {
    Deformation { says, change: Change::Data(change) }
}
