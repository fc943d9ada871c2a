//! The cases of servers of the API before FAPI, a file for each part of the protocol. Plans and trial are FAPI's: what differs is what
//! the client of the instance sends.

mod auth;
mod documents;
mod token;
mod userinfo;

use super::ServerCase;
use super::fapi::{defects, need_clock, verbs, with_code, with_token};

/// Every case, in the order of the flow.
pub fn cases() -> impl Iterator<Item = &'static ServerCase> {
    [documents::PUBLISHED, auth::CASES, token::CASES, documents::ID_TOKEN, userinfo::CASES, documents::USERINFO]
        .into_iter()
        .flatten()
}
