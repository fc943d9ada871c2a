//! The network: the only file that knows the HTTP client. No redirects, bounded sizes and times.

use crate::error::{Endpoint, Error, TransportProblem};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::fmt;
use std::time::Duration;

/// How much of an answer is read. A person document is under 200 kB.
const BODY_LIMIT: usize = 4 * 1024 * 1024;
/// How long a connection may take to be made.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long a whole exchange may take.
const TOTAL_TIME: Duration = Duration::from_secs(30);

/// A request, ready to be sent by any HTTP client.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Where it goes.
    pub endpoint: Endpoint,
    /// The whole address, query included; send it as it stands.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body of a POST; a request without one is a GET.
    pub body: Option<String>,
}

impl fmt::Debug for Request {
    /// Without headers and body: they hold the secret, the code and the token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Request").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// An answer, read whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Seconds since the epoch in the `Date` header, where it could be read.
    pub date: Option<i64>,
    /// Seconds in the `Retry-After` header, where there is one.
    pub retry_after: Option<u64>,
    /// The `DPoP-Nonce` header, where there is one.
    pub dpop_nonce: Option<String>,
    /// The `WWW-Authenticate` header, where there is one.
    pub challenge: Option<String>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// What carries requests and brings answers: a [`Transport`], another HTTP client, or a test.
pub trait Network: fmt::Debug + Send + Sync {
    /// Sends a request, once and as it stands, and reads the answer. Redirects are not followed.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Error>>;
}

/// The network over reqwest.
#[derive(Debug, Clone)]
pub struct Transport {
    client: reqwest::Client,
    /// Whether it has no certificate of any authority, and so takes no TLS.
    trusts_nobody: bool,
}

/// What is said where TLS is asked for and no authority is trusted.
const NO_AUTHORITIES: &str = "this system has no certificates of authorities, and an https address cannot be trusted without: install ca-certificates, or name a file of them in the environment variable SSL_CERT_FILE";

/// What a transport may be told.
#[derive(Debug, Clone, Default)]
pub struct TransportOptions {
    /// PEM certificates of authorities that are trusted instead of the system's: for a mock's own authority.
    pub authority_pem: Option<Vec<u8>>,
    /// How long a whole exchange may take, instead of 30 seconds.
    pub time_limit: Option<Duration>,
}

impl Transport {
    /// A transport with the limits that a relying party wants. Where the system has no certificates of authorities, as in small
    /// containers, it carries plain HTTP alone: enough for a mock.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the authority's certificate cannot be read.
    pub fn new(options: &TransportOptions) -> Result<Self, Error> {
        // a process has one provider; whoever installed one before keeps it
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_TIME)
                .timeout(options.time_limit.unwrap_or(TOTAL_TIME))
                .gzip(true)
        };
        let failed = |_| Error::Configuration("the HTTP client cannot be set up".to_owned());
        if let Some(pem) = &options.authority_pem {
            let client = builder().tls_certs_only(authorities(pem)?).build().map_err(failed)?;
            return Ok(Self::with_client(client));
        }
        if let Ok(client) = builder().build() {
            return Ok(Self::with_client(client));
        }
        let client = builder().tls_certs_only([]).build().map_err(failed)?;
        Ok(Self { client, trusts_nobody: true })
    }

    /// Whether requests to an address can be sent at all.
    ///
    /// # Errors
    /// [`Error::Configuration`] where it is one of https, and the system has no certificates of authorities.
    pub fn can_reach(&self, url: &str) -> Result<(), Error> {
        if self.trusts_nobody && url.starts_with("https:") {
            return Err(Error::Configuration(NO_AUTHORITIES.to_owned()));
        }
        Ok(())
    }

    /// A transport over a client of one's own. It must not follow redirects and should have time limits.
    pub const fn with_client(client: reqwest::Client) -> Self {
        Self { client, trusts_nobody: false }
    }

    /// The errors' text holds neither the address nor anything that was sent.
    async fn exchange(&self, request: Request) -> Result<Response, Error> {
        self.can_reach(&request.url)?;
        let endpoint = request.endpoint;
        let failed = |problem| Error::Transport { endpoint, problem };
        let mut outgoing = match request.body {
            Some(body) => self.client.post(&request.url).body(body),
            None => self.client.get(&request.url),
        };
        for (name, value) in request.headers {
            outgoing = outgoing.header(name, value);
        }
        let mut incoming = outgoing.send().await.map_err(|error| failed(problem_of(&error)))?;
        let status = incoming.status().as_u16();
        if incoming.status().is_redirection() {
            return Err(failed(TransportProblem::Redirect));
        }
        let header = |name: &str| incoming.headers().get(name).and_then(|value| value.to_str().ok());
        let date = header("date").and_then(parse_date);
        // RFC 9110 §10.2.3: seconds or a date; a date would have to be believed by two clocks, and is not read
        let retry_after = header("retry-after").and_then(|seconds| seconds.parse().ok());
        let (dpop_nonce, challenge) = (header("dpop-nonce"), header("www-authenticate"));
        let (dpop_nonce, challenge) = (dpop_nonce.map(str::to_owned), challenge.map(str::to_owned));
        let mut body = Vec::new();
        while let Some(chunk) = incoming.chunk().await.map_err(|error| failed(problem_of(&error)))? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(failed(TransportProblem::TooLarge));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, date, retry_after, dpop_nonce, challenge, body })
    }
}

/// The certificates of a PEM file.
fn authorities(pem: &[u8]) -> Result<Vec<reqwest::Certificate>, Error> {
    let authorities = reqwest::Certificate::from_pem_bundle(pem)
        .map_err(|_| Error::Configuration("the authority's certificate cannot be read as PEM".to_owned()))?;
    if authorities.is_empty() {
        return Err(Error::Configuration("the authority's file holds no PEM certificate".to_owned()));
    }
    Ok(authorities)
}

impl Network for Transport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Error>> {
        self.exchange(request).boxed()
    }
}

fn problem_of(error: &reqwest::Error) -> TransportProblem {
    if error.is_timeout() {
        TransportProblem::Timeout
    } else if error.is_connect() {
        TransportProblem::Connect
    } else {
        TransportProblem::BrokenOff
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7, the preferred form) as seconds since the epoch.
fn parse_date(text: &str) -> Option<i64> {
    let mut parts = text.split([' ', ':']);
    let _weekday = parts.next()?;
    let day: i64 = parts.next()?.parse().ok()?;
    let month = parts.next()?;
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        .iter()
        .position(|name| *name == month)?;
    let year: i64 = parts.next()?.parse().ok()?;
    let mut next = || parts.next()?.parse::<i64>().ok();
    let (hour, minute, second) = (next()?, next()?, next()?);
    // days since the epoch of a civil date: March counts as the first month, so that leap days come last
    let month = i64::try_from(month).ok()? + 1;
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let era_year = year.rem_euclid(400);
    let days =
        year.div_euclid(400) * 146_097 + era_year * 365 + era_year / 4 - era_year / 100 + (153 * month + 2) / 5 + day
            - 1
            - 719_468;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_header_is_read() {
        assert_eq!(parse_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(parse_date("Thu, 29 Feb 2024 12:00:00 GMT"), Some(1_709_208_000));
        assert_eq!(parse_date("yesterday"), None);
    }

    #[test]
    fn a_request_prints_nothing_that_was_sent() {
        let request = Request {
            endpoint: Endpoint::Token,
            url: "http://localhost/?code=c0de".into(),
            headers: vec![("Authorization", "Bearer t0ken".into())],
            body: Some("client_secret=hush".into()),
        };
        let text = format!("{request:?}");
        assert!(!text.contains("c0de") && !text.contains("t0ken") && !text.contains("hush"), "{text}");
    }
}
