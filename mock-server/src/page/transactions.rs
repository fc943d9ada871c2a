//! The list of transactions: a card for each, newest first, with a search.

use super::{filters, render};
use crate::ambient::Timestamp;
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::journal::notices::Notice;
use crate::journal::transaction::TransactionView;
use crate::refusal::Failure;
use crate::text::encode;
use askama::Template;
use std::collections::BTreeSet;

/// How many cards a page has.
pub(crate) const CARDS: usize = 50;

/// The list of transactions.
#[derive(Template)]
#[template(path = "transactions.html")]
pub(crate) struct TransactionsPage<'a> {
    pub(crate) base: &'a str,
    pub(crate) origin: &'a str,
    pub(crate) search: &'a str,
    /// The query of the page's own address.
    pub(crate) query: &'a Pairs,
    /// What the list can be narrowed down to; nothing where it is empty.
    pub(crate) choices: Vec<Choice>,
    /// Whether the journal holds any login, shown or not.
    pub(crate) came: bool,
    pub(crate) cards: &'a [Card],
    pub(crate) place: Place,
    /// After how many seconds the page loads itself again.
    pub(crate) refresh: Option<u32>,
    pub(crate) armed: Vec<&'static str>,
    pub(crate) queued: usize,
    /// The newest configurations that were read again, newest first.
    pub(crate) reloads: Vec<ReloadRow>,
}

impl TransactionsPage<'_> {
    /// The journal's conditions that the address sets, each with its value.
    fn conditions(&self) -> Vec<(&str, &str)> {
        self.query.iter().filter(|(name, _)| CONDITIONS.contains(name)).collect()
    }

    /// What a search keeps of the address and nothing on the page sets: conditions, and whether the page stands still.
    fn hidden(&self) -> Vec<(&str, &str)> {
        let is_offered = |name: &str| self.choices.iter().any(|choice| choice.name == name);
        let still = self.query.iter().filter(|(name, _)| *name == "refresh");
        self.conditions().into_iter().chain(still).filter(|(name, _)| !is_offered(name)).collect()
    }

    /// Whether one of the lists has a choice, which must be seen.
    fn narrowed(&self) -> bool {
        self.choices.iter().any(|choice| choice.chosen.is_some())
    }

    /// The same list without one of the conditions.
    fn without(&self, name: &str) -> String {
        self.link(&[name, "page"], None)
    }

    /// The page before this one.
    fn newer(&self) -> String {
        self.turned_to(self.place.page() - 1)
    }

    /// The page behind this one.
    fn older(&self) -> String {
        self.turned_to(self.place.page() + 1)
    }

    fn turned_to(&self, page: usize) -> String {
        self.link(&["page"], Some(("page", &page.to_string())))
    }

    /// The same page, which stays as it is.
    fn held(&self) -> String {
        self.link(&["refresh"], Some(("refresh", "0")))
    }

    /// The same page, which loads itself again.
    fn reloading(&self) -> String {
        self.link(&["refresh"], None)
    }

    /// This page's query with some parameters left out, and one set.
    fn link(&self, without: &[&str], with: Option<(&str, &str)>) -> String {
        let kept = self.query.iter().filter(|(name, _)| !without.contains(name)).chain(with);
        let pairs: Vec<String> = kept.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        format!("?{}", pairs.join("&"))
    }
}

/// The parameters that the list is narrowed down by, beside words.
const CONDITIONS: [&str; 9] =
    ["outcome", "client", "state", "rule", "status", "event", "transaction", "after", "since"];

/// A condition that is chosen from a list.
pub(crate) struct Choice {
    /// What the query calls it.
    pub(crate) name: &'static str,
    label: &'static str,
    values: BTreeSet<String>,
    chosen: Option<String>,
}

impl Choice {
    /// Of these values, in their order, each once.
    pub(crate) fn new(name: &'static str, label: &'static str, values: impl Iterator<Item = String>) -> Self {
        Self { name, label, values: values.collect(), chosen: None }
    }

    /// Chooses a value, whether the list has it or not.
    pub(crate) fn choose(&mut self, value: Option<&str>) {
        self.chosen = value.map(str::to_owned);
        self.values.extend(self.chosen.clone());
    }

    fn is_chosen(&self, value: &str) -> bool {
        self.chosen.as_deref() == Some(value)
    }
}

/// A configuration that was read again.
pub(crate) struct ReloadRow {
    pub(crate) at: String,
    pub(crate) taken: bool,
    pub(crate) says: Vec<String>,
}

impl ReloadRow {
    pub(crate) fn new(notice: &Notice) -> Self {
        Self { at: notice.at.rfc3339(), taken: notice.taken, says: notice.says.clone() }
    }
}

/// Which part of a list a page shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Of the first card, from 0.
    pub(crate) first: usize,
    /// How many there are on all pages.
    pub(crate) of: usize,
}

impl Place {
    /// The page's number, from 1.
    const fn page(&self) -> usize {
        self.first / CARDS + 1
    }

    /// How many pages there are.
    const fn pages(&self) -> usize {
        self.of.div_ceil(CARDS)
    }

    const fn last_page(&self) -> bool {
        self.first + CARDS >= self.of
    }
}

/// One transaction.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) view: TransactionView,
    /// How long ago it began: `2 min ago`.
    pub(crate) ago: String,
    /// From its first request to its last: `1.2 s`.
    pub(crate) took: String,
}

impl Card {
    pub(crate) fn new(view: TransactionView, began: Timestamp, now: Timestamp) -> Self {
        Self { ago: ago(now.0.saturating_sub(began.0)), took: took(view.milliseconds), view }
    }
}

/// A span of time until now, in the largest unit that fits.
fn ago(milliseconds: u64) -> String {
    match milliseconds / 1000 {
        0..5 => "just now".to_owned(),
        seconds @ 5..60 => format!("{seconds} s ago"),
        seconds @ 60..3_600 => format!("{} min ago", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h ago", seconds / 3_600),
        seconds @ 86_400..172_800 => format!("{} day ago", seconds / 86_400),
        seconds => format!("{} days ago", seconds / 86_400),
    }
}

/// A duration; below a second in milliseconds.
pub(super) fn took(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!("{} min", milliseconds / 60_000),
    }
}

/// Renders the list of transactions.
pub(crate) fn transactions(page: &TransactionsPage<'_>) -> Result<Answer, Failure> {
    render(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_say_them() {
        let told = [0, 5_000, 59_999, 60_000, 7_200_000, 86_400_000, 200_000_000].map(ago);
        assert_eq!(told, ["just now", "5 s ago", "59 s ago", "1 min ago", "2 h ago", "1 day ago", "2 days ago"]);
        assert_eq!([0, 999, 1_250, 61_000].map(took), ["0 ms", "999 ms", "1.2 s", "1 min"]);
    }

    #[test]
    fn a_list_has_pages() {
        let pages = [(0, 50), (0, 51), (50, 51)].map(|(first, of)| Place { first, of });
        assert_eq!(pages.map(|place| (place.page(), place.last_page())), [(1, true), (1, false), (2, true)]);
    }
}
