//! A refusal as a page: what did not work, one sentence about it, the way on, and where the server tells what it saw.

use super::answer::{page, status_of};
use super::journal;
use crate::connector::Connector;
use crate::error::{Error, TransportProblem};
use askama::Template;
use url::Url;
use warp::http::StatusCode;
use warp::reply::Response;

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    advice: &'a str,
    code: &'a str,
    /// Where the server tells what it saw of this login, or what it refused.
    journal: Option<String>,
}

/// Why a code gives no person here.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unredeemed {
    #[error("exactly one `code` is needed in the query")]
    Query,
    #[error("this code did not come back to this browser's callback, or was used before")]
    Unknown,
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Unredeemed {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Query => "request",
            Self::Unknown => "state",
            Self::Failed(error) => error.code(),
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Query => StatusCode::BAD_REQUEST,
            Self::Unknown => StatusCode::FORBIDDEN,
            Self::Failed(error) => status_of(error),
        }
    }
}

/// A login that did not work, in words for the person; and where the server tells what it saw, for the developer.
pub(super) fn login_failed(connector: &Connector, error: &Error, state: Option<&str>) -> Response {
    tracing::warn!(code = error.code(), "{error}");
    let told = cause(connector, error);
    let (title, advice) = match error.code() {
        "access_denied" => (
            "You did not share your data",
            "Nothing was sent to this application. You can start again whenever you like.",
        ),
        "state" => {
            ("This login cannot be finished", "It was begun in another browser or finished before. Please start again.")
        }
        "upstream" => ("Myinfo is not available", "Please try again later."),
        "transport" => ("Myinfo is not available", told.as_str()),
        _ => (
            "The login did not work",
            "Please start again. If it happens again, tell the people who run this application the word below.",
        ),
    };
    let journal = seen(connector, error, state);
    page(status_of(error), &ProblemPage { title, advice, code: error.code(), journal })
}

/// Data that could not be fetched behind a login that worked.
pub(super) fn unfetched(connector: &Connector, why: &Unredeemed, state: Option<&str>) -> Response {
    tracing::warn!(code = why.code(), "{why}");
    let (advice, journal) = match why {
        Unredeemed::Failed(error) => (cause(connector, error), seen(connector, error, state)),
        // the server refused nothing, but it knows the login
        Unredeemed::Query | Unredeemed::Unknown => {
            (sentence(&why.to_string()), state.and_then(|state| journal::address(connector, Some(state))))
        }
    };
    let title = "Your data could not be fetched";
    page(why.status(), &ProblemPage { title, advice: &advice, code: why.code(), journal })
}

/// A request that nobody here expects.
pub(super) fn astray(status: StatusCode, message: &str) -> Response {
    let title = if status == StatusCode::NOT_FOUND { "There is no such page" } else { "This does not work" };
    page(status, &ProblemPage { title, advice: &sentence(message), code: "request", journal: None })
}

/// An error in one sentence. Of a server that did not answer it has the address, which may be mistyped.
fn cause(connector: &Connector, error: &Error) -> String {
    let address = Url::parse(connector.service()).map(|url| url.origin().ascii_serialization());
    match (error, address) {
        (Error::Transport { endpoint, problem }, Ok(address)) => {
            sentence(&format!("{endpoint} at {address} could not be reached: {problem}"))
        }
        _ => sentence(&error.to_string()),
    }
}

/// Where the server tells what it saw: not where it saw nothing, and what it refused only where it may have refused.
fn seen(connector: &Connector, error: &Error, state: Option<&str>) -> Option<String> {
    let Error::Transport { problem, .. } = error else { return journal::address(connector, state) };
    let state = state.filter(|_| *problem != TransportProblem::Connect)?;
    journal::address(connector, Some(state))
}

fn sentence(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
