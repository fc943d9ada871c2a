//! The API before FAPI, by a relying party made of the oracle's rules: what keeps every rule, and what breaks one.

mod connector;
mod described;
mod faults;
mod flow;
mod hostile;
mod party;
mod rules;
mod settings;
