//! From a request to the endpoint that it is for, and from its handler's answer to the journal.

use super::{Handler, Profile, Served, Work, astray};
use crate::app::App;
use crate::call::Call;
use crate::examination::Examination;
use crate::http::exchange::{Answer, Incoming, Routes, incoming};
use crate::journal::mask::RequestMask;
use crate::protocol::{Event, Kind};
use crate::realms::entered;
use crate::refusal::{Failure, Refusal};
use crate::rule::common;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use warp::Filter;
use warp::http::{StatusCode, header};
use warp::reply::Response;

/// The last route: it takes everything, and refuses what is for no endpoint.
pub(crate) fn routes(profiles: &'static [&'static Profile], patience: Duration) -> Routes {
    incoming(patience)
        .and(entered())
        .then(move |incoming: Incoming, app: Arc<App>| answer(profiles, incoming, app))
        .boxed()
}

async fn answer(profiles: &'static [&'static Profile], incoming: Incoming, app: Arc<App>) -> Response {
    let Some((profile, served)) = find(profiles, &incoming) else {
        return astray::refuse(&incoming, &app, profiles).into();
    };
    if let Some(refused) = refused_for_host((profile, served), &incoming, &app) {
        return refused.into();
    }
    if let Some(preparation) = (profile.beforehand)(&app, &incoming) {
        preparation.await;
    }
    let failed = || {
        tracing::error!("a handler did not finish: please report this as a bug of the mock");
        (profile.error)(Failure::STATUS, Failure::nothing_to_say().message)
    };
    let work = move || catch_unwind(AssertUnwindSafe(|| handled(served, &incoming, &app))).ok();
    let answer = match served.work {
        Work::Light => work(),
        Work::Heavy => tokio::task::spawn_blocking(work).await.ok().flatten(),
    };
    answer.unwrap_or_else(failed).into()
}

/// Answers a request that the mock itself made. No network is touched: a JWK Set that a client has elsewhere is not fetched.
pub(crate) fn answer_inside(profiles: &'static [&'static Profile], incoming: &Incoming, app: &App) -> Answer {
    match find(profiles, incoming) {
        Some((profile, served)) => {
            refused_for_host((profile, served), incoming, app).unwrap_or_else(|| handled(served, incoming, app))
        }
        None => astray::refuse(incoming, app, profiles),
    }
}

/// The answer to a request whose Host header is wrong; nothing where it is right.
fn refused_for_host(
    (profile, served): (&'static Profile, &'static Served),
    incoming: &Incoming,
    app: &App,
) -> Option<Answer> {
    let refusal = check_host(incoming).err()?;
    let answer = (profile.error)(refusal.status, &refusal.message);
    let mut exam = Examination::default();
    exam.broken(refusal);
    Some(app.conclude(Event::At(&served.endpoint), incoming, exam, answer))
}

/// The endpoint that takes this path with this method.
fn find(profiles: &'static [&'static Profile], incoming: &Incoming) -> Option<(&'static Profile, &'static Served)> {
    let all = profiles.iter().flat_map(|profile| profile.endpoints.iter().map(move |served| (*profile, served)));
    let fits = |served: &Served| {
        served.endpoint.method == incoming.method && served.endpoint.tail_of(&incoming.path).is_some()
    };
    all.into_iter().find(|(_, served)| fits(served))
}

/// RFC 9112 §3.2: one Host header. Which of two was signed would be a guess.
fn check_host(incoming: &Incoming) -> Result<(), Refusal> {
    let mut hosts = incoming.headers.get_all(header::HOST).iter();
    let first = hosts.next();
    let message = if hosts.next().is_some() {
        "the header `host` was sent more than once"
    } else if first.is_some_and(|host| host.to_str().is_err()) {
        "the header `host` holds bytes that are no name of a host"
    } else {
        return Ok(());
    };
    Err(Refusal::new(StatusCode::BAD_REQUEST, message, common::HOST, message))
}

fn handled(served: &'static Served, incoming: &Incoming, app: &App) -> Answer {
    let mut exam = Examination::new(served.endpoint.profile, app.faults.oversights());
    exam.began = Some(app.clock.now());
    let answer = called(served, incoming, app, &mut exam);
    app.conclude(Event::At(&served.endpoint), incoming, exam, answer)
}

fn called(served: &'static Served, incoming: &Incoming, app: &App, exam: &mut Examination) -> Answer {
    let (book, handler): (_, Handler) = (app.book(), served.handler);
    let tail = served.endpoint.tail_of(&incoming.path).unwrap_or_default();
    handler(&Call { app, book: &book, incoming, tail }, exam)
}

/// Examines a request without answering it; nothing where it is for no endpoint, or for a page.
///
/// A method that the endpoint does not take is examined all the same: the rest of the request can be judged.
pub(crate) fn examine(
    profiles: &'static [&'static Profile],
    app: &App,
    incoming: &Incoming,
) -> Option<(Event, Examination)> {
    let mut all = profiles.iter().flat_map(|profile| profile.endpoints);
    // the pages of the login are for people
    let served = all.find(|served| {
        !matches!(served.endpoint.kind, Kind::Page | Kind::Astray) && served.endpoint.tail_of(&incoming.path).is_some()
    })?;
    let mut exam = Examination::default();
    called(served, incoming, app, &mut exam);
    exam.search_now();
    let book = app.book();
    let mask = RequestMask::new(&book, &app.protocols, incoming);
    exam.mask(|text| mask.text(text));
    Some((Event::At(&served.endpoint), exam))
}
