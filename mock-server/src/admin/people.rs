//! The pages about people: everybody with a search, and one person's documents.

use super::personas::{find, today};
use super::request::{AdminError, Ask};
use crate::http::exchange::Answer;
use crate::page;
use crate::page::people::{self, FormOfPerson, Found, PeoplePage, PersonPage};
use crate::persona::Persona;
use crate::persona::catalogue::Version;
use crate::persona::selection::whole;
use crate::text::capitalised;
use serde_json::{Value, json};

/// The versions whose documents are shown.
const FORMS: [(Version, &str); 2] =
    [(Version::V5, "What Myinfo v5 sends at userinfo (FAPI)"), (Version::V3, "What Myinfo v3 sends at person")];

/// `GET personas.html`: everybody, or whom `?q=` means.
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let (book, today) = (ask.app.book(), today(ask));
    let search = ask.query.value("q").unwrap_or_default();
    let account =
        |persona: &Persona| persona.account.without_data().map_or_else(String::new, |says| capitalised(&says));
    let found = Found::new(search, &book.personas, today, account);
    let page = PeoplePage::new(&ask.incoming.base, book.personas.iter().count(), found);
    Ok(people::people(&page).unwrap_or_else(|failure| page::failure(&failure)))
}

/// `GET personas/{id}.html`: one person.
pub(super) fn show(ask: &Ask<'_>, id: &str) -> Result<Answer, AdminError> {
    let (book, today) = (ask.app.book(), today(ask));
    let persona = find(&book, id)?;
    let forms = if persona.account.without_data().is_some() { Vec::new() } else { documents(ask, persona) };
    let page = PersonPage::new(&ask.incoming.base, persona, today, forms);
    Ok(people::person(&page).unwrap_or_else(|failure| page::failure(&failure)))
}

fn documents(ask: &Ask<'_>, persona: &Persona) -> Vec<FormOfPerson> {
    let person = persona.sent(today(ask));
    let document = |(version, title): (Version, &'static str)| {
        let sent = Value::Object(whole(&person, version, &ask.app.catalogue));
        let sent = if version == Version::V5 { json!({"person_info": sent}) } else { sent };
        FormOfPerson { name: version.name(), title, document: format!("{sent:#}") }
    };
    FORMS.into_iter().map(document).collect()
}
