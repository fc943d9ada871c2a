//! The REST service that the Python/Django connector offers, and a demo: a start page and a page that shows the person.

mod sessions;

use crate::ambient::{now_seconds, random_hex};
use crate::connector::Connector;
use crate::error::{AuthorisationError, Endpoint, Error, TransportProblem, What};
use crate::person::Person;
use askama::Template;
use serde_json::{Value, json};
use sessions::Sessions;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use url::Url;
use warp::filters::BoxedFilter;
use warp::http::{HeaderValue, StatusCode, header};
use warp::reply::Response;
use warp::{Filter, Rejection};

/// The seven items of the service's answer, in its order.
pub const ATTRIBUTES: [&str; 7] = ["regadd", "dob", "sex", "name", "birthcountry", "nationality", "uinfin"];

const COOKIE: &str = "myinfo_session";

/// A service that is bound to its address.
#[derive(Debug)]
pub struct Service {
    listener: TcpListener,
    connector: Connector,
    whole_person: bool,
}

impl Service {
    /// Binds the address; port 0 picks a free one.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn bind(connector: Connector, address: SocketAddr) -> std::io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, connector, whole_person: false })
    }

    /// Answers with the person document as it was signed, instead of the seven flattened items.
    #[must_use]
    pub fn whole_person(self) -> Self {
        Self { whole_person: true, ..self }
    }

    /// The address that the service listens on.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is ready, then lets open exchanges finish.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) {
        warp::serve(routes(self.connector, self.whole_person)).incoming(self.listener).graceful(stop).run().await;
    }
}

struct State {
    connector: Connector,
    whole_person: bool,
    sessions: Sessions,
    /// Scheme and authority of the redirect URI: only there does the browser send its cookie back.
    origin: String,
}

fn routes(connector: Connector, whole_person: bool) -> BoxedFilter<(Response,)> {
    let redirect = Url::parse(&connector.config().redirect_uri).ok();
    let origin = redirect.map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let state = Arc::new(State { connector, whole_person, sessions: Sessions::default(), origin });
    let list: Vec<BoxedFilter<(Response,)>> = vec![
        start_page(&state),
        login(&state, &["users", "me", "external", "myinfo-redirect-login"]),
        login(&state, &["users", "me", "external", "myinfo", "redirect-login"]),
        login(&state, &["user", "me", "external", "myinfo-redirect-login"]),
        login(&state, &["user", "me", "external", "myinfo", "redirect-login"]),
        go(&state),
        callback(&state),
        person(&state, "users"),
        person(&state, "user"),
        asset("style.css", "text/css; charset=utf-8", include_str!("../../templates/style.css")),
        asset("callback.js", "text/javascript; charset=utf-8", include_str!("../../templates/callback.js")),
    ];
    let all = list.into_iter().reduce(|earlier, later| earlier.or(later).unify().boxed());
    let all = all.unwrap_or_else(|| warp::any().and_then(|| async { Err(warp::reject::not_found()) }).boxed());
    all.recover(not_found).unify().boxed()
}

async fn not_found(rejection: Rejection) -> Result<Response, Infallible> {
    let (status, message) = if rejection.is_not_found() {
        (StatusCode::NOT_FOUND, "nothing is served at this path")
    } else if rejection.find::<warp::reject::MethodNotAllowed>().is_some() {
        (StatusCode::METHOD_NOT_ALLOWED, "this path is for GET requests")
    } else {
        (StatusCode::BAD_REQUEST, "the request cannot be read")
    };
    Ok(json_answer(status, &json!({"message": message, "code": "request"})))
}

/// A path of fixed segments, for GET; gives what the handlers need.
fn at(state: &Arc<State>, segments: &[&'static str]) -> BoxedFilter<(Arc<State>, Visitor)> {
    let state = Arc::clone(state);
    let path = segments.iter().fold(warp::any().boxed(), |path, segment| path.and(warp::path(*segment)).boxed());
    path.and(warp::path::end()).and(warp::get()).and(warp::any().map(move || Arc::clone(&state))).and(visitor()).boxed()
}

/// What a request tells about the browser.
struct Visitor {
    session: Option<String>,
    host: String,
    query: String,
}

fn visitor() -> BoxedFilter<(Visitor,)> {
    warp::header::headers_cloned()
        .and(warp::query::raw().or(warp::any().map(String::new)).unify())
        .map(|headers: warp::http::HeaderMap, query| {
            let text =
                |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let cookie = |pair: &str| pair.trim().strip_prefix(COOKIE)?.strip_prefix('=').map(str::to_owned);
            Visitor {
                session: text(header::COOKIE).split(';').find_map(cookie),
                host: text(header::HOST).to_owned(),
                query,
            }
        })
        .boxed()
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage;

#[derive(Template)]
#[template(path = "callback.html")]
struct CallbackPage<'a> {
    code: &'a str,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    advice: &'a str,
    code: &'a str,
}

fn start_page(state: &Arc<State>) -> BoxedFilter<(Response,)> {
    at(state, &[])
        .map(|state: Arc<State>, visitor: Visitor| {
            // the cookie must be set where the callback will arrive: localhost and 127.0.0.1 are two places
            let home = Url::parse(&state.origin).ok().map(|url| url.authority().to_owned());
            if home.is_some_and(|home| home != visitor.host) {
                return redirect(&format!("{}/", state.origin));
            }
            page(StatusCode::OK, &StartPage)
        })
        .boxed()
}

/// `…/myinfo-redirect-login`: the address to send the browser to, and the state, as JSON.
fn login(state: &Arc<State>, segments: &[&'static str]) -> BoxedFilter<(Response,)> {
    at(state, segments)
        .map(|state: Arc<State>, visitor: Visitor| match begin(&state, &visitor) {
            Ok((url, login_state, cookie)) => {
                let mut answer =
                    json_answer(StatusCode::OK, &json!({"message": "OK", "data": {"url": url, "state": login_state}}));
                answer.headers_mut().insert(header::SET_COOKIE, cookie);
                answer
            }
            Err(error) => error_answer(&error),
        })
        .boxed()
}

/// `/login`: the same for the start page's button, as a redirect.
fn go(state: &Arc<State>) -> BoxedFilter<(Response,)> {
    at(state, &["login"])
        .map(|state: Arc<State>, visitor: Visitor| match begin(&state, &visitor) {
            Ok((url, _, cookie)) => {
                let mut answer = redirect(&url);
                answer.headers_mut().insert(header::SET_COOKIE, cookie);
                answer
            }
            Err(error) => problem(&error),
        })
        .boxed()
}

fn begin(state: &State, visitor: &Visitor) -> Result<(String, String, HeaderValue), Error> {
    let failed = |what: &str| Error::Configuration(what.to_owned());
    let login = state.connector.begin()?;
    let session = match &visitor.session {
        // only a session that looks like ours is kept on
        Some(session) if session.len() == 32 && session.bytes().all(|byte| byte.is_ascii_hexdigit()) => session.clone(),
        _ => random_hex().map_err(|_| failed("the operating system has no randomness to give"))?,
    };
    state.sessions.begin(&session, &login.state, now_seconds());
    let secure = if state.origin.starts_with("https:") { "; Secure" } else { "" };
    let cookie = HeaderValue::try_from(format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax{secure}"))
        .map_err(|_| failed("the session cookie cannot be set"))?;
    Ok((login.url, login.state.as_str().to_owned(), cookie))
}

/// `/callback`: checks the state, then a page that fetches the person by itself.
fn callback(state: &Arc<State>) -> BoxedFilter<(Response,)> {
    at(state, &["callback"])
        .map(|state: Arc<State>, visitor: Visitor| {
            match state.sessions.callback(visitor.session.as_deref(), &visitor.query, now_seconds()) {
                Ok(code) => page(StatusCode::OK, &CallbackPage { code: code.reveal() }),
                Err(error) => problem(&error),
            }
        })
        .boxed()
}

/// `…/myinfo?code=…`: the person, flattened or whole.
fn person(state: &Arc<State>, first: &'static str) -> BoxedFilter<(Response,)> {
    at(state, &[first, "me", "external", "myinfo"])
        .then(|state: Arc<State>, visitor: Visitor| async move {
            let codes: Vec<String> = form_urlencoded::parse(visitor.query.as_bytes())
                .filter(|(name, _)| name == "code")
                .map(|(_, code)| code.into_owned())
                .collect();
            let [code] = codes.as_slice() else {
                return json_answer(StatusCode::BAD_REQUEST, &json!({"message": "exactly one `code` is needed in the query", "code": "request"}));
            };
            let Some(code) = state.sessions.take_code(visitor.session.as_deref(), code, now_seconds()) else {
                return json_answer(
                    StatusCode::FORBIDDEN,
                    &json!({"message": "this code did not come back to this browser's callback, or was used before", "code": "state"}),
                );
            };
            match state.connector.redeem(&code).await {
                // as text: no digit of a number is lost
                Ok(person) if state.whole_person => {
                    let body = format!(r#"{{"message":"OK","data":{}}}"#, person.json());
                    answer(StatusCode::OK, "application/json", body)
                }
                Ok(person) => json_answer(StatusCode::OK, &json!({"message": "OK", "data": flatten(&person)})),
                Err(error) => error_answer(&error),
            }
        })
        .boxed()
}

/// Texts for plain items, codes for coded ones, the address whole; `null` for what is absent in any way.
fn flatten(person: &Person) -> Value {
    let text = |name| person.text(name).value();
    let code = |name| person.coded(name).value().map(|coded| coded.code);
    json!({
        "regadd": person.items().get("regadd"),
        "dob": text("dob"),
        "sex": code("sex"),
        "name": text("name"),
        "birthcountry": code("birthcountry"),
        "nationality": code("nationality"),
        "uinfin": text("uinfin"),
    })
}

fn asset(name: &'static str, kind: &'static str, content: &'static str) -> BoxedFilter<(Response,)> {
    warp::path("assets")
        .and(warp::path(name))
        .and(warp::path::end())
        .and(warp::get())
        .map(move || {
            let mut answer = Response::new(content.into());
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            answer.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            answer
        })
        .boxed()
}

/// An error as JSON: its stable code, and words that hold nothing of the exchange.
fn error_answer(error: &Error) -> Response {
    tracing::warn!(code = error.code(), "{error}");
    json_answer(status_of(error), &json!({"message": error.to_string(), "code": error.code()}))
}

/// An error as a page, in words for the person.
fn problem(error: &Error) -> Response {
    tracing::warn!(code = error.code(), "{error}");
    let (title, advice) = match error.code() {
        "access_denied" => (
            "You did not share your data",
            "Nothing was sent to this application. You can start again whenever you like.",
        ),
        "state" => {
            ("This login cannot be finished", "It was begun in another browser or finished before. Please start again.")
        }
        "upstream" | "transport" => ("Myinfo is not available", "Please try again later."),
        _ => (
            "The login did not work",
            "Please start again. If it happens again, tell the people who run this application the word below.",
        ),
    };
    page(status_of(error), &ProblemPage { title, advice, code: error.code() })
}

fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::Authorisation(AuthorisationError::Maintenance) => StatusCode::BAD_GATEWAY,
        Error::State(_) | Error::Authorisation(_) | Error::Refused { endpoint: Endpoint::Person, .. } => {
            StatusCode::FORBIDDEN
        }
        Error::Refused { .. } | Error::Malformed { what: What::Callback, .. } => StatusCode::BAD_REQUEST,
        Error::NoProfile => StatusCode::NOT_FOUND,
        Error::Transport { problem: TransportProblem::Timeout, .. } => StatusCode::GATEWAY_TIMEOUT,
        Error::Configuration(_) => StatusCode::INTERNAL_SERVER_ERROR,
        Error::Upstream { .. }
        | Error::Transport { .. }
        | Error::Malformed { .. }
        | Error::Algorithm { .. }
        | Error::Signature { .. }
        | Error::Decryption { .. }
        | Error::Expiry { .. }
        | Error::Audience { .. }
        | Error::Issuer { .. }
        | Error::Subject(_) => StatusCode::BAD_GATEWAY,
    }
}

fn json_answer(status: StatusCode, body: &Value) -> Response {
    answer(status, "application/json", body.to_string())
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    let html = template.render().unwrap_or_else(|_| "This page cannot be shown.".to_owned());
    let mut page = answer(status, "text/html; charset=utf-8", html);
    page.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'"),
    );
    page
}

fn answer(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // personal data and codes: no cache keeps them, no other page learns the address
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

fn redirect(location: &str) -> Response {
    let mut answer = answer(StatusCode::FOUND, "text/plain", String::new());
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    answer
}
