//! Myinfo v3: the route list is the table of contents.

mod access_token;
mod authorise;
mod base_string;
pub(crate) mod callback;
mod consent;
mod display;
mod document;
pub(crate) mod elsewhere;
pub(crate) mod forensics;
pub(crate) mod grant;
mod login;
mod oversights;
mod parameters;
mod person;
mod person_basic;
mod person_sample;
mod pki_sign;
pub(crate) mod rules;
mod signature;
mod token;

pub(crate) use oversights::OVERSIGHTS;

use super::Profile;
use crate::app::App;
use crate::book::Book;
use crate::config::{ClientRegistration, Flavour, SubKind};
use crate::examination::{Examination, Verdict};
use crate::fault::draft::{JwsDraft, ReplyDraft, Signer};
use crate::fault::forge;
use crate::http::exchange::{Answer, Incoming, incoming};
use crate::http::refusal::{CodeType, ErrorShape, Refusal};
use crate::http::serve::Routes;
use crate::journal::Event;
use crate::tls::names::{flavour_of, host_of};
use std::sync::Arc;
use std::time::Duration;
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
    rules: rules::ALL,
    rules_of: rules::of,
};

/// Every endpoint, the pages of the login included.
const ENDPOINTS: &[Endpoint] = &[
    get("authorise", Event::Authorise, Work::Light, authorise::authorise),
    get("login", Event::Login, Work::Light, login::show),
    post("login", Event::Login, Work::Light, login::choose),
    get("consent", Event::Consent, Work::Light, consent::show),
    post("consent", Event::Consent, Work::Light, consent::decide),
    post("token", Event::Token, Work::Rsa, token::token),
    get("person", Event::Person, Work::Rsa, person::person),
    get("person-sample", Event::PersonSample, Work::Light, person_sample::person_sample),
    get("person-basic", Event::PersonBasic, Work::Rsa, person_basic::person_basic),
];

fn routes(patience: Duration) -> Vec<Routes> {
    ENDPOINTS.iter().map(|endpoint| route(endpoint, patience)).chain([elsewhere::route(patience)]).collect()
}

/// What an endpoint is: where it is, how the journal calls it, what it costs, and who answers.
struct Endpoint {
    name: &'static str,
    is_post: bool,
    event: Event,
    work: Work,
    handler: Handler,
}

const fn get(name: &'static str, event: Event, work: Work, handler: Handler) -> Endpoint {
    Endpoint { name, is_post: false, event, work, handler }
}

const fn post(name: &'static str, event: Event, work: Work, handler: Handler) -> Endpoint {
    Endpoint { name, is_post: true, event, work, handler }
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
    /// The clients and personas of the moment at which the request came.
    pub(crate) book: &'a Book,
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

    /// How the error bodies of an endpoint look whose codes are of this type.
    const fn shape(&self, code: CodeType) -> ErrorShape {
        ErrorShape { code, fields: self.app.config.v3.error_fields }
    }

    /// An answer that a fault may change, still empty.
    fn reply(&self, code: CodeType) -> ReplyDraft {
        let answer = Answer::api(StatusCode::OK, "application/json", "");
        ReplyDraft { answer, shape: self.shape(code), elsewhere: elsewhere::address(self.incoming) }
    }

    /// A compact JWS as the draft says.
    fn sign(&self, draft: &JwsDraft) -> Result<String, forge::ForgeError> {
        let service = &self.app.config.service;
        if draft.signer == Signer::Service
            && !draft.break_signature
            && let Ok(token) = self.app.signing.sign(&draft.payload, draft.header.clone())
        {
            return Ok(token);
        }
        forge::jws(draft, &forge::Keys { service: &service.private, certificate_pem: &service.certificate_pem })
    }
}

type Handler = fn(&Call<'_>, &mut Examination) -> Answer;

fn route(endpoint: &'static Endpoint, patience: Duration) -> Routes {
    let method = if endpoint.is_post { warp::post().boxed() } else { warp::get().boxed() };
    in_context(endpoint.name)
        .and(method)
        .and(incoming(patience))
        .then(move |incoming: Incoming| run(endpoint, incoming))
        .boxed()
}

/// A path of one of the two contexts.
fn in_context(endpoint: &'static str) -> impl Filter<Extract = (), Error = Rejection> + Clone {
    warp::path("com").or(warp::path("gov")).unify().and(warp::path("v3")).and(warp::path(endpoint))
}

async fn run(endpoint: &'static Endpoint, incoming: Incoming) -> Response {
    if incoming.headers.get_all(header::HOST).iter().count() > 1 {
        // RFC 9112 §3.2; which of them was signed would be a guess
        let body = r#"{"code":400,"message":"the header `host` was sent more than once"}"#;
        return Answer::api(StatusCode::BAD_REQUEST, "application/json", body).into();
    }
    let app = Arc::clone(&incoming.app);
    let answer = move || {
        let context = if incoming.path.starts_with("/gov/") { Context::Gov } else { Context::Com };
        let start = format!("/{}/v3/{}", context.name(), endpoint.name);
        let tail = incoming.path.strip_prefix(&start).unwrap_or_default().to_owned();
        let book = app.book();
        let mut exam = Examination::new(app.faults.oversights());
        let call = Call { app: &app, book: &book, context, tail, incoming: &incoming };
        let answer = (endpoint.handler)(&call, &mut exam);
        app.conclude(endpoint.event, &incoming, exam, answer)
    };
    if endpoint.work == Work::Light {
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

/// The answer of an API endpoint: the handler's, or the first broken rule's; compressed where that is set and asked for.
fn api(call: &Call<'_>, exam: &mut Examination, code: CodeType, answer: Option<Answer>) -> Answer {
    let settings = &call.app.config.v3;
    let answer = match answer {
        Some(answer) if !exam.refused() => answer,
        _ => {
            exam.mask(|text| call.book.mask_secrets(text));
            let shape = call.shape(code);
            exam.problem().map_or_else(|| nothing_to_say(shape), |refusal| refusal.answer(shape))
        }
    };
    let wanted = call.incoming.headers.get(header::ACCEPT_ENCODING).is_some_and(accepts_gzip);
    if settings.gzip && wanted {
        return answer.clone().gzipped().unwrap_or(answer);
    }
    answer
}

/// A handler that neither answers nor refuses is a mistake of the mock, which the tests rule out.
fn nothing_to_say(shape: ErrorShape) -> Answer {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the mock failed to answer", rules::BODY, "").answer(shape)
}

/// The answer of a page, or the page that says why there is none.
fn page(call: &Call<'_>, exam: &mut Examination, result: Result<Answer, Refusal>) -> Answer {
    result.unwrap_or_else(|refusal| {
        let refusal = refusal.map_texts(|text| call.book.mask_secrets(text));
        let answer = crate::page::problem(&refusal, &call.incoming.base);
        exam.broken(refusal);
        answer
    })
}

/// Names in backticks, with the verb that fits; nothing for none.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("{one} is")),
        [first @ .., last] => Some(format!("{} and {last} are", first.join(", "))),
    }
}

/// Examines a request without answering it; nothing where it is for no endpoint of v3.
pub(crate) fn examine(app: &Arc<App>, incoming: &Incoming) -> Option<(Event, Examination)> {
    let context = [Context::Com, Context::Gov]
        .into_iter()
        .find(|context| incoming.path.starts_with(&format!("/{}/v3/", context.name())))?;
    let rest = incoming.path.strip_prefix(&format!("/{}/v3/", context.name()))?;
    // the pages of the login are for people
    let mut endpoints = ENDPOINTS.iter().filter(|endpoint| !matches!(endpoint.event, Event::Login | Event::Consent));
    let endpoint = endpoints.find(|endpoint| rest.split('/').next() == Some(endpoint.name))?;
    let tail = rest.strip_prefix(endpoint.name)?.to_owned();
    let mut exam = Examination::default();
    let book = app.book();
    (endpoint.handler)(&Call { app, book: &book, context, tail, incoming }, &mut exam);
    exam.mask(|text| book.mask_secrets(text));
    Some((endpoint.event, exam))
}

/// The verdicts that do not depend on what a running server remembers.
pub(crate) fn judged_offline(exam: &Examination) -> impl Iterator<Item = &Verdict> {
    exam.verdicts.iter().filter(|verdict| !rules::NEEDS_MEMORY.iter().any(|rule| rule.id == verdict.rule().id))
}

fn accepts_gzip(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| {
        text.split(',')
            .any(|coding| coding.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("gzip")))
    })
}
