//! Clients over HTTP: list, show, register, delete. Registrations are written as in the configuration file.

use super::request::{AdminError, Ask, json};
use crate::book::Book;
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

/// `GET clients/{id}`.
pub(super) fn show(ask: &Ask<'_>) -> Result<Answer, AdminError> {
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
        let known = Outcome::named(&ask.app.book(), persona);
        known.map_err(|refusal| AdminError::bad(format!("auto_login: {}", refusal.hint)))?;
    }
    if ask.incoming.body.as_ref().is_ok_and(|body| body.len() > LENGTH) {
        return Err(AdminError::bad(format!("a client's registration may have {LENGTH} bytes")));
    }
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
