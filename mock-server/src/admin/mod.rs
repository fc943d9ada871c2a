//! The mock's own paths, below `/_mock`: one table of operations, and the door in front of it.
#![expect(clippy::unnecessary_wraps, reason = "all operations of the table have one signature")]

mod api_page;
mod assertions;
mod client_pages;
mod clients;
mod clock;
mod compare;
mod faults;
mod journal;
mod keys;
mod listing;
mod logins;
mod manual;
mod pages;
mod people;
mod personas;
mod playground;
mod realm;
mod realm_pages;
mod request;

use self::request::{AdminError, Ask};
use crate::app::App;
use crate::http::exchange::{ADMIN_BODY_LIMIT, Answer, Incoming, Routes, incoming, incoming_up_to};
use crate::http::pairs::Pairs;
use crate::page::{SCRIPT, STYLE};
use crate::realms::{Realms, entered};
use crate::tls::names;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use openssl::memcmp;
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use warp::Filter;
use warp::http::{HeaderValue, Method, StatusCode, header};
use warp::reply::Response;

/// One operation of the admin API: method, path below `/_mock` (`{}` stands for one segment), and who does it.
struct Operation {
    method: Method,
    path: &'static str,
    work: Work,
}

/// Who does an operation: at once and whole, or piece by piece while the answer is read.
enum Work {
    Whole(fn(&Ask<'_>) -> Result<Answer, AdminError>),
    /// Whole, and it reads the journal: what is still searched for is waited for.
    Reading(fn(&Ask<'_>) -> Result<Answer, AdminError>),
    Streamed(fn(&Ask<'_>) -> Result<Response, AdminError>),
}

const fn streamed(method: Method, path: &'static str, work: fn(&Ask<'_>) -> Result<Response, AdminError>) -> Operation {
    Operation { method, path, work: Work::Streamed(work) }
}

const fn reading(method: Method, path: &'static str, work: fn(&Ask<'_>) -> Result<Answer, AdminError>) -> Operation {
    Operation { method, path, work: Work::Reading(work) }
}

const fn operation(method: Method, path: &'static str, work: fn(&Ask<'_>) -> Result<Answer, AdminError>) -> Operation {
    Operation { method, path, work: Work::Whole(work) }
}

/// Every operation. `openapi.json` describes the same list; a test holds the two against each other.
const OPERATIONS: &[Operation] = &[
    reading(Method::GET, "/", pages::list),
    operation(Method::GET, "/health", health),
    operation(Method::GET, "/ca.pem", authority),
    operation(Method::GET, "/openapi.json", openapi),
    operation(Method::GET, "/openapi.html", api_page::show),
    operation(Method::GET, "/openapi/{}", api_page::profile),
    operation(Method::GET, "/docs/", manual::contents),
    operation(Method::GET, "/docs/{}", manual::chapter),
    operation(Method::GET, "/docs/reports/{}", manual::report),
    operation(Method::GET, "/metrics", journal::metrics),
    operation(Method::GET, "/rules", journal::rules),
    operation(Method::GET, "/rules.html", journal::rules_page),
    operation(Method::GET, "/reloads", journal::reloads),
    streamed(Method::GET, "/exchanges", journal::exchanges),
    streamed(Method::GET, "/exchanges.har", journal::archive),
    reading(Method::GET, "/exchanges/{}", journal::exchange),
    reading(Method::GET, "/transactions", journal::transactions),
    reading(Method::GET, "/transactions/{}", journal::transaction),
    operation(Method::POST, "/compare/{}", compare::show),
    operation(Method::GET, "/playground.html", playground::begin),
    operation(Method::POST, "/playground.html", playground::send),
    operation(Method::GET, "/personas", personas::list),
    operation(Method::GET, "/personas.html", people::list),
    operation(Method::GET, "/personas/{}", personas::show),
    operation(Method::PUT, "/personas/{}", personas::put),
    operation(Method::PATCH, "/personas/{}", personas::patch),
    operation(Method::DELETE, "/personas/{}", personas::delete),
    operation(Method::GET, "/clients", clients::list),
    operation(Method::GET, "/clients.html", client_pages::list),
    operation(Method::GET, "/clients/{}", clients::show),
    operation(Method::PUT, "/clients/{}", clients::put),
    operation(Method::PATCH, "/clients/{}", clients::patch),
    operation(Method::DELETE, "/clients/{}", clients::delete),
    operation(Method::GET, "/logins", logins::list),
    operation(Method::POST, "/logins", logins::push),
    operation(Method::DELETE, "/logins", logins::clear),
    operation(Method::GET, "/clock", clock::show),
    operation(Method::POST, "/clock", clock::change),
    operation(Method::DELETE, "/clock", clock::reset),
    operation(Method::GET, "/keys", keys::show),
    operation(Method::POST, "/keys", keys::change),
    operation(Method::GET, "/faults", faults::list),
    operation(Method::GET, "/faults.html", faults::page),
    operation(Method::POST, "/faults.html", faults::click),
    operation(Method::POST, "/faults", faults::arm),
    operation(Method::DELETE, "/faults", faults::disarm_all),
    operation(Method::DELETE, "/faults/{}", faults::disarm),
    reading(Method::POST, "/assertions", assertions::check),
    operation(Method::POST, "/reset", reset),
    operation(Method::GET, "/realms", realm::list),
    operation(Method::GET, "/realms.html", realm_pages::list),
    operation(Method::POST, "/realms.html", realm_pages::click),
    operation(Method::POST, "/realms", realm::create),
    operation(Method::GET, "/realms/{}", realm::show),
    operation(Method::DELETE, "/realms/{}", realm::delete),
];

/// The description of the API.
const OPENAPI: &str = include_str!("openapi.json");

/// The routes of this module.
pub(crate) fn routes(realms: &Arc<Realms>, patience: Duration) -> Vec<Routes> {
    let (realms, at_start) = (Arc::clone(realms), Arc::clone(realms));
    vec![
        warp::path!("_mock" / "style.css").and(warp::get()).map(|| kept("text/css; charset=utf-8", STYLE)).boxed(),
        warp::path!("_mock" / "page.js")
            .and(warp::get())
            .map(|| kept("text/javascript; charset=utf-8", SCRIPT))
            .boxed(),
        warp::path::end()
            .and(warp::get())
            .and(incoming(patience))
            .and(entered())
            .map(move |incoming: Incoming, app: Arc<App>| match guard(&at_start, &incoming) {
                Ok(()) => pages::start(&incoming, &app).into(),
                Err(refusal) => refusal.into(),
            })
            .boxed(),
        warp::path("_mock")
            .and(incoming_up_to(ADMIN_BODY_LIMIT, patience))
            .and(entered())
            .then(move |incoming: Incoming, app: Arc<App>| dispatch(Arc::clone(&realms), incoming, app))
            .boxed(),
    ]
}

async fn dispatch(realms: Arc<Realms>, incoming: Incoming, app: Arc<App>) -> Response {
    let path = incoming.path.strip_prefix("/_mock").unwrap_or_default();
    let path = if path.is_empty() { "/" } else { path };
    if path != "/health"
        && let Err(refusal) = guard(&realms, &incoming)
    {
        return refusal.into();
    }
    let at_path: Vec<(&Operation, String)> =
        OPERATIONS.iter().filter_map(|operation| Some((operation, matched(operation.path, path)?))).collect();
    let found = at_path.iter().find(|(operation, _)| operation.method == incoming.method);
    let Some((operation, segment)) = found.map(|(operation, segment)| (*operation, segment.clone())) else {
        let methods: Vec<&str> = at_path.iter().flat_map(|(operation, _)| taken(&operation.method)).collect();
        return nothing(&incoming, path, &methods).into();
    };
    if matches!(operation.work, Work::Reading(_)) {
        app.journal.settled(u64::MAX).await;
    }
    let changes = incoming.method != Method::GET;
    let work = move || answer(operation, &realms, &incoming, (&app, &segment));
    if !changes {
        return work();
    }
    // what comes with a body may be much to read: the loop that accepts connections does not wait for it
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "an operation did not finish: please report this as a bug of the mock");
        Answer::from(AdminError::new(StatusCode::SERVICE_UNAVAILABLE, "the mock failed at this operation")).into()
    })
}

fn answer(operation: &Operation, realms: &Realms, incoming: &Incoming, (app, segment): (&Arc<App>, &str)) -> Response {
    let answer = Pairs::parse(&incoming.query).map_err(|error| AdminError::bad(error.to_string())).and_then(|query| {
        let ask = Ask { realms, incoming, app, segment, query };
        ask.only_known(parameters(operation))?;
        match operation.work {
            Work::Whole(work) | Work::Reading(work) => work(&ask).map(Response::from),
            Work::Streamed(work) => work(&ask),
        }
    });
    answer.unwrap_or_else(|error| error.answer(incoming).into())
}

/// The query parameters that an operation takes.
fn parameters(operation: &Operation) -> &'static [&'static str] {
    match (operation.path, operation.method == Method::PUT) {
        ("/", _) => pages::PARAMETERS,
        ("/exchanges" | "/exchanges.har" | "/transactions", _) => journal::PARAMETERS,
        ("/exchanges/{}", _) => &["personal"],
        ("/transactions/{}", _) => &["personal", "refresh", "download"],
        ("/personas" | "/personas.html" | "/rules.html" | "/faults.html" | "/clients.html" | "/docs/", _) => &["q"],
        ("/playground.html", _) => &["api", "persona"],
        ("/personas/{}", true) => &["base"],
        _ => &[],
    }
}

/// The methods by which an operation is called. Whatever takes GET takes HEAD: `listen/head.rs`.
fn taken(method: &Method) -> impl Iterator<Item = &str> {
    std::iter::once(method.as_str()).chain((method == Method::GET).then_some("HEAD"))
}

/// The decoded segment for `{}`, or nothing where the path is another one.
fn matched(pattern: &str, path: &str) -> Option<String> {
    match pattern.strip_suffix("{}") {
        None => (pattern == path).then(String::new),
        Some(start) => {
            let segment = path.strip_prefix(start)?;
            if segment.is_empty() || segment.contains('/') {
                return None;
            }
            Some(percent_encoding::percent_decode_str(segment).decode_utf8().ok()?.into_owned())
        }
    }
}

fn nothing(incoming: &Incoming, path: &str, methods: &[&str]) -> Answer {
    if !methods.is_empty() {
        let allowed = methods.join(", ");
        let error = AdminError::new(StatusCode::METHOD_NOT_ALLOWED, format!("/_mock{path} takes {allowed}"));
        let answer = Answer::from(error);
        return match HeaderValue::try_from(allowed) {
            Ok(allowed) => answer.with_header(header::ALLOW, allowed),
            Err(_) => answer,
        };
    }
    let shown: String = path.chars().take(80).collect();
    let known: Vec<String> = OPERATIONS.iter().map(|operation| format!("/_mock{}", operation.path)).collect();
    let near = crate::text::meant(&format!("/_mock{path}"), known.iter().map(String::as_str));
    AdminError::missing(format!("there is no /_mock{shown}; see /_mock/openapi.json{near}")).answer(incoming)
}

/// Who may come in: anybody on loopback, elsewhere whoever has the token; and no foreign web page.
///
/// Without a token the name in `Host` must be one of this machine's, one of the real service's, or a public URL's: a web
/// page elsewhere can lead a name of its own to this machine, and its requests are then of one origin (DNS rebinding).
fn guard(realms: &Realms, incoming: &Incoming) -> Result<(), Answer> {
    let text = |name: &str| incoming.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(token) = &realms.admin_token
        && !text("authorization").is_some_and(|sent| is_token(sent, token.reveal()))
    {
        let message = "the admin API wants `Authorization: Bearer TOKEN` with the token that the mock was started with, or printed";
        let answer = Answer::from(AdminError::new(StatusCode::UNAUTHORIZED, message));
        // browsers ask for a password then: the token is the password, with any name
        return Err(
            answer.with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"myinfo-mock\""))
        );
    }
    let own = incoming.origin();
    let hosts = incoming.headers.get_all(header::HOST).iter().count();
    if realms.admin_token.is_none() && (hosts > 1 || !is_own_name(realms, &own)) {
        let shown: String = own.chars().take(80).collect();
        let message = format!(
            "`{shown}` is no name of this mock: its own paths answer under localhost, the real host names and `public_urls`"
        );
        return Err(AdminError::new(StatusCode::FORBIDDEN, message).into());
    }
    let any = |name: &str, wanted: &dyn Fn(&[u8]) -> bool| {
        incoming.headers.get_all(name).iter().any(|value| wanted(value.as_bytes()))
    };
    // an origin that cannot be read is a foreign one
    let foreign =
        any("origin", &|origin| origin != own.as_bytes()) || any("sec-fetch-site", &|site| site == b"cross-site");
    if foreign && incoming.method != Method::GET {
        let message = "a web page of another origin may not change anything here";
        return Err(AdminError::new(StatusCode::FORBIDDEN, message).into());
    }
    Ok(())
}

fn is_own_name(realms: &Realms, origin: &str) -> bool {
    let host = |origin: &str| names::host_of(origin.split("://").nth(1).unwrap_or_default());
    let host_here = host(origin);
    names::LOCAL.contains(&host_here.as_str())
        || host_here.ends_with(".localhost")
        || host_here.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        || names::is_real(&host_here)
        || realms.default().config.public_urls.iter().any(|url| host(url) == host_here)
}

fn is_token(sent: &str, token: &str) -> bool {
    let same = |sent: &str| sent.len() == token.len() && memcmp::eq(sent.as_bytes(), token.as_bytes());
    // RFC 9110, 11.1: the scheme in any case
    match sent.split_once(' ') {
        Some((scheme, sent)) if scheme.eq_ignore_ascii_case("bearer") => same(sent.trim()),
        Some((scheme, sent)) if scheme.eq_ignore_ascii_case("basic") => {
            let decoded = BASE64_STANDARD.decode(sent.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            decoded.is_some_and(|pair| pair.split_once(':').is_some_and(|(_, password)| same(password)))
        }
        _ => false,
    }
}

fn health(_: &Ask<'_>) -> Result<Answer, AdminError> {
    Ok(request::whole(StatusCode::OK, "application/json", r#"{"status":"ok"}"#))
}

fn openapi(_: &Ask<'_>) -> Result<Answer, AdminError> {
    Ok(request::whole(StatusCode::OK, "application/json", OPENAPI))
}

fn reset(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    ask.app.reset();
    Ok(request::json(StatusCode::OK, &json!({"reset": true})))
}

/// The authority's certificate, never its key.
fn authority(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let Some(pem) = &ask.realms.authority_pem else {
        let text = "This mock serves no TLS with an authority of its own: start it with --https.\n";
        return Ok(request::whole(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", text));
    };
    Ok(request::whole(StatusCode::OK, "application/x-pem-file", pem.clone()))
}

/// A file of the pages, which browsers keep for a while.
fn kept(content_type: &'static str, content: &'static str) -> Response {
    let mut answer = request::whole(StatusCode::OK, content_type, content);
    answer.headers.retain(|(name, _)| name != header::CACHE_CONTROL);
    let answer = answer.with_header(header::CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
    answer.with_header(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;

    #[test]
    fn the_openapi_file_describes_exactly_the_operations_of_the_table() {
        let file: Value = serde_json::from_str(OPENAPI).unwrap();
        let mut described = BTreeSet::new();
        for (path, methods) in file["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{method} {path}");
                assert!(
                    operation["responses"].as_object().is_some_and(|answers| !answers.is_empty()),
                    "{method} {path}"
                );
                let generic: String = path
                    .split('/')
                    .map(|part| if part.starts_with('{') { "/{}".to_owned() } else { format!("/{part}") })
                    .skip(1)
                    .collect();
                described.insert(format!("{} {generic}", method.to_uppercase()));
            }
        }
        let served: BTreeSet<String> =
            OPERATIONS.iter().map(|operation| format!("{} /_mock{}", operation.method, operation.path)).collect();
        assert_eq!(described, served);
    }
}
