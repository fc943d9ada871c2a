//! The pages about clients: all of them with a search, and one with its public facts.

use super::clients::unknown;
use super::request::{AdminError, Ask};
use crate::config::{ClientRegistration, Config};
use crate::http::exchange::Answer;
use crate::page;
use crate::page::clients::{self, ClientPage, ClientPart, ClientsPage, ProfileSection};
use crate::profile::ALL;
use serde_json::Value;
use std::sync::LazyLock;

/// What every server begins with: the secrets of these clients are published.
static BUILT_IN: LazyLock<Option<Config>> = LazyLock::new(|| Config::built_in().ok());

/// `GET clients.html`: all, or those in which the words of `?q=` stand.
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let book = ask.app.book();
    let part = |client| ClientPart { client, profiles: described(ask, client).map(|(name, _)| name).collect() };
    let search = ask.query.value("q").unwrap_or_default();
    let page = ClientsPage::new(&ask.incoming.base, search, book.clients.values().map(part).collect());
    Ok(clients::clients(&page).unwrap_or_else(|failure| page::failure(&failure)))
}

/// `GET clients/{id}.html`: one.
pub(super) fn show(ask: &Ask<'_>, id: &str) -> Result<Answer, AdminError> {
    let book = ask.app.book();
    let client = book.client(id).ok_or_else(|| unknown(&book, id))?;
    let sections = described(ask, client).map(|(name, part)| ProfileSection::new(name, &part));
    let origin = ask.incoming.base_url();
    let page = ClientPage {
        base: &ask.incoming.base,
        origin: &origin,
        client,
        sections: sections.collect(),
        settings: settings(&ask.app.config, client, &origin),
        warnings: ask.app.warnings_of(client),
    };
    Ok(clients::client(&page).unwrap_or_else(|failure| page::failure(&failure)))
}

/// What a client is to each profile that it is registered for.
fn described<'c>(
    ask: &Ask<'_>,
    client: &'c ClientRegistration,
) -> impl Iterator<Item = (&'static str, Value)> + use<'c> {
    ask.app.protocols.sections().into_iter().filter_map(|section| Some((section.name, (section.describe)(client)?)))
}

/// The variables that `export` writes for a client, a line each; a secret that is not published is left out.
pub(super) fn settings(config: &Config, client: &ClientRegistration, base_url: &str) -> String {
    let built_in = BUILT_IN.as_ref().and_then(|config| config.clients.get(&client.id));
    let is_published = built_in.is_some_and(|own| own.secrets == client.secrets);
    let exports = ALL.iter().filter_map(|profile| (profile.export)(config, client, base_url).ok());
    let mut lines: Vec<String> = Vec::new();
    for (name, value) in exports.flat_map(|export| export.variables) {
        let withheld = !is_published && client.secrets.iter().any(|secret| secret.reveal() == value);
        let line = if withheld { format!("{name}=…") } else { format!("{name}={value}") };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}
