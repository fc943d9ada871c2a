//! Myinfo v3: the route list is the table of contents.

mod access_token;
mod authorise;
mod base_string;
pub(crate) mod callback;
mod consent;
mod display;
mod document;
pub(crate) mod grant;
mod login;
mod person;
mod person_basic;
mod person_sample;
mod pki_sign;
mod rules;
mod signature;
mod token;

use super::Profile;
use crate::app::App;
use crate::config::{ClientRegistration, Flavour, SubKind};
use crate::http::exchange::{Answer, Incoming, incoming};
use crate::http::refusal::{ErrorShape, Refusal};
use crate::http::serve::Routes;
use crate::log::{masked_query, visible};
use crate::persona::uinfin::mask_all;
use crate::tls::names::{flavour_of, host_of};
use std::sync::Arc;
use warp::http::{HeaderValue, StatusCode, header};
use warp::reply::Response;
use warp::{Filter, Rejection};

/// The v3 profile.
pub(crate) const PROFILE: Profile = Profile {
    routes,
    paths: &[
        "/{com|gov}/v3/authorise",
        "/{com|gov}/v3/token",
        "/{com|gov}/v3/person/{sub}",
        "/{com|gov}/v3/person-sample/{uinfin}",
        "/gov/v3/person-basic/{uinfin}",
    ],
};

fn routes(app: &Arc<App>) -> Vec<Routes> {
    vec![
        route(app, "authorise", warp::get(), Work::Light, authorise::authorise),
        route(app, "login", warp::get(), Work::Light, login::show),
        route(app, "login", warp::post(), Work::Light, login::choose),
        route(app, "consent", warp::get(), Work::Light, consent::show),
        route(app, "consent", warp::post(), Work::Light, consent::decide),
        route(app, "token", warp::post(), Work::Rsa, token::token),
        route(app, "person", warp::get(), Work::Rsa, person::person),
        route(app, "person-sample", warp::get(), Work::Light, person_sample::person_sample),
        route(app, "person-basic", warp::get(), Work::Rsa, person_basic::person_basic),
    ]
}

/// What a handler costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Microseconds: it runs where it is.
    Light,
    /// RSA: it runs on a blocking thread, so that it does not hold up the loop that accepts connections.
    Rsa,
}

/// For whom the API is: private companies or government agencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    Com,
    Gov,
}

impl Context {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Com => "com",
            Self::Gov => "gov",
        }
    }

    /// com clients know a person by UUID since spec 3.1.1, gov clients by UIN/FIN.
    pub(crate) const fn default_sub(self) -> SubKind {
        match self {
            Self::Com => SubKind::Uuid,
            Self::Gov => SubKind::Uinfin,
        }
    }
}

/// A v3 request: the context, what stands in the path behind the endpoint, and the request itself.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) context: Context,
    /// The path behind the endpoint's name, as sent: nothing, `/` or `/S6005048A/`.
    pub(crate) tail: String,
    pub(crate) incoming: &'a Incoming,
}

impl Call<'_> {
    /// The one path segment behind the endpoint's name, decoded; `None` when there is none or more than one.
    fn segment(&self) -> Option<String> {
        let tail = self.tail.strip_prefix('/')?;
        let segment = tail.strip_suffix('/').unwrap_or(tail);
        if segment.is_empty() || segment.contains('/') {
            return None;
        }
        let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().ok()?;
        Some(decoded.into_owned())
    }

    /// The flavour in which this client is served: its own, that of the real host name that was called, the server's.
    fn flavour(&self, client: &ClientRegistration) -> Flavour {
        let host = host_of(self.incoming.host());
        client.flavour.or_else(|| flavour_of(&host)).unwrap_or(self.app.config.flavour)
    }
}

type Handler = fn(&Call<'_>) -> Answer;

fn route(
    app: &Arc<App>,
    endpoint: &'static str,
    method: impl Filter<Extract = (), Error = Rejection> + Clone + Send + Sync + 'static,
    work: Work,
    handler: Handler,
) -> Routes {
    let app = Arc::clone(app);
    warp::path("com")
        .or(warp::path("gov"))
        .unify()
        .and(warp::path("v3"))
        .and(warp::path(endpoint))
        .and(method)
        .and(incoming(app.config.patience))
        .then(move |incoming: Incoming| run(Arc::clone(&app), endpoint, incoming, work, handler))
        .boxed()
}

async fn run(app: Arc<App>, endpoint: &'static str, incoming: Incoming, work: Work, handler: Handler) -> Response {
    if incoming.headers.get_all(header::HOST).iter().count() > 1 {
        // RFC 9112 §3.2; which of them was signed would be a guess
        let body = r#"{"code":400,"message":"the header `host` was sent more than once"}"#;
        return Answer::api(StatusCode::BAD_REQUEST, "application/json", body).into();
    }
    let answer = move || {
        let context = if incoming.path.starts_with("/gov/") { Context::Gov } else { Context::Com };
        let tail =
            incoming.path.strip_prefix(&format!("/{}/v3/{endpoint}", context.name())).unwrap_or_default().to_owned();
        let answer = handler(&Call { app: &app, context, tail, incoming: &incoming });
        log(&app, &incoming, &answer);
        answer
    };
    if work == Work::Light {
        return answer().into();
    }
    match tokio::task::spawn_blocking(answer).await {
        Ok(answer) => answer.into(),
        Err(error) => {
            tracing::error!(%error, "a handler did not finish: please report this as a bug of the mock");
            let body = r#"{"code":503,"message":"the mock failed to answer"}"#;
            Answer::api(StatusCode::SERVICE_UNAVAILABLE, "application/json", body).into()
        }
    }
}

fn log(app: &App, incoming: &Incoming, answer: &Answer) {
    // inside the macros: what nobody logs is not computed
    let path = || visible(&app.mask_secrets(&mask_all(&incoming.path)));
    tracing::info!(method = %incoming.method, path = path(), status = answer.status.as_u16(), "answered");
    tracing::debug!(
        path = visible(&app.mask_secrets(&incoming.path)),
        query = visible(&app.mask_secrets(&masked_query(&incoming.query))),
        peer = ?incoming.peer,
        "in full"
    );
}

/// Turns the result of an API endpoint into its answer; compresses it where that is switched on and asked for.
fn api(call: &Call<'_>, code: crate::http::refusal::CodeType, result: Result<Answer, Refusal>) -> Answer {
    let settings = &call.app.config.v3;
    let answer = result.unwrap_or_else(|refusal| {
        let refusal = refusal.map_texts(|text| call.app.mask_secrets(text));
        refusal.log();
        refusal.answer(ErrorShape { code, fields: settings.error_fields })
    });
    let wanted = call.incoming.headers.get(header::ACCEPT_ENCODING).is_some_and(accepts_gzip);
    if settings.gzip && wanted {
        return answer.clone().gzipped().unwrap_or(answer);
    }
    answer
}

fn accepts_gzip(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| {
        text.split(',')
            .any(|coding| coding.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("gzip")))
    })
}

/// A page that cannot be written is a mistake in its template, which the tests rule out.
pub(crate) fn page_failed(error: &askama::Error) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the mock could not write this page", rules::BODY, error.to_string())
}
