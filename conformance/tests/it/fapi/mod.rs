//! FAPI, by a relying party made of the oracle's rules: what keeps every rule, and what breaks one.

mod accounts;
mod client_keys;
mod connector;
mod connector_faults;
mod connector_rig;
mod described;
mod doctor;
mod explained;
pub(crate) mod faults;
mod flow;
mod hostile;
mod lives;
mod noted;
pub(crate) mod party;
mod pasted;
mod repeated;
mod rotation;
mod rules;
mod service;
mod settings;
