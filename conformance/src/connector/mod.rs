//! Judging connectors: the suite plays the server, which behaves and misbehaves on purpose, and watches both ends.

pub mod driver;
pub mod keys;
pub mod login;
pub mod outcome;
pub mod recorder;
pub mod run;
pub mod session;
pub mod setup;
pub mod tape;
pub mod testbed;
mod usual;
pub mod wire;
