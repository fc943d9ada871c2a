//! Requests in, answers out, and the sockets under both.

pub(crate) mod door;
pub(crate) mod exchange;
pub(crate) mod pairs;
pub(crate) mod refusal;
pub(crate) mod reject;
pub(crate) mod serve;
