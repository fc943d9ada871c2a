//! Drives Myinfo connectors and servers through the whole flow.
//!
//! Today: a client made of the oracle's plain rules ([`client`]), with which the tests set server, connector and oracle
//! against each other, and the load for the benchmark ([`mod@bench`]).

pub mod bench;
pub mod client;
