//! What `config show` tells of v3: its part of each client, and its settings.

use super::client::Client;
use super::settings::V3Settings;
use crate::config::Config;
use std::fmt::Write;

/// The text; without secrets and keys.
pub(super) fn show(config: &Config) -> String {
    let mut text = String::new();
    for client in config.clients.values().filter_map(Client::of) {
        let _ = writeln!(text, "\nclient {} in v3", client.id);
        let _ = writeln!(text, "  flavour        {}", client.v3.flavour.unwrap_or(config.flavour).name());
        let attributes = client.v3.attributes.as_ref().map_or_else(|| "all".to_owned(), |list| list.join(","));
        let _ = writeln!(text, "  attributes     {attributes}");
        let _ = writeln!(text, "  key            {}", if client.v3.key.is_some() { "registered" } else { "none" });
    }
    let _ = writeln!(text, "\nv3 settings\n{:#?}", V3Settings::of(config));
    text
}
