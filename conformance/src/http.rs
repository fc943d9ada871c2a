//! The HTTP client of everything that the suite asks for itself, and the one reader of what others answer.

use anyhow::Result;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response};
use serde_json::Value;

/// How much of an answer is read; a person document has a few kilobytes.
pub const ANSWER_LIMIT: usize = 8 << 20;
/// How much of a page is read.
pub const PAGE_LIMIT: usize = 1 << 20;

/// An HTTP client that follows no redirects and uses no proxy.
///
/// # Errors
/// When it cannot be set up.
pub fn client() -> Result<Client> {
    Ok(built(builder)?)
}

/// A client. Where the system has no certificates of authorities, as in small containers, one that trusts nobody: plain HTTP is all that
/// most runs need.
///
/// # Errors
/// When it cannot be set up.
pub fn built(builder: impl Fn() -> ClientBuilder) -> reqwest::Result<Client> {
    builder().build().or_else(|_| builder().tls_certs_only([]).build())
}

/// The same, to be completed.
pub fn builder() -> ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).no_proxy().gzip(false)
}

/// Why the body of an answer was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// The connection broke, or it did not come in time.
    #[error(transparent)]
    Broken(#[from] reqwest::Error),
    /// It is longer than any answer of Myinfo, or any page of a login.
    #[error("the answer is longer than {0} bytes, and was not read to its end")]
    TooLong(usize),
}

/// The body of an answer, unpacked, up to a limit. Whoever is judged, or passes for the mock, may send without end.
///
/// # Errors
/// When it breaks off, or is longer.
pub async fn whole(mut answer: Response, limit: usize) -> Result<Vec<u8>, Unread> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        if body.len() + piece.len() > limit {
            return Err(Unread::TooLong(limit));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// The same as text; bytes that are none are replaced.
///
/// # Errors
/// When it breaks off, or is longer.
pub async fn text(answer: Response, limit: usize) -> Result<String, Unread> {
    Ok(String::from_utf8_lossy(&whole(answer, limit).await?).into_owned())
}

/// The same as JSON.
///
/// # Errors
/// When it breaks off, is longer than an answer of Myinfo, or no JSON.
pub async fn json(answer: Response) -> Result<Value> {
    Ok(serde_json::from_slice(&whole(answer, ANSWER_LIMIT).await?)?)
}
