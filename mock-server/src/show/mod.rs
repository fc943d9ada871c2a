//! `config show`: the whole configuration as a file that can be used again, each value with where it comes from.

mod layout;
mod server;
mod value;

use crate::config::shown::Shown;
use crate::config::{ClientRegistration, Config};
use crate::profile;
use crate::text::visible;
use layout::{Entry, Page};

/// How it is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// Secrets and keys are printed, too.
    pub secrets: bool,
    /// Comments and tables are told apart by colour.
    pub colour: bool,
}

/// What of the configuration the command line and the environment gave.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Keys of `[server]`, each with the option or variable that set it.
    pub settings: Vec<(&'static str, String)>,
    /// What no file can say, as options, each with where it comes from.
    pub beside: Vec<(String, String)>,
}

/// The keys of `[server]` that an option adds to, instead of taking their place.
const ADDED_TO: [&str; 3] = ["public_urls", "redirect_uris", "https_faults"];

/// The text.
pub fn document(config: &Config, given: &Given, look: Look) -> String {
    let tables = Tables { config, given, look };
    let mut page = Page::default();
    tables.add(&mut page, "server", server::shown(config));
    tables.add(&mut page, "tls", server::tls());
    tables.add(&mut page, "service.rsa", server::service_key());
    for section in profile::protocols(profile::ALL).sections() {
        tables.add(&mut page, section.name, (section.shown)(config));
    }
    for client in config.clients.values() {
        tables.add_client(&mut page, client);
    }
    let head = head(given, page.left_out());
    page.written(&head, &built_in(config), look.colour)
}

/// The tables of a configuration, and where their values come from.
#[derive(Clone, Copy)]
struct Tables<'c> {
    config: &'c Config,
    given: &'c Given,
    look: Look,
}

impl Tables<'_> {
    fn add(self, page: &mut Page, name: &str, settings: Vec<Shown>) {
        page.table(format!("[{name}]"));
        self.add_settings(page, name, settings);
    }

    /// Those of the file alone: what is built in is there whatever the file says.
    fn add_client(self, page: &mut Page, client: &ClientRegistration) {
        let Some(path) = self.config.sources.table_of_client(&client.id) else { return };
        page.table("[[client]]".to_owned());
        // an id is shown as it is, however much it looks like a key: Singpass makes them of chance
        page.entry(Entry::new("id", value::quoted(&client.id), self.origin(path, "id")));
        self.add_settings(page, path, server::client(client));
        for section in profile::protocols(profile::ALL).sections() {
            let Some(settings) = (section.client_shown)(client) else { continue };
            page.table(format!("[client.{}]", section.name));
            self.add_settings(page, &format!("{path}.{}", section.name), settings);
        }
    }

    /// The settings of a table; `path` is what the readers of files call it.
    fn add_settings(self, page: &mut Page, path: &str, settings: Vec<Shown>) {
        for setting in settings {
            let kept = self.config.sources.kept(&format!("{path}.{}", setting.key));
            let origin = self.origin(path, setting.key);
            page.entry(value::entry(&setting, kept, origin, self.look));
        }
    }

    fn origin(self, path: &str, key: &str) -> String {
        let given = self.given.settings.iter().find(|(name, _)| path == "server" && *name == key);
        let given = given.map(|(_, origin)| origin.clone());
        let place = self.config.sources.place(&format!("{path}.{key}")).map(|place| visible(&place));
        match (place, given) {
            (Some(place), Some(given)) if ADDED_TO.contains(&key) => format!("{place}, {given}"),
            (_, Some(given)) => given,
            (Some(place), None)
                if key == "redirect_uris" && !self.config.redirect_uris.is_empty() && path != "server" =>
            {
                format!("{place}, [server]")
            }
            (Some(place), None) => place,
            (None, None) => "default".to_owned(),
        }
    }
}

/// What stands above the tables.
fn head(given: &Given, left_out: usize) -> Vec<String> {
    let mut head = vec![
        "What the server would start with, and where each value comes from.".to_owned(),
        "Saved to a file, it can be given with --config; names of files are whole.".to_owned(),
    ];
    match left_out {
        0 => {}
        1 => head.push("One value is left out: write it in, or give --show-secrets.".to_owned()),
        count => head.push(format!("{count} values are left out: write them in, or give --show-secrets.")),
    }
    if !given.beside.is_empty() {
        head.push("No file can say this; give it again:".to_owned());
        head.extend(given.beside.iter().map(|(option, origin)| format!("  {}  # {origin}", visible(option))));
    }
    head
}

/// What stands below them.
fn built_in(config: &Config) -> Vec<String> {
    let sections = profile::protocols(profile::ALL).sections();
    let built_in = config.clients.values().filter(|client| config.sources.table_of_client(&client.id).is_none());
    let lines = built_in.map(|client| {
        let own = sections.iter().filter(|section| (section.client_shown)(client).is_some());
        let own: Vec<&str> = own.map(|section| section.name).collect();
        format!("  {:<34}{:<6}{}", client.id, own.join(" "), visible(&client.name))
    });
    let title = "Clients that are built in; a [[client]] with such an id takes its place:".to_owned();
    std::iter::once(title).chain(lines).collect()
}

#[cfg(test)]
mod tests;
