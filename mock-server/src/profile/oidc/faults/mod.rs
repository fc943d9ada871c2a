//! The faults of the API before FAPI. Those of `/.well-known/keys` are FAPI's: the two APIs have one set.

mod acceptance;
mod documents;
mod replies;

use crate::fault::Fault;

/// Every fault, in the order of the flow.
pub(super) const ALL: &[&[Fault]] = &[
    replies::BEFORE_TOKEN,
    replies::OF_TOKEN,
    documents::ID_TOKEN,
    replies::OF_USERINFO,
    documents::USERINFO,
    acceptance::FAULTS,
];
