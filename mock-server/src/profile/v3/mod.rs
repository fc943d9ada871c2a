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

fn routes(patience: Duration) -> Vec<Routes> {
    let get = || warp::get().boxed();
    let post = || warp::post().boxed();
    let work = |event, work, handler| Endpoint { event, work, handler };
    vec![
        route("authorise", get(), patience, work(Event::Authorise, Work::Light, authorise::authorise)),
        route("login", get(), patience, work(Event::Login, Work::Light, login::show)),
        route("login", post(), patience, work(Event::Login, Work::Light, login::choose)),
        route("consent", get(), patience, work(Event::Consent, Work::Light, consent::show)),
        route("consent", post(), patience, work(Event::Consent, Work::Light, consent::decide)),
        route("token", post(), patience, work(Event::Token, Work::Rsa, token::token)),
        route("person", get(), patience, work(Event::Person, Work::Rsa, person::person)),
        route("person-sample", get(), patience, work(Event::PersonSample, Work::Light, person_sample::person_sample)),
        route("person-basic", get(), patience, work(Event::PersonBasic, Work::Rsa, person_basic::person_basic)),
        elsewhere::route(patience),
    ]
}

/// What an endpoint is: how the journal calls it, what it costs, and who answers.
#[derive(Clone, Copy)]
struct Endpoint {
    event: Event,
    work: Work,
    handler: Handler,
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

    /// An answer that a fault may change.
    fn reply(&self, answer: Answer) -> ReplyDraft {
        let settings = &self.app.config.v3;
        let code =
            if self.incoming.path.ends_with("/token") { settings.token_error_code } else { settings.person_error_code };
        let shape = ErrorShape { code, fields: settings.error_fields };
        ReplyDraft { answer, shape, elsewhere: elsewhere::address(self.incoming) }
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

type Method = warp::filters::BoxedFilter<()>;

fn route(endpoint: &'static str, method: Method, patience: Duration, work: Endpoint) -> Routes {
    in_context(endpoint)
        .and(method)
        .and(incoming(patience))
        .then(move |incoming: Incoming| run(endpoint, incoming, work))
        .boxed()
}

/// A path of one of the two contexts.
fn in_context(endpoint: &'static str) -> impl Filter<Extract = (), Error = Rejection> + Clone {
    warp::path("com").or(warp::path("gov")).unify().and(warp::path("v3")).and(warp::path(endpoint))
}

async fn run(endpoint: &'static str, incoming: Incoming, work: Endpoint) -> Response {
    if incoming.headers.get_all(header::HOST).iter().count() > 1 {
        // RFC 9112 §3.2; which of them was signed would be a guess
        let body = r#"{"code":400,"message":"the header `host` was sent more than once"}"#;
        return Answer::api(StatusCode::BAD_REQUEST, "application/json", body).into();
    }
    let app = Arc::clone(&incoming.app);
    let answer = move || {
        let context = if incoming.path.starts_with("/gov/") { Context::Gov } else { Context::Com };
        let tail =
            incoming.path.strip_prefix(&format!("/{}/v3/{endpoint}", context.name())).unwrap_or_default().to_owned();
        let book = app.book();
        let mut exam = Examination::new(app.faults.oversights());
        let answer = (work.handler)(&Call { app: &app, book: &book, context, tail, incoming: &incoming }, &mut exam);
        app.conclude(work.event, &incoming, exam, answer)
    };
    if work.work == Work::Light {
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
            let shape = ErrorShape { code, fields: settings.error_fields };
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
    let endpoints: [(&str, Event, Handler); 5] = [
        ("authorise", Event::Authorise, authorise::authorise),
        ("token", Event::Token, token::token),
        ("person-sample", Event::PersonSample, person_sample::person_sample),
        ("person-basic", Event::PersonBasic, person_basic::person_basic),
        ("person", Event::Person, person::person),
    ];
    let rest = incoming.path.strip_prefix(&format!("/{}/v3/", context.name()))?;
    let (name, event, handler) = endpoints.into_iter().find(|(name, ..)| rest.split('/').next() == Some(name))?;
    let tail = rest.strip_prefix(name)?.to_owned();
    let mut exam = Examination::default();
    let book = app.book();
    handler(&Call { app, book: &book, context, tail, incoming }, &mut exam);
    exam.mask(|text| book.mask_secrets(text));
    Some((event, exam))
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
