//! How a server is reached: how long and whom the client trusts, and why there is no answer.

use crate::http::{self, Unread};
use anyhow::{Context, Result};
use reqwest::{Certificate, Client, Response};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How a server is reached.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// How long an answer may take.
    pub timeout: Duration,
    authority: Option<Certificate>,
    /// The file of it.
    authority_file: Option<PathBuf>,
}

impl HttpOptions {
    /// With the system's authorities, or one of the caller's as PEM.
    ///
    /// # Errors
    /// When the file cannot be read, or is no certificate.
    pub fn new(timeout: Duration, authority: Option<&Path>) -> Result<Self> {
        let read = |path: &Path| {
            let shown = path.display();
            let pem = std::fs::read(path).with_context(|| format!("the authority {shown} cannot be read"))?;
            Certificate::from_pem(&pem).with_context(|| format!("the authority {shown} is no certificate in PEM"))
        };
        Ok(Self { timeout, authority: authority.map(read).transpose()?, authority_file: authority.map(Path::to_owned) })
    }

    /// The file of the caller's authority, where one was given.
    pub fn authority_file(&self) -> Option<&Path> {
        self.authority_file.as_deref()
    }

    /// A client that follows no redirects.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub fn client(&self) -> Result<Client> {
        let builder = || http::builder().timeout(self.timeout).tls_certs_merge(self.authority.clone());
        Ok(http::built(builder)?)
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The request itself could not be made of what the server gave before.
    #[error("what the server gave fits into no request")]
    NotSent,
    /// Nobody is there, or nobody who is trusted.
    #[error("no connection could be made")]
    NotConnected,
    /// It did not come in time.
    #[error("it did not come in time")]
    Late,
    /// The connection broke.
    #[error("the connection broke")]
    Broken,
    /// It is longer than any answer of Myinfo.
    #[error("it is longer than is read")]
    TooLong,
}

impl From<reqwest::Error> for NoAnswer {
    fn from(error: reqwest::Error) -> Self {
        if error.is_builder() {
            Self::NotSent
        } else if error.is_timeout() {
            Self::Late
        } else if error.is_connect() {
            Self::NotConnected
        } else {
            Self::Broken
        }
    }
}

impl From<Unread> for NoAnswer {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Broken(error) => error.into(),
            Unread::TooLong(_) => Self::TooLong,
        }
    }
}

/// The body of an answer, up to a limit.
///
/// # Errors
/// When it breaks off, or is longer.
pub async fn whole(answer: Response, limit: usize) -> Result<Vec<u8>, NoAnswer> {
    Ok(http::whole(answer, limit).await?)
}
