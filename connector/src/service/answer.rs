//! What the service says, to programs as JSON and to browsers as pages; and the status of each error.

use crate::error::{AuthorisationError, Endpoint, Error, TransportProblem, What};
use crate::identity::Identity;
use crate::person::Person;
use askama::Template;
use serde_json::{Value, json};
use warp::http::{HeaderMap, HeaderValue, StatusCode, header};
use warp::reply::Response;

#[derive(Template)]
#[template(path = "start.html")]
pub(super) struct StartPage;

#[derive(Template)]
#[template(path = "callback.html")]
pub(super) struct CallbackPage<'a> {
    /// Where the data are fetched, as the script does and as the link without one.
    pub(super) from: &'a str,
}

/// The person: flattened, or whole as it was signed; of a Login app who logged in. The meanings of codes stand beside the
/// flattened data, where they are wanted.
pub(super) fn person_answer(person: &Person, whole: bool, meanings: bool) -> Response {
    // as text: no digit of a number is lost
    if whole && only_logged_in(person).is_none() {
        let body = format!(r#"{{"message":"OK","data":{}}}"#, person.json());
        return answer(StatusCode::OK, "application/json", body);
    }
    let mut body = json!({"message": "OK", "data": data_of(person)});
    if let Some(body) = body.as_object_mut().filter(|_| meanings) {
        body.insert("meanings".to_owned(), meanings_in(person));
    }
    json_answer(StatusCode::OK, &body)
}

/// The flattened data; of a Login app who logged in.
pub(super) fn data_of(person: &Person) -> Value {
    only_logged_in(person).map_or_else(|| flatten(person), logged_in)
}

/// Who logged in, where nothing else is known of the person.
fn only_logged_in(person: &Person) -> Option<&Identity> {
    person.identity().filter(|_| person.items().is_empty())
}

/// What the codes of the flattened data stand for, as Myinfo itself says it.
pub(super) fn meanings_in(person: &Person) -> Value {
    let known = ["sex", "birthcountry", "nationality"].into_iter().filter_map(|name| {
        let says = person.coded(name).value()?.desc;
        (!says.is_empty()).then(|| (name.to_owned(), json!(says)))
    });
    Value::Object(known.collect())
}

/// What the ID token says: the person's UUID, how surely it is the person, and what the scopes gave.
fn logged_in(identity: &Identity) -> Value {
    let mut data = json!({
        "sub": identity.subject(),
        "acr": identity.claims().get("acr"),
        "amr": identity.factors(),
    });
    if let (Some(data), Some(attributes)) = (data.as_object_mut(), identity.attributes()) {
        let more = attributes.iter().filter(|(name, _)| !["sub", "acr", "amr"].contains(&name.as_str()));
        data.extend(more.map(|(name, value)| (name.clone(), value.clone())));
    }
    data
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

/// Whether a page is asked for, as browsers do; whoever takes anything is a program and gets JSON.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    let takes_html = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        let is_html = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
        let refused = |part: &str| {
            let quality = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            quality.and_then(|quality| quality.parse::<f32>().ok()).is_some_and(|quality| quality <= 0.0)
        };
        is_html && !parts.any(refused)
    };
    let lines = headers.get_all(header::ACCEPT).iter();
    lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).any(takes_html)
}

/// An error as JSON: its stable code, and words that hold nothing of the exchange.
pub(super) fn error_answer(error: &Error) -> Response {
    tracing::warn!(code = error.code(), "{error}");
    refusal(status_of(error), &error.to_string(), error.code())
}

/// A refusal in the form that every one of them has.
pub(super) fn refusal(status: StatusCode, message: &str, code: &str) -> Response {
    json_answer(status, &json!({"message": message, "code": code}))
}

pub(super) fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::Authorisation(AuthorisationError::Maintenance) => StatusCode::BAD_GATEWAY,
        Error::State(_)
        | Error::Kept(_)
        | Error::Authorisation(_)
        | Error::Refused { endpoint: Endpoint::Person, .. } => StatusCode::FORBIDDEN,
        Error::Refused { endpoint: Endpoint::Token, .. } | Error::Malformed { what: What::Callback, .. } => {
            StatusCode::BAD_REQUEST
        }
        Error::NoProfile => StatusCode::NOT_FOUND,
        Error::Transport { problem: TransportProblem::Timeout, .. } => StatusCode::GATEWAY_TIMEOUT,
        Error::Missing(_) | Error::Configuration(_) => StatusCode::INTERNAL_SERVER_ERROR,
        Error::Refused { .. }
        | Error::Nonce(_)
        | Error::Level { .. }
        | Error::TokenHash
        | Error::Upstream { .. }
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

pub(super) fn json_answer(status: StatusCode, body: &Value) -> Response {
    answer(status, "application/json", body.to_string())
}

pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    let html = template.render().unwrap_or_else(|_| "This page cannot be shown.".to_owned());
    let mut page = answer(status, "text/html; charset=utf-8", html);
    page.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'"),
    );
    page
}

pub(super) fn answer(status: StatusCode, kind: &'static str, body: String) -> Response {
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

pub(super) fn redirect(location: &str) -> Response {
    let mut answer = answer(StatusCode::FOUND, "text/plain", String::new());
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    answer
}
