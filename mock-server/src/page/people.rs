//! The pages on which people are searched and chosen: the login page, the list of all, one person.

use super::{render, written};
use crate::http::exchange::Answer;
use crate::persona::properties::Properties;
use crate::persona::search::Search;
use crate::persona::{Group, Persona, Personas};
use crate::refusal::Failure;
use askama::Template;
use time::Date;
use warp::http::StatusCode;

/// Searches that are one click away, as somebody would type them.
const QUICK: [&str; 11] = [
    "Citizens",
    "PRs",
    "Foreigners",
    "Women",
    "Men",
    "With children",
    "With a car",
    "No address",
    "Over 60",
    "Under 21",
    "No Myinfo data",
];

/// The login page.
#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage<'a> {
    application: &'a str,
    transaction: &'a str,
    search: &'a str,
    /// What a link to another search begins with.
    action: String,
    quick: Vec<&'static str>,
    groups: Vec<PersonaGroup>,
}

impl<'a> LoginPage<'a> {
    pub(crate) fn new(application: &'a str, transaction: &'a str, found: Found<'a>) -> Self {
        let action = format!("login?transaction={transaction}&");
        Self { application, transaction, search: found.search, action, quick: found.quick, groups: found.groups }
    }
}

/// Everybody, or whom a search finds.
#[derive(Template)]
#[template(path = "people.html")]
pub(crate) struct PeoplePage<'a> {
    base: &'a str,
    search: &'a str,
    quick: Vec<&'static str>,
    found: usize,
    everybody: usize,
    groups: Vec<PersonaGroup>,
}

impl<'a> PeoplePage<'a> {
    pub(crate) fn new(base: &'a str, everybody: usize, found: Found<'a>) -> Self {
        let count = found.groups.iter().map(|group| group.rows.len()).sum();
        Self { base, search: found.search, quick: found.quick, found: count, everybody, groups: found.groups }
    }
}

/// One person, with the document of each version.
#[derive(Template)]
#[template(path = "person.html")]
pub(crate) struct PersonPage<'a> {
    base: &'a str,
    row: PersonaRow,
    forms: Vec<FormOfPerson>,
}

impl<'a> PersonPage<'a> {
    pub(crate) fn new(base: &'a str, persona: &Persona, today: Date, forms: Vec<FormOfPerson>) -> Self {
        let account = persona.account.without_data().unwrap_or_default();
        Self { base, row: PersonaRow::new(persona, &Properties::of(persona, today), account), forms }
    }
}

/// A person's document as one version sends it.
pub(crate) struct FormOfPerson {
    /// The version's name: `v3`.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// Indented JSON.
    pub(crate) document: String,
}

/// Whom a search found, in groups.
pub(crate) struct Found<'a> {
    search: &'a str,
    /// The searches beside it that find somebody.
    quick: Vec<&'static str>,
    groups: Vec<PersonaGroup>,
}

impl<'a> Found<'a> {
    /// Puts the people whom a search finds under the headings of their groups; `account` says what is to be known of an
    /// account.
    pub(crate) fn new(search: &'a str, personas: &Personas, today: Date, account: impl Fn(&Persona) -> String) -> Self {
        // all of it is looked up once, for this search and those beside it
        let people: Vec<_> = personas.iter().map(|persona| (persona, Properties::of(persona, today))).collect();
        let (wanted, mut groups): (_, Vec<PersonaGroup>) = (Search::read(search), Vec::new());
        for (persona, properties) in people.iter().filter(|(persona, properties)| wanted.fits(persona, properties)) {
            let title = persona.group.title();
            if groups.last().is_none_or(|group| group.title != title) {
                // without a search those come first that most people look for; the others are a click away
                let open = !search.trim().is_empty() || matches!(persona.group, Group::Own | Group::Coverage);
                groups.push(PersonaGroup { title, open, rows: Vec::new() });
            }
            if let Some(group) = groups.last_mut() {
                group.rows.push(PersonaRow::new(persona, properties, account(persona)));
            }
        }
        Self { search, quick: leading_somewhere(&people), groups }
    }
}

/// The quick searches that find somebody.
fn leading_somewhere(people: &[(&Persona, Properties)]) -> Vec<&'static str> {
    let finds = |typed: &&str| {
        let search = Search::read(typed);
        people.iter().any(|(persona, properties)| search.fits(persona, properties))
    };
    QUICK.into_iter().filter(finds).collect()
}

/// Personas under one heading.
struct PersonaGroup {
    title: &'static str,
    /// Whether the login page shows them at once.
    open: bool,
    rows: Vec<PersonaRow>,
}

/// A persona to choose.
struct PersonaRow {
    id: String,
    name: String,
    why: String,
    properties: String,
    /// What is to be known of the account; may be empty.
    account: String,
}

impl PersonaRow {
    fn new(persona: &Persona, properties: &Properties, account: String) -> Self {
        Self {
            id: persona.id.clone(),
            name: persona.name.clone(),
            why: persona.why.clone(),
            properties: properties.chips().join(" · "),
            account,
        }
    }
}

/// Renders the login page.
pub(crate) fn login(page: &LoginPage<'_>) -> Result<Answer, Failure> {
    Ok(Answer::page(StatusCode::OK, written(page)?))
}

/// Renders the list of people.
pub(crate) fn people(page: &PeoplePage<'_>) -> Result<Answer, Failure> {
    render(page)
}

/// Renders one person.
pub(crate) fn person(page: &PersonPage<'_>) -> Result<Answer, Failure> {
    render(page)
}
