//! One request, read once into our own type, and one answer, turned into HTTP in one place.

use crate::http::pairs::{Pairs, PairsError, Repeats};
use bytes::{Buf, Bytes, BytesMut};
use flate2::{Compression, write::GzEncoder};
use futures_util::{Stream, StreamExt, stream};
use std::io::Write;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use warp::reply::{Reply, Response};

/// How much of a request body is read; a token request is under 2 kB.
const BODY_LIMIT: usize = 64 * 1024;
/// How much of a body that is too large is thrown away before the answer.
const DRAIN_LIMIT: usize = 64 * 1024 * 1024;

/// Who is at the other end of the connection, and how it was made; put into each request by the accept loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) scheme: &'static str,
}

/// A request as it was received.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) method: Method,
    /// The path as sent: not decoded, final slash kept.
    pub(crate) path: String,
    /// The query as sent, without the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Result<Bytes, BodyProblem>,
    pub(crate) scheme: &'static str,
    pub(crate) peer: Option<SocketAddr>,
}

/// Why a request body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyProblem {
    #[error("the request body is larger than {BODY_LIMIT} bytes")]
    TooLarge,
    #[error("the request body did not arrive in time")]
    TooSlow,
    #[error("the connection broke off inside the request body")]
    BrokenOff,
}

impl Incoming {
    /// The header as text; `None` when it is absent, an error when it is not UTF-8 text or was sent twice.
    pub(crate) fn header(&self, name: &HeaderName) -> Result<Option<&str>, HeaderProblem> {
        let mut values = self.headers.get_all(name).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(HeaderProblem::Repeated(name.clone()));
        }
        std::str::from_utf8(value.as_bytes()).map(Some).map_err(|_| HeaderProblem::NotUtf8(name.clone()))
    }

    /// Scheme and authority that the client used: `http://localhost:5156`.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.host())
    }

    /// The host that the client called, with its port if it shows one; HTTP/2 carries it in the address.
    pub(crate) fn host(&self) -> &str {
        let header = self.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        header.unwrap_or("localhost")
    }

    /// The query's pairs.
    pub(crate) fn query_pairs(&self, repeats: Repeats) -> Result<Pairs, PairsError> {
        Pairs::parse(&self.query)?.with_repeats(repeats)
    }
}

/// Why a request header cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderProblem {
    #[error("the header `{0}` was sent more than once")]
    Repeated(HeaderName),
    #[error("the header `{0}` holds bytes that are not UTF-8")]
    NotUtf8(HeaderName),
}

/// The shared extractor, boxed; `patience` is how long a body may take.
pub(crate) fn incoming(patience: Duration) -> BoxedFilter<(Incoming,)> {
    warp::method()
        .and(warp::path::full())
        .and(warp::query::raw().or(warp::any().map(String::new)).unify())
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<Peer>())
        .and(warp::body::stream())
        .then(move |method, path: warp::path::FullPath, query, headers, peer: Option<Peer>, body| async move {
            Incoming {
                method,
                path: path.as_str().to_owned(),
                query,
                headers,
                body: read_body(body, patience).await,
                scheme: peer.map_or("http", |peer| peer.scheme),
                peer: peer.map(|peer| peer.address),
            }
        })
        .boxed()
}

async fn read_body(
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
    patience: Duration,
) -> Result<Bytes, BodyProblem> {
    let mut body = pin!(body);
    let mut whole = BytesMut::new();
    let mut received = 0;
    let reading = async {
        while let Some(chunk) = body.next().await {
            let mut chunk = chunk.map_err(|_| BodyProblem::BrokenOff)?;
            received += chunk.remaining();
            // what is too large is still read for a while: a client that writes before it reads would see a broken
            // connection instead of the answer
            if received > DRAIN_LIMIT {
                return Err(BodyProblem::TooLarge);
            }
            if received <= BODY_LIMIT {
                whole.extend_from_slice(&chunk.copy_to_bytes(chunk.remaining()));
            }
        }
        if received > BODY_LIMIT { Err(BodyProblem::TooLarge) } else { Ok(()) }
    };
    tokio::time::timeout(patience, reading).await.unwrap_or(Err(BodyProblem::TooSlow))?;
    Ok(whole.freeze())
}

/// An answer, before it becomes HTTP.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    /// Whether the body goes out chunked and without a length, as the real API's answers do.
    pub(crate) chunked: bool,
}

impl Answer {
    /// An answer of the API: chunked, never stored by caches.
    pub(crate) fn api(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![
                (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
            body: body.into(),
            chunked: true,
        }
    }

    /// A page for a person.
    pub(crate) fn page(status: StatusCode, html: String) -> Self {
        let mut page = Self::api(status, "text/html; charset=utf-8", html);
        page.chunked = false;
        page.headers.extend([
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(
                    "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
                ),
            ),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ]);
        page
    }

    /// A redirect of the browser; 302 to leave for the relying party, 303 after a form.
    pub(crate) fn redirect(status: StatusCode, location: HeaderValue) -> Self {
        Self {
            status,
            headers: vec![
                (header::LOCATION, location),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            ],
            body: Bytes::new(),
            chunked: false,
        }
    }

    /// The same answer with one header more.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same answer, compressed. Only for a client that asks, and only where it is switched on (open question 8).
    pub(crate) fn gzipped(mut self) -> std::io::Result<Self> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&self.body)?;
        self.body = encoder.finish()?.into();
        Ok(self.with_header(header::CONTENT_ENCODING, HeaderValue::from_static("gzip")))
    }
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        let mut response = if answer.chunked && !answer.body.is_empty() {
            warp::reply::stream(stream::iter([Ok::<_, std::convert::Infallible>(answer.body)])).into_response()
        } else {
            Self::new(answer.body.into())
        };
        *response.status_mut() = answer.status;
        for (name, value) in answer.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}
