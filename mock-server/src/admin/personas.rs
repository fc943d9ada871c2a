//! Personas over HTTP: list, show, put, merge over another one, delete.

use super::people;
use super::request::{AdminError, Ask, json};
use crate::app::App;
use crate::book::Book;
use crate::http::exchange::Answer;
use crate::persona::account::needless;
use crate::persona::check::check;
use crate::persona::properties::Properties;
use crate::persona::{self, Persona, dates, uinfin};
use serde_json::{Map, Value, json};
use time::Date;
use warp::http::StatusCode;

/// How many bytes the texts of personas may have together that are not built in.
const OWN_BYTES: usize = 8 * 1024 * 1024;

/// `GET personas`: id, name, description and properties of each, or of those whom the words of `?q=` mean.
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let book = ask.app.book();
    let today = today(ask);
    let found = book.personas.search(ask.query.value("q").unwrap_or_default(), today);
    let list: Vec<Value> = found.map(|persona| with_properties(persona, today)).collect();
    Ok(json(StatusCode::OK, &json!({"personas": list})))
}

/// `GET personas/{id}`: the whole document of today; with `.html` behind the id, its page.
pub(super) fn show(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    if let Some(id) = ask.segment.strip_suffix(".html") {
        return people::show(ask, id);
    }
    let book = ask.app.book();
    let persona = find(&book, ask.segment)?;
    let today = today(ask);
    let person = persona.person(today).into_owned();
    Ok(json(StatusCode::OK, &with(with_properties(persona, today), "person", Value::Object(person))))
}

/// `PUT personas/{id}`: a document; with `?base=ID` it is laid over that persona's (RFC 7396).
pub(super) fn put(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let base = ask.query.value("base");
    change(ask, ask.segment, base, Sent::of(ask)?)
}

/// `PATCH personas/{id}`: what changes in a persona's document (RFC 7396).
pub(super) fn patch(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let sent = Sent::of(ask)?;
    let id = find(&ask.app.book(), ask.segment)?.id.clone();
    change(ask, &id, Some(&id), sent)
}

/// `DELETE personas/{id}`.
pub(super) fn delete(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    ask.app.change_book(|book| {
        let id = find(book, ask.segment)?.id.clone();
        let mut personas = book.personas.clone();
        personas.remove(&id);
        Ok::<_, AdminError>(Book::new(book.clients.clone(), personas, book.edition + 1))
    })?;
    Ok(json(StatusCode::OK, &json!({"deleted": ask.segment})))
}

/// Puts a persona into a realm: `document` is a persona file's content.
///
/// What is wrong with it is told, unless it was wrong with `base` already: some published personas have such data.
pub(super) fn put_into(app: &App, document: &Value, base: Option<&Persona>) -> Result<Vec<String>, AdminError> {
    let mut warnings = Vec::new();
    app.change_book(|book| {
        let today = dates::singapore_day(app.clock.shown());
        let known = base.map_or_else(Vec::new, |base| check(&base.person(today), &app.catalogue, today));
        let read = persona::read_text(&document.to_string(), &app.catalogue, today, &known);
        let (persona, findings) = read.map_err(|problems| {
            let told = problems.iter().map(|problem| problem.trim_start_matches("error: "));
            AdminError::bad(told.collect::<Vec<_>>().join("; "))
        })?;
        warnings = findings.iter().map(ToString::to_string).collect();
        if book.personas.own_bytes(&persona.id) + persona.bytes > OWN_BYTES {
            let message = format!("personas of one's own may have {OWN_BYTES} bytes together: DELETE one first");
            return Err(AdminError::new(StatusCode::INSUFFICIENT_STORAGE, message));
        }
        let mut personas = book.personas.clone();
        personas.put(persona);
        Ok::<_, AdminError>(Book::new(book.clients.clone(), personas, book.edition + 1))
    })?;
    Ok(warnings)
}

/// Puts a document, laid over that of `base` if there is one.
fn change(ask: &Ask<'_>, id: &str, base: Option<&str>, sent: Sent) -> Result<Answer, AdminError> {
    let Sent { mut account, person: mut document } = sent;
    let merged = base.is_some();
    let before = ask.app.book();
    let base = match base {
        Some(base) => Some(find(&before, base)?),
        None => before.personas.find(id),
    };
    if merged && let Some(base) = base {
        let mut person = base.written().clone();
        let own_mask = document.contains_key("partialuinfin");
        merge(&mut person, document);
        // the masked number follows the number, unless it was given
        if let Some(Value::Object(mask)) = person.get_mut("partialuinfin").filter(|_| !own_mask)
            && mask.contains_key("value")
        {
            mask.insert("value".to_owned(), json!(uinfin::partial(id)));
        }
        document = person;
        account = merged_account(base.account.written(), account);
    }
    let uinfin = document
        .entry("uinfin")
        .or_insert_with(|| json!({"lastupdated": "2026-01-01", "source": "1", "classification": "C"}));
    if let Value::Object(uinfin) = uinfin {
        let own = uinfin.get("value").and_then(Value::as_str).unwrap_or(id).to_owned();
        if !merged && own != id {
            return Err(AdminError::bad(format!("the path names {id}, the document's `uinfin` is {own}")));
        }
        uinfin.insert("value".to_owned(), json!(id));
    }
    let file = match account {
        Some(account) => json!({"account": account, "person": document}),
        None => json!({"person": document}),
    };
    let warnings = put_into(ask.app, &file, base)?;
    let book = ask.app.book();
    Ok(json(StatusCode::OK, &with(summary(find(&book, id)?), "warnings", json!(warnings))))
}

/// What was sent: a person document, or a persona file with `person` in it; `account` may stand in both.
struct Sent {
    account: Option<Value>,
    person: Map<String, Value>,
}

impl Sent {
    fn of(ask: &Ask<'_>) -> Result<Self, AdminError> {
        let mut body: Map<String, Value> = ask.body()?;
        persona::no_misspelt_account(&body).map_err(AdminError::bad)?;
        let account = body.shift_remove("account");
        Ok(match body.get_mut("person").and_then(Value::as_object_mut).map(std::mem::take) {
            Some(person) => Self { account, person },
            None => Self { account, person: body },
        })
    }
}

/// A persona's account with what was sent laid over it; nothing for the usual one, which a patch has to name.
fn merged_account(before: Option<Value>, sent: Option<Value>) -> Option<Value> {
    let merged = match sent {
        None => before,
        Some(Value::Object(patch)) => {
            let mut parent: Map<String, Value> =
                before.map(|account| ("account".to_owned(), account)).into_iter().collect();
            merge_object(&mut parent, "account".to_owned(), patch);
            parent.remove("account")
        }
        Some(other) => Some(other),
    };
    merged.filter(|account| needless(account).is_none())
}

/// RFC 7396, section 2, with one difference: a `null` for a whole item is kept, for it says that the person has no such
/// item. Inside an item `null` takes the member out.
fn merge(person: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Object(new) => merge_object(person, name, new),
            value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                person.insert(name, value);
            }
        }
    }
}

fn merge_object(parent: &mut Map<String, Value>, name: String, patch: Map<String, Value>) {
    let target = parent.entry(name).or_insert(Value::Null);
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        match value {
            Value::Object(new) => merge_object(target, name, new),
            Value::Null => drop(target.shift_remove(&name)),
            value @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                target.insert(name, value);
            }
        }
    }
}

/// An object with one member more.
fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Value::Object(members) = &mut object {
        members.insert(name.to_owned(), value);
    }
    object
}

fn summary(persona: &Persona) -> Value {
    let summary = json!({"id": persona.id, "name": persona.name, "why": persona.why, "group": persona.group.title()});
    match persona.account.written() {
        Some(account) => with(summary, "account", account),
        None => summary,
    }
}

fn with_properties(persona: &Persona, today: Date) -> Value {
    let properties = Properties::of(persona, today);
    with(with(summary(persona), "age", json!(properties.age)), "properties", json!(properties.chips()))
}

/// The day of the realm's clock.
pub(super) fn today(ask: &Ask<'_>) -> Date {
    dates::singapore_day(ask.app.clock.shown())
}

pub(super) fn find<'b>(book: &'b Book, wanted: &str) -> Result<&'b Persona, AdminError> {
    book.personas.named(wanted).map_err(AdminError::missing)
}
