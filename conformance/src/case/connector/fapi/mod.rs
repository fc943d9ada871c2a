//! The cases of FAPI's relying parties, a file for each part of the flow that they act on.

mod answers;
mod callback;
mod data;
mod discovery;
mod flows;
mod id_token;
mod id_token_header;
mod keys;
mod migration;
mod par;
mod proofs;
mod token;
mod userinfo;
mod userinfo_answer;

use crate::case::connector::ConnectorCase;
pub(super) use par::expect_form;
pub(super) use proofs::expect_assertion;

/// Every case, in the order of the flow.
pub fn cases() -> impl Iterator<Item = &'static ConnectorCase> {
    [
        discovery::CASES,
        par::CASES,
        proofs::CASES,
        answers::CASES,
        callback::CASES,
        token::CASES,
        id_token::CASES,
        id_token_header::CASES,
        userinfo::CASES,
        userinfo_answer::CASES,
        data::CASES,
        keys::CASES,
        flows::CASES,
    ]
    .into_iter()
    .flatten()
}

/// The cases of a move that was made by half, which run where one is said to be made.
pub fn of_migrations() -> impl Iterator<Item = &'static ConnectorCase> {
    migration::CASES.iter()
}
