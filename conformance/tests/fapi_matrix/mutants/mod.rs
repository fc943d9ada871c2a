//! The mutants, by the part of the flow that they get wrong.

mod answers;
mod browser;
mod documents;
mod logs;
mod oidc;
mod person;
mod requests;

use crate::document::Document;
use crate::driver::Mutant;
use crate::world::Context;
use myinfo_conformance::connector::driver::{Class, Outcome};
use myinfo_connector::transport::Response;
use serde_json::{Map, Value, json};

/// Every mutant of FAPI.
pub(crate) fn all() -> impl Iterator<Item = &'static Mutant> {
    [requests::MUTANTS, answers::MUTANTS, browser::MUTANTS, documents::MUTANTS, person::MUTANTS, logs::MUTANTS]
        .into_iter()
        .flatten()
}

/// Every mutant of the API before it.
pub(crate) fn before_fapi() -> impl Iterator<Item = &'static Mutant> {
    oidc::MUTANTS.iter()
}

/// A table of mutants: an id, what it does wrong, and what differs from the reference connector.
macro_rules! mutants {
    (oidc: $($id:literal $says:literal { $($member:ident: $value:expr),* $(,)? })*) => {
        pub(super) const MUTANTS: &[$crate::driver::Mutant] = &[
            $($crate::driver::Mutant { id: $id, says: $says, $($member: $value,)* ..$crate::driver::BEFORE }),*
        ];
    };
    ($($id:literal $says:literal { $($member:ident: $value:expr),* $(,)? })*) => {
        pub(super) const MUTANTS: &[$crate::driver::Mutant] = &[
            $($crate::driver::Mutant { id: $id, says: $says, $($member: $value,)* ..$crate::driver::NONE }),*
        ];
    };
}
pub(crate) use mutants;

/// The members of a JSON answer, changed.
pub(crate) fn in_json(answer: &mut Response, change: impl FnOnce(&mut Map<String, Value>)) {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(&answer.body) else { return };
    change(&mut members);
    answer.body = Value::Object(members).to_string().into_bytes();
}

/// A document whose claims are changed before it looks; it stays as it came where it could not be verified either.
pub(crate) fn with_claims(mut document: Document, change: impl FnOnce(&mut Map<String, Value>)) -> Option<String> {
    if !document.genuine || !document.opened {
        return None;
    }
    change(&mut document.claims);
    Some(document.made())
}

/// An ID token where nothing could be read of the one that came.
pub(crate) fn fabricated(context: &Context<'_>) -> String {
    Document { claims: context.claims(), ..Document::default() }.made()
}

/// An empty person in the place of a refusal of one kind.
pub(crate) fn accepted_if(outcome: Outcome, refused: &[Class]) -> Outcome {
    match outcome {
        Outcome::Rejected { class, .. } if refused.contains(&class) => {
            Outcome::Accepted { person: json!({}), claims: None }
        }
        other => other,
    }
}

/// A crash in the place of a refusal of one kind.
pub(crate) fn crash_if(outcome: Outcome, refused: Class) -> Outcome {
    match outcome {
        Outcome::Rejected { class, message, .. } if class == refused => Outcome::Crash { message },
        other => other,
    }
}
