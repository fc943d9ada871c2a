//! Judging connectors: the suite plays the server, which behaves and misbehaves on purpose, and watches both ends.

pub mod driver;
mod evidence;
mod flow;
pub mod keys;
mod leak;
pub mod login;
pub mod outcome;
mod patience;
mod queue;
pub mod real_names;
pub mod realm;
pub mod recorder;
pub mod run;
pub mod session;
pub mod setup;
pub mod tape;
pub mod testbed;
mod tls_ends;
pub mod usual;
pub mod wire;
