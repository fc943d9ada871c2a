//! Judging servers: the suite plays the client, keeps every rule but one, and says whether the server noticed.

pub mod client;
pub mod http;
pub mod instance;
pub mod login;
pub mod realms;
pub mod run;
mod started;
pub mod target;
pub mod target_file;
pub mod trial;
