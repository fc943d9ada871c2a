//! HTTP: requests in, answers out. Knows no realm and no profile.

pub(crate) mod exchange;
pub(crate) mod pairs;
pub(crate) mod recover;
