//! The cases of relying parties of the API before FAPI, a file for each part of the flow.

mod answers;
mod id_token;
mod requests;
mod userinfo;

use crate::case::connector::ConnectorCase;

/// Every case, in the order of the flow.
pub fn cases() -> impl Iterator<Item = &'static ConnectorCase> {
    [requests::CASES, answers::CASES, id_token::CASES, userinfo::CASES].into_iter().flatten()
}
