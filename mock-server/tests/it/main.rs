//! The mock server as its users meet it: the command line, the library, the pages, and hostile input.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test fail it by panicking")]

mod astray;
mod attack;
mod command_line;
mod config_file;
mod config_show;
mod console;
mod descriptions;
mod full_disk;
mod help;
mod hostile;
mod keys;
mod library;
mod logins;
mod no_authorities;
mod own_pages;
mod pages;
mod people_pages;
mod playground;
mod playground_tells;
mod process;
mod realm_pages;
mod registered;
mod reload;
mod robustness;
mod told;
