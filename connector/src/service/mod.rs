//! The REST service that the Python/Django connector offers, and a demo: a start page and a page that shows the person.

mod answer;
mod journal;
mod listen;
mod problem;
mod sessions;
mod shown;

use crate::ambient::random_hex;
use crate::callback::Callback;
use crate::connector::Connector;
use crate::error::Error;
use crate::granted::Code;
use crate::person::Person;
use answer::{
    CallbackPage, StartPage, answer, error_answer, json_answer, page, person_answer, redirect, refusal, wants_page,
};
use problem::{Unredeemed, login_failed, unfetched};
use serde_json::{Value, json};
use sessions::Sessions;
use shown::person_page;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use url::Url;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, HeaderValue, StatusCode, header};
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
    patience: Duration,
}

impl Service {
    /// Binds the address; port 0 picks a free one.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn bind(connector: Connector, address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener, connector, whole_person: false, patience: listen::PATIENCE })
    }

    /// How long a connection may be silent before the head of a request is there: ten seconds, unless told otherwise.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
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
        listen::serve(routes(self.connector, self.whole_person), self.listener, self.patience, stop).await;
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
    let redirect = Url::parse(connector.redirect_uri()).ok();
    let origin = redirect.map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let public_keys = connector.public_keys().ok().flatten();
    let state = Arc::new(State { connector, whole_person, sessions: Sessions::default(), origin });
    let mut list: Vec<BoxedFilter<(Response,)>> = vec![
        start_page(&state),
        login(&state, &["users", "me", "external", "myinfo-redirect-login"]),
        login(&state, &["users", "me", "external", "myinfo", "redirect-login"]),
        login(&state, &["user", "me", "external", "myinfo-redirect-login"]),
        login(&state, &["user", "me", "external", "myinfo", "redirect-login"]),
        go(&state),
        callback(&state),
        person(&state, "users"),
        person(&state, "user"),
        no_icon(),
        asset("style.css", "text/css; charset=utf-8", include_str!("../../templates/style.css")),
        asset("callback.js", "text/javascript; charset=utf-8", include_str!("../../templates/callback.js")),
    ];
    list.extend(public_keys.map(|keys| key_set(&keys)));
    let all = list.into_iter().reduce(|earlier, later| earlier.or(later).unify().boxed());
    let all = all.unwrap_or_else(|| warp::any().and_then(|| async { Err(warp::reject::not_found()) }).boxed());
    let asked = warp::header::headers_cloned().map(|headers: HeaderMap| wants_page(&headers));
    let all = all.map(Ok::<Response, Astray>).recover(astray).unify();
    asked.and(all).map(|page, answer: Result<_, Astray>| answer.unwrap_or_else(|astray| astray.answer(page))).boxed()
}

/// A request that no route took.
struct Astray {
    status: StatusCode,
    message: &'static str,
}

impl Astray {
    fn answer(&self, page: bool) -> Response {
        let answer = if page { problem::astray } else { |status, message: &str| refusal(status, message, "request") };
        answer(self.status, self.message)
    }
}

async fn astray(rejection: Rejection) -> Result<Result<Response, Astray>, Infallible> {
    let (status, message) = if rejection.is_not_found() {
        (StatusCode::NOT_FOUND, "nothing is served at this path")
    } else if rejection.find::<warp::reject::MethodNotAllowed>().is_some() {
        (StatusCode::METHOD_NOT_ALLOWED, "this path is for GET requests")
    } else {
        (StatusCode::BAD_REQUEST, "the request cannot be read")
    };
    Ok(Err(Astray { status, message }))
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
    /// Whether it is a browser that shows what it gets, and no program.
    wants_page: bool,
}

fn visitor() -> BoxedFilter<(Visitor,)> {
    warp::header::headers_cloned()
        .and(warp::query::raw().or(warp::any().map(String::new)).unify())
        .map(|headers: HeaderMap, query| {
            let text =
                |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let cookie = |pair: &str| pair.trim().strip_prefix(COOKIE)?.strip_prefix('=').map(str::to_owned);
            Visitor {
                session: text(header::COOKIE).split(';').find_map(cookie),
                host: text(header::HOST).to_owned(),
                query,
                wants_page: wants_page(&headers),
            }
        })
        .boxed()
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
        .then(|state: Arc<State>, visitor: Visitor| async move {
            begin(&state, &visitor).await.map_or_else(
                |error| error_answer(&error),
                |begun| {
                    let data = json!({"url": begun.url, "state": begun.state});
                    begun.cookie.on(json_answer(StatusCode::OK, &json!({"message": "OK", "data": data})))
                },
            )
        })
        .boxed()
}

/// `/login`: the same for the start page's button, as a redirect.
fn go(state: &Arc<State>) -> BoxedFilter<(Response,)> {
    at(state, &["login"])
        .then(|state: Arc<State>, visitor: Visitor| async move {
            let begun = begin(&state, &visitor).await;
            begun.map_or_else(
                |error| login_failed(&state.connector, &error, None),
                |begun| begun.cookie.on(redirect(&begun.url)),
            )
        })
        .boxed()
}

/// A login that was begun and noted in the browser's session.
struct Begun {
    url: String,
    state: String,
    cookie: Cookie,
}

/// The cookie that names the browser's session.
struct Cookie(HeaderValue);

impl Cookie {
    fn on(self, mut answer: Response) -> Response {
        answer.headers_mut().insert(header::SET_COOKIE, self.0);
        answer
    }
}

async fn begin(state: &State, visitor: &Visitor) -> Result<Begun, Error> {
    let ambient = state.connector.ambient();
    let login = state.connector.begin().await?;
    let session = random_hex(ambient)?;
    let login_state = login.kept.state().as_str().to_owned();
    state.sessions.begin(visitor.session.as_deref(), &session, login.kept, ambient.now_seconds());
    let secure = if state.origin.starts_with("https:") { "; Secure" } else { "" };
    let cookie = HeaderValue::try_from(format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax{secure}"))
        .map_err(|_| Error::Configuration("the session cookie cannot be set".to_owned()))?;
    Ok(Begun { url: login.url, state: login_state, cookie: Cookie(cookie) })
}

/// `/callback`: checks the state, then a page that fetches the person by itself.
fn callback(state: &Arc<State>) -> BoxedFilter<(Response,)> {
    at(state, &["callback"])
        .map(|state: Arc<State>, visitor: Visitor| {
            let login = journal::state_in(&visitor.query);
            match accept(&state, &visitor) {
                Ok(code) => page(StatusCode::OK, &CallbackPage { from: &person_address(&code, login.as_deref()) }),
                Err(error) => login_failed(&state.connector, &error, login.as_deref()),
            }
        })
        .boxed()
}

/// Where the person is behind a callback; the state tells which login it was, should there be none.
fn person_address(code: &Code, state: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", code.reveal()).extend_pairs(state.map(|state| ("state", state)));
    format!("/users/me/external/myinfo?{}", query.finish())
}

/// Judges a callback by the login of the browser's session, and notes there what a good one gave.
fn accept(state: &State, visitor: &Visitor) -> Result<Code, Error> {
    let (session, now) = (visitor.session.as_deref(), state.connector.ambient().now_seconds());
    let callback = Callback::from_query(&visitor.query);
    let kept = state.sessions.take_login(session, &callback, now)?;
    let granted = state.connector.accept(&callback, kept)?;
    let code = granted.code().clone();
    state.sessions.grant(session, granted, now);
    Ok(code)
}

/// `…/myinfo?code=…`: the person, flattened or whole; with `meanings`, what the codes in it stand for, too. A browser without
/// script comes here by itself, and gets a page.
fn person(state: &Arc<State>, first: &'static str) -> BoxedFilter<(Response,)> {
    at(state, &[first, "me", "external", "myinfo"])
        .then(|state: Arc<State>, visitor: Visitor| async move {
            match redeem(&state, &visitor).await {
                Ok(person) if visitor.wants_page => person_page(&person),
                Ok(person) => {
                    let meanings = form_urlencoded::parse(visitor.query.as_bytes()).any(|(name, _)| name == "meanings");
                    person_answer(&person, state.whole_person, meanings)
                }
                Err(why) if visitor.wants_page => {
                    unfetched(&state.connector, &why, journal::state_in(&visitor.query).as_deref())
                }
                Err(Unredeemed::Failed(error)) => error_answer(&error),
                Err(why) => refusal(why.status(), &why.to_string(), why.code()),
            }
        })
        .boxed()
}

/// The person for the code in the query, which has to be one that came back to this browser.
async fn redeem(state: &State, visitor: &Visitor) -> Result<Person, Unredeemed> {
    let codes: Vec<String> = form_urlencoded::parse(visitor.query.as_bytes())
        .filter(|(name, _)| name == "code")
        .map(|(_, code)| code.into_owned())
        .collect();
    let [code] = codes.as_slice() else { return Err(Unredeemed::Query) };
    let (session, now) = (visitor.session.as_deref(), state.connector.ambient().now_seconds());
    let granted = state.sessions.take_granted(session, code, now).ok_or(Unredeemed::Unknown)?;
    Ok(state.connector.redeem(granted).await?)
}

/// `/.well-known/jwks.json`: our public keys, for Singpass to fetch. It keeps them for an hour; nobody needs them fresher.
fn key_set(keys: &Value) -> BoxedFilter<(Response,)> {
    let body = keys.to_string();
    warp::path!(".well-known" / "jwks.json")
        .and(warp::get())
        .map(move || {
            let mut answer = answer(StatusCode::OK, "application/json", body.clone());
            answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
            answer
        })
        .boxed()
}

/// Pages say that they have no icon; a browser that shows JSON asks for one all the same.
fn no_icon() -> BoxedFilter<(Response,)> {
    warp::path!("favicon.ico")
        .and(warp::get())
        .map(|| {
            let mut answer = Response::default();
            *answer.status_mut() = StatusCode::NO_CONTENT;
            answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
            answer
        })
        .boxed()
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
