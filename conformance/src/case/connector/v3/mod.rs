//! The cases of v3 connectors, a file for each part of the flow that they act on.

mod access_token;
mod authorise;
mod callback;
mod data;
mod document;
mod keys;
mod network;
mod people;
mod person;
mod token;
mod token_answer;

use crate::case::connector::ConnectorCase;

/// Every case, in the order of the flow.
pub fn cases() -> impl Iterator<Item = &'static ConnectorCase> {
    [
        authorise::CASES,
        callback::CASES,
        token::CASES,
        token_answer::CASES,
        access_token::CASES,
        person::CASES,
        network::CASES,
        document::CASES,
        data::CASES,
        people::CASES,
        keys::CASES,
    ]
    .into_iter()
    .flatten()
}
