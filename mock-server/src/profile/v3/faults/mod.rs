//! The faults of v3: what is done at which stage, against which clause, and what a good client does about it.

mod acceptance;
mod documents;
mod redirects;
mod replies;

use crate::fault::Fault;

/// Every fault of v3, in the order of the flow.
pub(super) const ALL: &[&[Fault]] = &[
    redirects::FAULTS,
    replies::OF_TOKEN,
    documents::ACCESS_TOKEN,
    replies::OF_PERSON,
    documents::PERSON,
    acceptance::FAULTS,
];
