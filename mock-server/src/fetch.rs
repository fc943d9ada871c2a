//! Another server's document over HTTP: bounded in time and size, without redirects, tried again where that may help.

use reqwest::Client;
use reqwest::redirect::Policy;
use std::error::Error;
use std::time::Duration;
use thiserror::Error as Problem;

/// How much of a document is read.
const LIMIT: usize = 256 * 1024;

/// How a document is fetched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fetching<'a> {
    /// How long one try may take.
    pub(crate) patience: Duration,
    /// How often it is tried at most.
    pub(crate) tries: u64,
    /// Authorities that are trusted beside the system's, as PEM.
    pub(crate) authority_pem: Option<&'a [u8]>,
}

/// Why there is no document.
#[derive(Debug, Clone, PartialEq, Eq, Problem)]
pub(crate) enum Trouble {
    /// The address is none.
    #[error("it is no address that can be fetched: https:// or http://, a host, a path")]
    Address,
    /// The authorities or the system's trust store cannot be read.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
    /// Nothing could be exchanged.
    #[error("there is no connection: {0}")]
    Connection(String),
    /// What came is not TLS, and https was asked for.
    #[error("what came is no TLS: this port speaks plain HTTP; ask with http:// instead of https://")]
    Plain,
    /// The certificate that came leads to no authority that is trusted.
    #[error(
        "its certificate is of no authority that is trusted here: install ca-certificates, or name a file of authorities in the environment variable SSL_CERT_FILE, or, for `jwks_url`, in `jwks_ca`"
    )]
    Untrusted,
    /// It took too long.
    #[error("there was no whole answer within {0:?}")]
    Slow(Duration),
    /// A redirect, which is not followed.
    #[error("the answer is a redirect (HTTP status {0}), and redirects are not followed")]
    Redirect(u16),
    /// Another status than 200.
    #[error("the answer has the HTTP status {0}, expected 200")]
    Status(u16),
    /// More than is read.
    #[error("the answer is longer than {} kB", LIMIT / 1024)]
    Size,
    /// Bytes that are no text.
    #[error("the answer is no UTF-8 text")]
    Text,
}

impl Trouble {
    /// Whether the next try may do better.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Connection(_) | Self::Slow(_) | Self::Status(500..))
    }
}

/// Fetches a text.
pub(crate) async fn fetch(url: &str, how: Fetching<'_>) -> Result<String, Trouble> {
    let client = client(how)?;
    let mut last = once(&client, url, how).await;
    for _ in 1..how.tries {
        if !last.as_ref().is_err_and(Trouble::may_pass) {
            break;
        }
        last = once(&client, url, how).await;
    }
    last
}

fn client(how: Fetching<'_>) -> Result<Client, Trouble> {
    let failed = |error: reqwest::Error| Trouble::Client(cause(&error));
    // a process has one provider; whoever installed one before keeps it
    let _ = rustls::crypto::ring::default_provider().install_default();
    let own = how.authority_pem.map(reqwest::Certificate::from_pem_bundle).transpose().map_err(failed)?;
    let own = own.unwrap_or_default();
    // a proxy of the environment may be the mock's own
    let builder = || Client::builder().redirect(Policy::none()).no_proxy().timeout(how.patience);
    let client = builder().tls_certs_merge(own.clone()).build();
    // without the system's authorities, as in small containers: plain HTTP wants none
    client.or_else(|_| builder().tls_certs_only(own.clone()).build()).map_err(failed)
}

async fn once(client: &Client, url: &str, how: Fetching<'_>) -> Result<String, Trouble> {
    let trouble = |error: reqwest::Error| match error {
        error if error.is_builder() => Trouble::Address,
        error if error.is_timeout() => Trouble::Slow(how.patience),
        error => match cause(&error) {
            // what rustls says of a record whose first byte is none of TLS
            cause if cause.contains("InvalidContentType") => Trouble::Plain,
            cause if cause.contains("UnknownIssuer") => Trouble::Untrusted,
            cause => Trouble::Connection(cause),
        },
    };
    let mut answer = client.get(url).header("accept", "application/json").send().await.map_err(trouble)?;
    match answer.status().as_u16() {
        200 => {}
        status if answer.status().is_redirection() => return Err(Trouble::Redirect(status)),
        status => return Err(Trouble::Status(status)),
    }
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(trouble)? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > LIMIT {
            return Err(Trouble::Size);
        }
    }
    String::from_utf8(bytes).map_err(|_| Trouble::Text)
}

/// What stands at the bottom of an error: the layers above it only say that something failed, and repeat the address.
fn cause(error: &(dyn Error + 'static)) -> String {
    let mut bottom = error;
    while let Some(below) = bottom.source() {
        bottom = below;
    }
    bottom.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    /// A server that gives one answer to each connection in turn, and then is gone; its address.
    fn server(answers: Vec<String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 2000]).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        format!("http://{address}/jwks.json")
    }

    fn answer(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    }

    async fn with(answers: &[String]) -> Result<String, Trouble> {
        let how = Fetching { patience: Duration::from_secs(20), tries: 3, authority_pem: None };
        fetch(&server(answers.to_vec()), how).await
    }

    #[tokio::test]
    async fn a_server_that_stumbles_is_asked_again_and_at_most_three_times() {
        let (bad, good) = (answer("503 Busy", ""), answer("200 OK", "{}"));
        assert_eq!(with(&[String::new(), bad.clone(), good.clone()]).await.as_deref(), Ok("{}"));
        assert_eq!(with(&[bad.clone(), bad.clone(), bad, good]).await, Err(Trouble::Status(503)));
    }

    #[tokio::test]
    async fn what_cannot_pass_is_not_tried_again() {
        let good = answer("200 OK", "{}");
        assert_eq!(with(&[answer("404 Not Found", ""), good.clone()]).await, Err(Trouble::Status(404)));
        assert_eq!(with(&[answer("302 Found", ""), good.clone()]).await, Err(Trouble::Redirect(302)));
        let long = "x".repeat(300 * 1024);
        assert_eq!(with(&[answer("200 OK", &long), good.clone()]).await, Err(Trouble::Size));
        assert_eq!(with(&["HTTP/1.1 200 OK\r\n\r\n".to_owned()]).await.as_deref(), Ok(""));
    }

    #[tokio::test]
    async fn a_port_without_tls_is_told_with_the_address_to_use() {
        let how = Fetching { patience: Duration::from_secs(20), tries: 3, authority_pem: None };
        let url = server(vec![answer("400 Bad Request", "")]).replace("http://", "https://");
        let told = fetch(&url, how).await.unwrap_err().to_string();
        assert_eq!(told, "what came is no TLS: this port speaks plain HTTP; ask with http:// instead of https://");
    }

    #[tokio::test]
    async fn nobody_there_no_address_and_nothing_said_are_told_apart() {
        let how = Fetching { patience: Duration::from_millis(30), tries: 2, authority_pem: None };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(fetch(&format!("http://{address}/"), how).await, Err(Trouble::Slow(how.patience)));
        drop(listener);
        let gone = fetch(&format!("http://{address}/"), how).await.unwrap_err();
        assert!(matches!(&gone, Trouble::Connection(why) if why.contains("refused")), "{gone}");
        for text in ["", "jwks.json", "file:///etc/passwd", "https://"] {
            assert_eq!(fetch(text, how).await, Err(Trouble::Address), "{text}");
        }
    }
}
