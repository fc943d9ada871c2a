//! Judges Myinfo connectors: drives any of them, in any language, through the whole flow, against a server that behaves
//! and misbehaves on purpose, and says for each requirement whether the connector keeps it, with the evidence.

pub mod baseline;
pub mod bench;
pub mod case;
pub mod clause;
pub mod cli;
pub mod client;
pub mod driver;
pub mod handed;
pub mod notebook;
pub mod program;
pub mod recorder;
pub mod replay;
pub mod report;
pub mod run;
pub mod served;
pub mod server;
pub mod stage;
pub mod tape;
pub mod verdict;
pub mod wire;
