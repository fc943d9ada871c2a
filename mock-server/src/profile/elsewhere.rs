//! Where the redirect faults point: this server under another host name, which notes who comes and with what.

use crate::app::App;
use crate::doctor::catalogue::AUTHZ_SCHEME;
use crate::examination::Examination;
use crate::http::exchange::{Answer, Incoming, Routes, incoming};
use crate::protocol::Event;
use crate::realms::entered;
use crate::refusal::Refusal;
use crate::rule::common;
use std::sync::Arc;
use std::time::Duration;
use warp::Filter;
use warp::http::{StatusCode, header};

/// The path below which everything is noted.
const PATH: &str = "_elsewhere";

/// The address of this place on a host that is not the one that was called.
pub(crate) fn address(incoming: &Incoming) -> String {
    let (host, port) = incoming.host().rsplit_once(':').unwrap_or((incoming.host(), ""));
    let other = if host == "localhost" { "127.0.0.1" } else { "localhost" };
    let port = if port.is_empty() { String::new() } else { format!(":{port}") };
    format!("{}://{other}{port}{}/{PATH}{}", incoming.scheme, incoming.base, incoming.path)
}

/// The route: any method, any path below.
pub(crate) fn route(patience: Duration) -> Routes {
    warp::path(PATH)
        .and(incoming(patience))
        .and(entered())
        .map(|incoming: Incoming, app: Arc<App>| note(&incoming, &app).into())
        .boxed()
}

fn note(incoming: &Incoming, app: &App) -> Answer {
    let mut exam = Examination::default();
    let carried = incoming.headers.contains_key(header::AUTHORIZATION);
    let result = if carried {
        let hint = "the client followed a redirect to another host and carried its Authorization header there";
        let refusal = Refusal::new(StatusCode::NOT_FOUND, "Not found", common::ELSEWHERE, hint);
        Err(refusal.diagnosed(AUTHZ_SCHEME))
    } else {
        Ok(())
    };
    exam.check(common::ELSEWHERE, result);
    let answer = Answer::api(StatusCode::NOT_FOUND, "application/json", r#"{"code":404,"message":"Not found"}"#);
    app.conclude(Event::Elsewhere, incoming, exam, answer)
}
