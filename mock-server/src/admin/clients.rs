//! Clients over HTTP: list, show, register, change, delete. Registrations are written as in the configuration file.

use super::client_pages;
use super::request::{AdminError, Ask, json};
use crate::book::Book;
use crate::config::address::redirect_problem;
use crate::config::{ClientRegistration, Config};
use crate::doctor::catalogue::PEM_KIND;
use crate::http::exchange::Answer;
use crate::login::outcome::Outcome;
use crate::quote::is_key_text;
use serde_json::{Map, Value, json};
use std::path::Path;
use warp::http::StatusCode;

/// How many clients there may be.
const CAP: usize = 1_000;
/// How many bytes a registration may have.
const LENGTH: usize = 64 * 1024;

/// `GET clients`.
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let book = ask.app.book();
    let list: Vec<Value> = book.clients.values().map(|client| describe(ask, client)).collect();
    Ok(json(StatusCode::OK, &json!({"clients": list})))
}

/// `GET clients/{id}`; with `.html` behind the id, its page.
pub(super) fn show(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    if let Some(id) = ask.segment.strip_suffix(".html") {
        return client_pages::show(ask, id);
    }
    let book = ask.app.book();
    let client = book.client(ask.segment).ok_or_else(|| unknown(&book, ask.segment))?;
    Ok(json(StatusCode::OK, &describe(ask, client)))
}

/// `PUT clients/{id}`: registers, or replaces.
pub(super) fn put(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let mut body: Map<String, Value> = ask.body()?;
    if body.get("id").is_some_and(|id| id != ask.segment) {
        return Err(AdminError::bad(format!("the path names `{}`, the body another `id`", ask.segment)));
    }
    body.insert("id".to_owned(), json!(ask.segment));
    let config = read_config(ask, &json!({"client": [body]}))?;
    let Some(client) = config.clients.get(ask.segment).cloned() else { return Err(AdminError::bad("no client")) };
    if let Some(persona) = &client.auto_login {
        check_persona(&ask.app.book(), persona)?;
    }
    check_length(ask)?;
    let mut answer = describe(ask, &client);
    if let (Some(answer), false) = (answer.as_object_mut(), config.remarks.is_empty()) {
        let notes = config.remarks.iter().map(|remark| format!("`{}`: {}", remark.key, remark.message));
        answer.insert("notes".to_owned(), notes.collect());
    }
    ask.app.warnings_of(&client).iter().for_each(|warning| tracing::warn!("{warning}"));
    ask.app.change_book(|book| {
        let mut clients = book.clients.clone();
        clients.insert(client.id.clone(), client);
        check_count(clients.len())?;
        Ok::<_, AdminError>(Book::new(clients, book.personas.clone(), book.edition + 1))
    })?;
    Ok(json(StatusCode::OK, &answer))
}

/// `PATCH clients/{id}`: changes what belongs to no profile; keys, secrets and the rest stay as they are.
pub(super) fn patch(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let changes: Map<String, Value> = ask.body()?;
    check_length(ask)?;
    ask.app.change_book(|book| {
        let mut client = book.client(ask.segment).cloned().ok_or_else(|| unknown(book, ask.segment))?;
        changes.iter().try_for_each(|(name, value)| change(&mut client, (name, value), book))?;
        let mut clients = book.clients.clone();
        clients.insert(client.id.clone(), client);
        Ok::<_, AdminError>(Book::new(clients, book.personas.clone(), book.edition + 1))
    })?;
    show(ask)
}

fn change(client: &mut ClientRegistration, (name, value): (&str, &Value), book: &Book) -> Result<(), AdminError> {
    match (name, value) {
        ("name", Value::String(name)) => client.name.clone_from(name),
        ("redirect_uris", Value::Array(uris)) => client.redirect_uris = redirect_uris(uris)?,
        ("auto_login", Value::Null) => client.auto_login = None,
        ("auto_login", Value::String(persona)) => {
            check_persona(book, persona)?;
            client.auto_login = Some(persona.clone());
        }
        ("name" | "redirect_uris" | "auto_login", found) => {
            return Err(AdminError::bad(format!("`{name}` cannot be {found}: see GET /_mock/openapi.json")));
        }
        _ => {
            let can = "`name`, `redirect_uris` and `auto_login` can be changed in place";
            return Err(AdminError::bad(format!("`{name}`: {can}; for the rest PUT the whole client")));
        }
    }
    Ok(())
}

fn redirect_uris(uris: &[Value]) -> Result<Vec<String>, AdminError> {
    if uris.is_empty() {
        return Err(AdminError::bad("`redirect_uris` is empty; give the exact callback addresses"));
    }
    let read = |uri: &Value| match uri.as_str().map(|text| (text, redirect_problem(text))) {
        Some((text, None)) => Ok(text.to_owned()),
        Some((text, Some(problem))) => Err(AdminError::bad(format!("`redirect_uris`: `{text}` {problem}"))),
        None => Err(AdminError::bad(format!("`redirect_uris`: {uri} is no text"))),
    };
    uris.iter().map(read).collect()
}

fn check_persona(book: &Book, persona: &str) -> Result<(), AdminError> {
    let known = Outcome::named(book, persona);
    known.map(drop).map_err(|refusal| AdminError::bad(format!("auto_login: {}", refusal.hint)))
}

fn check_length(ask: &Ask<'_>) -> Result<(), AdminError> {
    if ask.incoming.body.as_ref().is_ok_and(|body| body.len() > LENGTH) {
        return Err(AdminError::bad(format!("a client's registration may have {LENGTH} bytes")));
    }
    Ok(())
}

/// Refuses more clients than a realm may have.
pub(super) fn check_count(count: usize) -> Result<(), AdminError> {
    if count <= CAP {
        return Ok(());
    }
    let message = format!("there are {CAP} clients already: DELETE one first");
    Err(AdminError::new(StatusCode::INSUFFICIENT_STORAGE, message))
}

/// `DELETE clients/{id}`.
pub(super) fn delete(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    ask.app.change_book(|book| {
        let mut clients = book.clients.clone();
        clients.remove(ask.segment).ok_or_else(|| unknown(book, ask.segment))?;
        Ok::<_, AdminError>(Book::new(clients, book.personas.clone(), book.edition + 1))
    })?;
    Ok(json(StatusCode::OK, &json!({"deleted": ask.segment})))
}

/// A configuration written in JSON, with the names of the configuration file. Every mistake is named.
pub(super) fn read_config(ask: &Ask<'_>, tables: &Value) -> Result<Config, AdminError> {
    let tables = &with_sets_as_texts(tables);
    // TOML has no null
    if let Some(key) = first_key(tables, &|_, value| value.is_null()) {
        return Err(AdminError::bad(format!("`{key}` is null: leave it out")));
    }
    if let Some(key) = first_key(tables, &is_file) {
        return Err(AdminError::bad(format!("`{key}`: write the text itself here, PEM or JWK; files are not read")));
    }
    let text = toml::to_string(tables)
        .map_err(|error| AdminError::bad(format!("the configuration cannot be read: {error}")))?;
    Config::read(&text, Path::new("."), &ask.app.protocols.sections()).map_err(|problems| {
        let told = problems.iter().map(|problem| {
            let key = problem.key.rsplit('.').next().unwrap_or_default();
            let kind = if ["certificate", "private_key", "key"].contains(&key) { PEM_KIND.id } else { "" };
            let mark = if kind.is_empty() { String::new() } else { format!("{kind}: ") };
            // there is no file, so there are no lines
            let place = if problem.key.is_empty() { String::new() } else { format!("`{}`: ", problem.key) };
            format!("{mark}{place}{}", problem.message)
        });
        AdminError::bad(told.collect::<Vec<_>>().join("\n"))
    })
}

/// The same with each JWK Set that stands there as an object written as the text that the configuration file has.
fn with_sets_as_texts(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let written = |(name, value): (&String, &Value)| {
                let is_set = name == "jwks" && value.is_object();
                let value = if is_set { Value::String(value.to_string()) } else { with_sets_as_texts(value) };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(written).collect())
        }
        Value::Array(items) => items.iter().map(with_sets_as_texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The key of the first value in tables that is not as it must be.
fn first_key<'v>(value: &'v Value, is_wrong: &dyn Fn(&str, &Value) -> bool) -> Option<&'v str> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            if is_wrong(name, value) { Some(name.as_str()) } else { first_key(value, is_wrong) }
        }),
        Value::Array(items) => items.iter().find_map(|item| first_key(item, is_wrong)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Whether a key or certificate is no text of one, and so would be taken for a file's name.
fn is_file(name: &str, value: &Value) -> bool {
    ["certificate", "private_key", "key", "jwks"].contains(&name)
        && value.as_str().is_some_and(|text| !is_key_text(text) || Path::new(text).exists())
}

/// A client without its secrets and keys: the names are those of the configuration file.
fn describe(ask: &Ask<'_>, client: &ClientRegistration) -> Value {
    let mut described = Map::new();
    described.insert("id".to_owned(), json!(client.id));
    described.insert("name".to_owned(), json!(client.name));
    described.insert("redirect_uris".to_owned(), json!(client.redirect_uris));
    described.insert("auto_login".to_owned(), json!(client.auto_login));
    for section in ask.app.protocols.sections() {
        described.extend((section.describe)(client).map(|part| (section.name.to_owned(), part)));
    }
    Value::Object(described)
}

pub(super) fn unknown(book: &Book, id: &str) -> AdminError {
    let near = crate::text::meant(id, book.clients.keys().map(String::as_str));
    AdminError::missing(format!("the client `{id}` is not registered{near}"))
}
