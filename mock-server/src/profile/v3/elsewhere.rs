//! Where the redirect faults point: this server under another host name, which notes who comes and with what.

use super::rules;
use crate::doctor::catalogue::AUTHZ_SCHEME;
use crate::examination::Examination;
use crate::http::exchange::{Answer, Incoming, incoming};
use crate::http::refusal::Refusal;
use crate::http::serve::Routes;
use crate::journal::Event;
use std::time::Duration;
use warp::Filter;
use warp::http::{StatusCode, header};

/// The path below which everything is noted.
const PATH: &str = "_elsewhere";

/// The address of this place on a host that is not the one that was called.
pub(super) fn address(incoming: &Incoming) -> String {
    let (host, port) = incoming.host().rsplit_once(':').unwrap_or((incoming.host(), ""));
    let other = if host == "localhost" { "127.0.0.1" } else { "localhost" };
    let port = if port.is_empty() { String::new() } else { format!(":{port}") };
    format!("{}://{other}{port}{}/{PATH}{}", incoming.scheme, incoming.base, incoming.path)
}

/// The route: any method, any path below.
pub(super) fn route(patience: Duration) -> Routes {
    warp::path(PATH).and(incoming(patience)).map(|incoming: Incoming| note(&incoming).into()).boxed()
}

fn note(incoming: &Incoming) -> Answer {
    let mut exam = Examination::default();
    let carried = incoming.headers.contains_key(header::AUTHORIZATION);
    let result = if carried {
        let hint = "the client followed a redirect to another host and carried its Authorization header there";
        let refusal = Refusal::new(StatusCode::NOT_FOUND, "Not found", rules::ELSEWHERE, hint);
        Err(refusal.diagnosed(AUTHZ_SCHEME))
    } else {
        Ok(())
    };
    exam.check(rules::ELSEWHERE, result);
    let answer = Answer::api(StatusCode::NOT_FOUND, "application/json", r#"{"code":404,"message":"Not found"}"#);
    incoming.app.conclude(Event::Elsewhere, incoming, exam, answer)
}
