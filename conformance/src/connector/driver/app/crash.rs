//! An application that gave a browser no answer: what it did then, said once, and what to do about it.

use crate::program::{Log, Program, last_words};
use reqwest::Url;
use std::error::Error;
use std::time::Duration;

/// How long a browser waits for an answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// How long after its connection broke a program may take to be gone.
const END_TIME: Duration = Duration::from_secs(1);

/// What to do where the callback ended with a crash.
pub(super) const MEND_CALLBACK: &str = "Look at its log for why: the login came back from Myinfo, and the callback must be answered whatever comes, with a page of the application";
/// The same, where the login did not begin.
pub(super) const MEND_LOGIN: &str = "Look at its log for why: `login` must be answered whatever comes, with a redirect to Myinfo, or a page of the application that says why not";

/// Why a visit came to no page.
#[derive(Debug)]
pub(super) enum Broken {
    /// What is wrong with the way there.
    Way(String),
    /// A request was not answered: what was asked for, and how that ended.
    Unanswered { asked: String, why: Why },
}

/// How a request ended that was not answered.
#[derive(Debug)]
pub(super) enum Why {
    /// Nothing came in time.
    Late,
    /// The connection broke, or there was none.
    Cut(String),
}

impl From<String> for Broken {
    fn from(says: String) -> Self {
        Self::Way(says)
    }
}

impl Broken {
    /// Of a request to an address that was not answered; `own` is the port of the application.
    pub(super) fn by(url: &Url, own: u16, error: &reqwest::Error) -> Self {
        // the query has the code and the state; whose port it is, is known
        let at = if url.port() == Some(own) { String::new() } else { url.origin().ascii_serialization() };
        let why = if error.is_timeout() { Why::Late } else { Why::Cut(root(error)) };
        Self::Unanswered { asked: format!("GET {at}{}", url.path()), why }
    }

    /// What happened, on one line: whether the application is still there tells more than its connection.
    pub(super) async fn told(self, program: Option<&mut Program>, log: &Log) -> String {
        let (asked, why) = match self {
            Self::Way(says) => return says,
            Self::Unanswered { asked, why } => (asked, why),
        };
        match (why, program) {
            (Why::Late, _) => format!("no answer to {asked} within {} s", PATIENCE.as_secs()),
            (Why::Cut(how), Some(program)) => match tokio::time::timeout(END_TIME, program.wait()).await {
                Ok(Ok(status)) => {
                    program.heard_out().await;
                    let words = last_words(&log.last_words());
                    format!("it ended with {status} while it was asked for {asked}{words}")
                }
                _ => format!("it broke the connection when it was asked for {asked}: {how}"),
            },
            (Why::Cut(how), None) => format!("no answer to {asked}: {how}"),
        }
    }
}

/// The innermost cause, which names no address.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::shell;

    fn unanswered(why: Why) -> Broken {
        Broken::Unanswered { asked: "GET /callback".to_owned(), why }
    }

    #[tokio::test]
    async fn no_answer_is_told_by_what_the_application_did() {
        let log = Log::default();
        log.push("no such column".to_owned());
        let cut = || unanswered(Why::Cut("connection closed".to_owned()));
        let mut dead = Program::spawn(shell("sh -c 'exit 3'")).unwrap();
        assert_eq!(
            cut().told(Some(&mut dead), &log).await,
            "it ended with exit status: 3 while it was asked for GET /callback: no such column"
        );
        let mut alive = Program::spawn(shell("sleep 60")).unwrap();
        assert_eq!(
            cut().told(Some(&mut alive), &log).await,
            "it broke the connection when it was asked for GET /callback: connection closed"
        );
        assert_eq!(unanswered(Why::Late).told(Some(&mut alive), &log).await, "no answer to GET /callback within 60 s");
        alive.end().await;
    }

    #[tokio::test]
    async fn an_address_is_told_without_its_query() {
        let url = Url::parse("http://localhost:1/callback?code=abcdefgh1").unwrap();
        let error = crate::http::builder().build().unwrap().get(url.clone()).send().await.unwrap_err();
        let told = |own| match Broken::by(&url, own, &error) {
            Broken::Unanswered { asked, why: Why::Cut(how) } => format!("{asked} {how}"),
            other @ (Broken::Way(_) | Broken::Unanswered { .. }) => panic!("{other:?}"),
        };
        assert!(told(1).starts_with("GET /callback ") && !told(1).contains("code"), "{}", told(1));
        assert!(told(2).starts_with("GET http://localhost:1/callback "), "{}", told(2));
    }
}
