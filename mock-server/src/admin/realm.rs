//! Realms over HTTP: made by one POST, gone by one DELETE.

use super::clients::{self, read_config};
use super::request::{AdminError, Ask, json};
use super::{clock, faults, logins, personas};
use crate::ambient::Entropy;
use crate::app::App;
use crate::http::exchange::Answer;
use crate::realms::{DEFAULT, PREFIX};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use warp::http::StatusCode;

/// A realm to make.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Realm {
    /// Letters, digits, `-`, `_` and `.`; absent means one that is made up.
    name: Option<String>,
    /// The tables of the configuration file: `client`, `service`, `v3`, `server`.
    #[serde(default)]
    config: Map<String, Value>,
    /// Persona documents, over or beside the built-in ones.
    #[serde(default)]
    personas: Vec<Value>,
    clock: Option<clock::Change>,
    #[serde(default)]
    faults: Vec<faults::Arming>,
    #[serde(default)]
    logins: Vec<String>,
    /// Makes codes and token ids repeatable.
    seed: Option<u64>,
}

/// What of `server` belongs to the whole server and not to a realm.
const OF_THE_SERVER: [&str; 8] =
    ["http", "https", "proxy", "https_faults", "state_dir", "client_seconds", "admin_token", "personas"];

/// `GET realms`.
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let list: Vec<Value> = ask.realms.all().iter().skip(1).map(|(name, app)| describe(ask, name, app)).collect();
    Ok(json(StatusCode::OK, &json!({"realms": list})))
}

/// `GET realms/{name}`.
pub(super) fn show(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let all = ask.realms.all();
    let found = all.iter().skip(1).find(|(name, _)| name == ask.segment).ok_or_else(|| unknown(ask, ask.segment))?;
    Ok(json(StatusCode::OK, &describe(ask, &found.0, &found.1)))
}

/// `POST realms`: makes one. Nothing is made where anything about it is wrong.
pub(super) fn create(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let realm: Realm = ask.body()?;
    let server = ask.realms.default();
    let name = realm.name.unwrap_or_else(|| server.entropy.hex(12));
    check_name(&name)?;
    let tables = realm.config.get("server").and_then(Value::as_object);
    if let Some(key) = tables.and_then(|server| OF_THE_SERVER.iter().find(|key| server.contains_key(**key))) {
        return Err(AdminError::bad(format!("`server.{key}` belongs to the whole server, not to a realm")));
    }
    if realm.config.contains_key("tls") {
        return Err(AdminError::bad("`tls` belongs to the whole server, not to a realm"));
    }
    let mut config = read_config(ask, &Value::Object(realm.config))?;
    clients::check_count(config.clients.len())?;
    config.explain = config.explain || server.config.explain;
    let entropy = realm.seed.map_or_else(|| server.entropy.of_realm(&name), |seed| Ok(Entropy::seeded(seed)));
    let entropy = entropy.map_err(|error| AdminError::bad(format!("there is no randomness: {error}")))?;
    let app = App::new(ask.app.protocols.clone(), config, server.clock.base(), entropy);
    let mut app = app.map_err(|error| AdminError::bad(format!("{error:#}")))?;
    app.searches = Arc::clone(&server.searches);
    for persona in &realm.personas {
        personas::put_into(&app, persona, None)?;
    }
    app.settle();
    app.check_auto_logins().map_err(|error| AdminError::bad(format!("{error:#}")))?;
    if let Some(change) = &realm.clock {
        clock::apply(&app, change)?;
    }
    for arming in realm.faults {
        faults::apply(&app, arming)?;
    }
    logins::queue(&app, realm.logins)?;
    let app = Arc::new(app);
    let answer = describe(ask, &name, &app);
    ask.realms.add(&name, app).map_err(|message| AdminError::new(StatusCode::CONFLICT, message))?;
    Ok(json(StatusCode::CREATED, &answer))
}

fn check_name(name: &str) -> Result<(), AdminError> {
    let good = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if name.is_empty() || name.len() > 64 || !name.chars().all(good) || name.chars().all(|character| character == '.') {
        return Err(AdminError::bad("`name` has 1 to 64 letters, digits, `-`, `_` and `.`"));
    }
    if name.eq_ignore_ascii_case(DEFAULT) {
        return Err(AdminError::bad(format!(
            "`name` is `{name}`, as the realm without a name is called, which is always there: take another one"
        )));
    }
    Ok(())
}

/// `DELETE realms/{name}`.
pub(super) fn delete(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    if !ask.realms.remove(ask.segment) {
        return Err(unknown(ask, ask.segment));
    }
    Ok(json(StatusCode::OK, &json!({"deleted": ask.segment})))
}

/// The address below which a realm is served; the default one has no name.
pub(super) fn address(ask: &Ask<'_>, name: &str) -> String {
    let origin = ask.incoming.origin();
    if name.is_empty() { origin } else { format!("{origin}{PREFIX}{name}") }
}

fn describe(ask: &Ask<'_>, name: &str, app: &App) -> Value {
    let base = address(ask, name);
    json!({
        "name": name,
        "base_url": base,
        "com": format!("{base}/com/v3"),
        "gov": format!("{base}/gov/v3"),
        "fapi": format!("{base}/fapi"),
        "admin": format!("{base}/_mock/"),
        "clients": app.book().clients.keys().collect::<Vec<_>>(),
    })
}

/// There is no realm of this name; the nearest one is named.
pub(super) fn unknown(ask: &Ask<'_>, wanted: &str) -> AdminError {
    let names: Vec<String> =
        ask.realms.all().into_iter().map(|(name, _)| name).filter(|name| !name.is_empty()).collect();
    let near = crate::text::meant(wanted, names.iter().map(String::as_str));
    let shown: String = wanted.chars().take(64).collect();
    AdminError::missing(format!("there is no realm `{shown}`{near}"))
}
