//! The faults of FAPI: what is done at which stage, against which clause, and what a good client does about it.

mod acceptance;
mod id_token;
mod metadata;
mod redirects;
mod replies;
mod userinfo;

use crate::fault::Fault;

/// Every fault of FAPI, in the order of the flow.
pub(super) const ALL: &[&[Fault]] = &[
    metadata::FAULTS,
    replies::OF_PAR,
    redirects::FAULTS,
    replies::OF_TOKEN,
    id_token::FAULTS,
    replies::OF_USERINFO,
    userinfo::FAULTS,
    acceptance::FAULTS,
];
