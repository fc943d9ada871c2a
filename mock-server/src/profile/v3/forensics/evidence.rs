//! What is known about a request whose signature does not verify.

use super::super::parameters::SHOWN;
use super::super::pki_sign::PkiSign;
use super::recipe::{Origin, Part, Recipe};
use crate::doctor::difference::Field;
use crate::http::pairs::Pairs;
use crate::text::is_name;
use std::borrow::Cow;

/// What is known about a request whose signature does not verify.
pub(crate) struct Evidence<'a> {
    /// The base string as it should be.
    pub(super) recipe: Recipe<'a>,
    /// The same with every value masked that is, or might be, a secret.
    pub(super) masked: Recipe<'a>,
    /// The URLs that the server accepts; the first is the one as received.
    pub(super) urls: &'a [String],
    pub(in super::super) query: &'a str,
    pub(in super::super) bearer: Option<&'a str>,
    pub(in super::super) signature_text: Option<&'a str>,
    /// Names and values that a client might have signed without sending them, or that it sent otherwise.
    pub(in super::super) known: Vec<(String, String)>,
    /// Origins that the client may believe it calls: those of forwarding headers, for example.
    pub(in super::super) other_origins: Vec<String>,
    /// Ids and secrets of other clients.
    pub(in super::super) other_clients: Vec<(String, String)>,
    /// How many bytes a search may cost.
    pub(super) budget: usize,
}

impl<'a> Evidence<'a> {
    /// Evidence from what was sent; the header read and as text. The optional fields are filled in by the caller.
    pub(in super::super) fn new(
        method: &'a str,
        urls: &'a [String],
        (header, text): (&'a PkiSign, &str),
        parameters: &'a Pairs,
    ) -> Self {
        let recipe = recipe(method, urls, (header, text), parameters);
        let mut masked = Recipe { masked: true, raw: "[as sent]".into(), ..recipe.clone() };
        for part in &mut masked.parts {
            if matches!(part.origin, Origin::Parameter(_)) && !SHOWN.contains(&&*part.name) {
                part.value = Cow::Borrowed("[redacted]");
            }
            if !is_name(&part.name) {
                part.name = Cow::Borrowed("[redacted]");
            }
        }
        Self {
            recipe,
            masked,
            urls,
            query: "",
            bearer: None,
            signature_text: None,
            known: Vec::new(),
            other_origins: Vec::new(),
            other_clients: Vec::new(),
            budget: BUDGET,
        }
    }

    /// The body or query as it was sent.
    pub(in super::super) fn sent_as(&mut self, raw: &'a str) {
        self.recipe.raw = Cow::Borrowed(raw);
    }

    /// Nobody waits: the search may cost eight times as much.
    pub(in super::super) const fn take_time(&mut self) {
        self.budget = BUDGET * 8;
    }

    /// The expected base string, secrets masked.
    pub(super) fn expected(&self) -> String {
        self.masked.text()
    }

    /// The texts that the server would accept.
    pub(super) fn accepted(&self) -> impl Iterator<Item = String> {
        self.urls.iter().map(|url| {
            let mut recipe = self.recipe.clone();
            recipe.address = super::address::Address::of(url);
            recipe.text()
        })
    }

    /// Where each field of the base string comes from, secrets masked.
    pub(super) fn fields(&self) -> Vec<Field> {
        let mut url = String::new();
        self.recipe.address.write(&mut url);
        let first = [
            Field { name: "method".to_owned(), from: "the request line", value: self.recipe.method.to_string() },
            Field { name: "URL".to_owned(), from: "Host header and path", value: url },
        ];
        let from = |origin| match origin {
            Origin::Header(_) => "Authorization header",
            Origin::Parameter(_) if self.recipe.method == "GET" => "query",
            Origin::Parameter(_) => "form body",
            Origin::Added => "nowhere",
        };
        let mut parts: Vec<&Part<'_>> = self.masked.parts.iter().collect();
        parts.sort_by(|one, other| one.name.cmp(&other.name));
        let parts = parts.into_iter().map(|part| Field {
            name: part.name.to_string(),
            from: from(part.origin),
            value: part.value.to_string(),
        });
        first.into_iter().chain(parts).collect()
    }

    /// The parameters in the order in which they were sent.
    pub(super) fn sent(&self) -> impl Iterator<Item = (&str, &str)> {
        let parts = self.recipe.parts.iter().filter(|part| matches!(part.origin, Origin::Parameter(_)));
        parts.map(|part| (&*part.name, &*part.value))
    }

    /// The piece of the raw body or query that holds a parameter.
    pub(super) fn raw_of(&self, name: &str) -> Option<&str> {
        self.recipe.raw.split('&').find_map(|piece| piece.strip_prefix(name)?.strip_prefix('='))
    }
}

fn recipe<'a>(
    method: &'a str,
    urls: &'a [String],
    (header, text): (&'a PkiSign, &str),
    parameters: &'a Pairs,
) -> Recipe<'a> {
    let fields = header.in_sent_order(text).into_iter().enumerate().map(|(place, (name, value))| Part {
        name: name.into(),
        value: value.into(),
        origin: Origin::Header(place),
    });
    let sent = parameters.iter().enumerate().map(|(place, (name, value))| Part {
        name: name.into(),
        value: value.into(),
        origin: Origin::Parameter(place),
    });
    Recipe::new(method, urls.first().map_or("", String::as_str), fields.chain(sent).collect())
}

/// How many bytes one search costs at most: several times what a usual request needs, and a bounded time for any other.
const BUDGET: usize = 16 * 1024 * 1024;
