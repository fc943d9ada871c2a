//! TLS: an authority of the mock's own, leaves for the real host names, and certificates that are wrong on purpose.

pub(crate) mod acceptor;
pub(crate) mod authority;
mod constraints;
pub(crate) mod fault;
pub(crate) mod names;
pub(crate) mod state_dir;
pub(crate) mod trust_store;
