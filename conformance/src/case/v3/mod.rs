//! The cases of v3, a file for each stage that they act on.

mod access_token;
mod authorise;
mod callback;
mod data;
mod document;
mod keys;
mod person;
mod token;
mod token_answer;

use crate::case::Case;

/// Every case, in the order of the flow.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    [
        authorise::CASES,
        callback::CASES,
        token::CASES,
        token_answer::CASES,
        access_token::CASES,
        person::CASES,
        document::CASES,
        data::CASES,
        keys::CASES,
    ]
    .into_iter()
    .flatten()
}
