//! Judging servers: the suite plays the client, keeps every rule but one, and says whether the server noticed.

pub mod answer;
pub mod client;
pub mod curl;
pub mod fapi;
pub mod http;
pub mod instance;
pub mod login;
pub(crate) mod own_fapi;
pub mod realms;
pub mod replay;
pub mod run;
pub mod seed;
mod started;
pub mod target;
pub mod target_fapi;
pub mod target_file;
pub mod trial;
