//! The cases of v3 servers, a file for each part of the protocol that a hostile client attacks.

mod answer;
mod authorise;
mod document;
mod freshness;
mod person;
mod signature;
mod token;
mod wrongly_signed;

use crate::case::server::ServerCase;

/// Every case, in the order of the flow.
pub fn cases() -> impl Iterator<Item = &'static ServerCase> {
    [authorise::CASES, signature::CASES, freshness::CASES, token::CASES, answer::CASES, person::CASES, document::CASES]
        .into_iter()
        .flatten()
}
