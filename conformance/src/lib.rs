//! Judges Myinfo connectors: drives any of them, in any language, through the whole flow, against a server that behaves
//! and misbehaves on purpose, and says for each requirement whether the connector keeps it, with the evidence.

pub mod baseline;
pub mod bench;
pub mod case;
pub mod clause;
pub mod cli;
pub mod clock;
pub mod connector;
pub mod evidence;
pub mod http;
pub mod judged;
pub mod masked;
pub mod migration;
pub mod notebook;
mod page;
pub mod profile;
mod program;
pub mod quote;
pub mod replay;
mod report;
pub mod run;
pub mod schema;
pub mod server;
mod text;
mod unread;
pub mod verdict;
