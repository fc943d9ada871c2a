//! The page of realms: which there are, what happened in each, how to make one, and to delete one by a click.

use super::render;
use crate::http::exchange::Answer;
use crate::refusal::Failure;
use askama::Template;

/// All realms, the default one first.
#[derive(Template)]
#[template(path = "realms.html")]
pub(crate) struct RealmsPage<'a> {
    pub(crate) base: &'a str,
    /// The address of the server, without any realm.
    pub(crate) origin: &'a str,
    pub(crate) realms: Vec<RealmPart>,
    /// Whether the admin API asks for a token.
    pub(crate) wants_token: bool,
    /// Why what was wanted was not done.
    pub(crate) problem: Option<String>,
}

/// A realm.
pub(crate) struct RealmPart {
    /// Empty for the default one.
    pub(crate) name: String,
    /// The address below which all of it is served.
    pub(crate) base_url: String,
    /// The ids of its clients.
    pub(crate) clients: Vec<String>,
    pub(crate) transactions: usize,
    /// How many faults are armed.
    pub(crate) armed: usize,
}

impl RealmPart {
    /// How many clients are named.
    const NAMED: usize = 5;

    /// What happened in it, what is armed, and who may call.
    fn facts(&self) -> String {
        let transactions = counted(self.transactions, "transaction");
        let armed = match self.armed {
            0 => String::new(),
            armed => format!(" · {} armed", counted(armed, "fault")),
        };
        format!("{transactions}{armed} · {}: {}", counted(self.clients.len(), "client"), self.named())
    }

    /// Its clients, as many as a line has room for.
    fn named(&self) -> String {
        let named = self.clients.iter().take(Self::NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        match self.clients.len().saturating_sub(Self::NAMED) {
            0 => named,
            more => format!("{named} and {more} more"),
        }
    }

    /// The pages that tell most of a realm, each with its address.
    fn pages(&self) -> impl Iterator<Item = (&'static str, String)> {
        let pages = [
            ("Logins", "/_mock/"),
            ("People", "/_mock/personas.html"),
            ("Clients", "/_mock/clients.html"),
            ("Faults", "/_mock/faults.html"),
            ("Playground", "/_mock/playground.html"),
        ];
        pages.into_iter().map(|(name, path)| (name, format!("{}{path}", self.base_url)))
    }
}

/// A number of things, in words.
fn counted(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Renders the realms.
pub(crate) fn realms(page: &RealmsPage<'_>) -> Result<Answer, Failure> {
    render(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_names_some_clients_and_counts_the_others() {
        let clients = ["A", "B", "C", "D", "E", "F", "G"].map(str::to_owned);
        let part = |count: usize| RealmPart {
            name: String::new(),
            base_url: String::new(),
            clients: clients.iter().take(count).cloned().collect(),
            transactions: 0,
            armed: 0,
        };
        assert_eq!(
            (part(5).named(), part(7).named()),
            ("A, B, C, D, E".to_owned(), "A, B, C, D, E and 2 more".to_owned())
        );
        assert_eq!((counted(1, "login"), counted(0, "login")), ("1 login".to_owned(), "0 logins".to_owned()));
    }
}
