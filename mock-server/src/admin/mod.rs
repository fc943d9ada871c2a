//! The mock's own paths: the start page, the style sheet, health.

use crate::app::App;
use crate::http::exchange::{Answer, Incoming, incoming};
use crate::http::serve::Routes;
use crate::page::{self, ClientRow, STYLE, STYLE_PATH, StartPage};
use std::sync::Arc;
use warp::Filter;
use warp::http::{HeaderValue, StatusCode, header};

/// The routes of this module.
pub(crate) fn routes(app: &Arc<App>) -> Vec<Routes> {
    let start = Arc::clone(app);
    let app = Arc::clone(app);
    vec![
        warp::path::end()
            .and(warp::get())
            .and(incoming(app.config.patience))
            .map(move |incoming: Incoming| start_page(&start, &incoming).into())
            .boxed(),
        warp::path!("_mock" / "health").and(warp::get()).map(|| health().into()).boxed(),
        warp::path!("_mock" / "ca.pem").and(warp::get()).map(move || authority(&app).into()).boxed(),
        warp::path!("_mock" / "style.css").and(warp::get()).map(|| style().into()).boxed(),
    ]
}

fn health() -> Answer {
    let mut answer = Answer::api(StatusCode::OK, "application/json", r#"{"status":"ok"}"#);
    answer.chunked = false;
    answer
}

/// The authority's certificate, never its key.
fn authority(app: &App) -> Answer {
    let mut answer = match &app.authority_pem {
        Some(pem) => Answer::api(StatusCode::OK, "application/x-pem-file", pem.clone()),
        None => Answer::api(
            StatusCode::NOT_FOUND,
            "text/plain; charset=utf-8",
            "This mock serves no TLS with an authority of its own: start it with --https.\n",
        ),
    };
    answer.chunked = false;
    answer
}

fn style() -> Answer {
    debug_assert_eq!(STYLE_PATH, "/_mock/style.css");
    let mut answer = Answer::api(StatusCode::OK, "text/css; charset=utf-8", STYLE);
    answer.headers.retain(|(name, _)| name != header::CACHE_CONTROL);
    answer.chunked = false;
    answer.with_header(header::CACHE_CONTROL, HeaderValue::from_static("max-age=60"))
}

fn start_page(app: &App, incoming: &Incoming) -> Answer {
    let clients = app.config.clients.values().map(|client| ClientRow {
        id: &client.id,
        name: &client.name,
        redirect_uris: client.redirect_uris.join(" "),
    });
    let page = page::start(&StartPage {
        origin: &incoming.origin(),
        clients: clients.collect(),
        personas: app.personas.iter().count(),
        flavour: app.config.flavour.name(),
    });
    page.unwrap_or_else(|refusal| page::problem(&refusal))
}
