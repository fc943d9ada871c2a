//! The pages about clients: all of them, and one with its redirect URIs, its keys and what it is to each profile.

use super::render;
use super::rules::hold;
use crate::config::ClientRegistration;
use crate::http::exchange::Answer;
use crate::refusal::Failure;
use askama::Template;
use serde_json::{Map, Value};

/// All clients, or those in which every word of a search stands.
#[derive(Template)]
#[template(path = "clients.html")]
pub(crate) struct ClientsPage<'a> {
    base: &'a str,
    search: &'a str,
    everybody: usize,
    clients: Vec<ClientPart<'a>>,
}

impl<'a> ClientsPage<'a> {
    pub(crate) fn new(base: &'a str, search: &'a str, clients: Vec<ClientPart<'a>>) -> Self {
        let everybody = clients.len();
        let clients = clients.into_iter().filter(|client| client.holds(search)).collect();
        Self { base, search, everybody, clients }
    }
}

/// A client, and the profiles that it is registered for.
pub(crate) struct ClientPart<'a> {
    pub(crate) client: &'a ClientRegistration,
    pub(crate) profiles: Vec<&'static str>,
}

impl ClientPart<'_> {
    fn holds(&self, search: &str) -> bool {
        let texts = [self.client.id.as_str(), &self.client.name].into_iter();
        let uris = self.client.redirect_uris.iter().map(String::as_str);
        let texts: Vec<&str> = texts.chain(uris).chain(self.profiles.iter().copied()).collect();
        hold(&texts, search)
    }
}

/// One client.
#[derive(Template)]
#[template(path = "client.html")]
pub(crate) struct ClientPage<'a> {
    pub(crate) base: &'a str,
    /// The address that its files are made for.
    pub(crate) origin: &'a str,
    pub(crate) client: &'a ClientRegistration,
    pub(crate) sections: Vec<ProfileSection>,
    /// The lines that it is configured with; may be empty.
    pub(crate) settings: String,
    /// What is odd about it.
    pub(crate) warnings: Vec<String>,
}

/// What a client is to one profile.
pub(crate) struct ProfileSection {
    name: &'static str,
    facts: Vec<(String, String)>,
    keys: Vec<KeyRow>,
}

impl ProfileSection {
    /// A profile's description of a client, as the admin API gives it: there is no secret in it.
    pub(crate) fn new(name: &'static str, described: &Value) -> Self {
        let nothing = Map::new();
        let members = described.as_object().unwrap_or(&nothing);
        let is_key = |name: &String| name == "key" || name == "keys";
        let facts = members.iter().filter(|(name, _)| !is_key(name));
        let keys = ["key", "keys"].into_iter().filter_map(|name| members.get(name)).flat_map(listed);
        Self {
            name,
            facts: facts.map(|(name, value)| (name.replace('_', " "), told(value))).collect(),
            keys: keys.filter_map(KeyRow::of).collect(),
        }
    }
}

/// A public key.
struct KeyRow {
    kid: String,
    thumbprint: String,
    /// What else is known of it: `sig, ES256`.
    kind: String,
}

impl KeyRow {
    fn of(described: &Value) -> Option<Self> {
        let key = described.as_object()?;
        let text = |name: &str| key.get(name).map(told).unwrap_or_default();
        let others = key.iter().filter(|(name, _)| !["kid", "thumbprint"].contains(&name.as_str()));
        let kind = others.filter(|(_, value)| !value.is_null()).map(|(name, value)| format!("{name} {}", told(value)));
        Some(Self { kid: text("kid"), thumbprint: text("thumbprint"), kind: kind.collect::<Vec<_>>().join(", ") })
    }
}

fn listed(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |list| list.iter().collect())
}

/// A value for a person to read.
fn told(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "none".to_owned(),
        Value::Array(list) => list.iter().map(told).collect::<Vec<_>>().join(" "),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// Renders the clients.
pub(crate) fn clients(page: &ClientsPage<'_>) -> Result<Answer, Failure> {
    render(page)
}

/// Renders one client.
pub(crate) fn client(page: &ClientPage<'_>) -> Result<Answer, Failure> {
    render(page)
}
