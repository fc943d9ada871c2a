//! Clients made of the oracle's plain rules, a file for each profile: every part of a request can be changed before it is sent.

pub mod fapi;
pub mod v3;
