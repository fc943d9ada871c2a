//! One request, read once into our own type, and one answer, turned into HTTP in one place.

use crate::http::pairs::{Pairs, PairsError, Repeats};
use bytes::{Buf, Bytes, BytesMut};
use flate2::{Compression, write::GzEncoder};
use futures_util::{Stream, StreamExt, stream};
use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use warp::path::FullPath;
use warp::reply::{Reply, Response};

/// How much of a request body is read; a token request is under 2 kB.
const BODY_LIMIT: usize = 64 * 1024;
/// The same for the admin API, which takes whole personas.
pub(crate) const ADMIN_BODY_LIMIT: usize = 1024 * 1024;
/// How much of a body that is too large is thrown away before the answer.
const DRAIN_LIMIT: usize = 64 * 1024 * 1024;

/// Who is at the other end of the connection, and how it was made; put into each request by the accept loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) scheme: &'static str,
}

/// What the paths of a request's realm begin with: nothing, or `/_realm/NAME`. Put into each request where it enters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Base(pub(crate) String);

/// The whole application, or a part of it, as one filter.
pub(crate) type Routes = BoxedFilter<(Response,)>;

/// A request as it was received.
#[derive(Debug)]
pub(crate) struct Incoming {
    /// What the realm's paths begin with: nothing, or `/_realm/NAME`. The path below is without it.
    pub(crate) base: String,
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
    #[error("the request body is larger than {0} bytes")]
    TooLarge(usize),
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

    /// The address below which this realm is served: origin and base.
    pub(crate) fn base_url(&self) -> String {
        format!("{}{}", self.origin(), self.base)
    }

    /// The path as it was sent, the realm's part included.
    pub(crate) fn full_path(&self) -> String {
        format!("{}{}", self.base, self.path)
    }

    /// The origin that forwarding headers tell, where there are any.
    pub(crate) fn forwarded_origin(&self) -> Option<String> {
        let text = |name: &str| Some(self.headers.get(name)?.to_str().ok()?.split(',').next()?.trim().to_owned());
        let forwarded = text("forwarded").unwrap_or_default();
        let part = |name: &str| {
            let found = forwarded.split(';').find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
            found.map(|value| value.trim_matches('"').to_owned())
        };
        let host = text("x-forwarded-host").or_else(|| part("host"));
        let scheme = text("x-forwarded-proto").or_else(|| part("proto"));
        if host.is_none() && scheme.is_none() {
            return None;
        }
        let shown_port = text("x-forwarded-port").filter(|port| port != "443" && port != "80");
        let mut host = host.unwrap_or_else(|| self.host().to_owned());
        if let Some(port) = shown_port.filter(|_| !host.contains(':')) {
            host = format!("{host}:{port}");
        }
        Some(format!("{}://{host}", scheme.unwrap_or_else(|| self.scheme.to_owned())))
    }

    /// The host that the client called, with its port if it shows one; HTTP/2 carries it in the address.
    pub(crate) fn host(&self) -> &str {
        // one that cannot be read is no name of anybody: only a client that sends none is taken for one of this machine
        self.headers.get(header::HOST).map_or("localhost", |value| value.to_str().unwrap_or_default())
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
    incoming_up_to(BODY_LIMIT, patience)
}

/// The same with another limit for the body.
pub(crate) fn incoming_up_to(limit: usize, patience: Duration) -> BoxedFilter<(Incoming,)> {
    warp::method()
        .and(warp::path::full())
        .and(warp::query::raw().or(warp::any().map(String::new)).unify())
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<Peer>())
        .and(warp::ext::get::<Base>())
        .and(warp::body::stream())
        .then(move |method, path: FullPath, query, headers, peer: Option<Peer>, base: Base, body| async move {
            Incoming {
                base: base.0,
                method,
                path: path.as_str().to_owned(),
                query,
                headers,
                body: read_body(body, limit, patience).await,
                scheme: peer.map_or("http", |peer| peer.scheme),
                peer: peer.map(|peer| peer.address),
            }
        })
        .boxed()
}

async fn read_body(
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
    limit: usize,
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
                return Err(BodyProblem::TooLarge(limit));
            }
            if received <= limit {
                whole.extend_from_slice(&chunk.copy_to_bytes(chunk.remaining()));
            }
        }
        if received > limit { Err(BodyProblem::TooLarge(limit)) } else { Ok(()) }
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
    pub(crate) delivery: Delivery,
}

/// How a body goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// With its length.
    Whole,
    /// Chunked and without a length, as the real API's answers do.
    Chunked,
    /// A fault: half of it, then the connection breaks.
    Cut,
    /// A fault: half of it, then nothing for as long as the client waits.
    Stalled,
}

impl Delivery {
    /// What a fault does to an answer that a client gets half of; nothing where it arrives.
    pub(crate) const fn breaks_off(self) -> Option<&'static str> {
        match self {
            Self::Whole | Self::Chunked => None,
            Self::Cut => Some("breaks the connection in the middle of this answer: a client gets half of its body"),
            Self::Stalled => {
                Some("lets this answer stop in the middle: a client gets half of its body, and waits for the rest")
            }
        }
    }
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
            delivery: Delivery::Chunked,
        }
    }

    /// A page for a person, in a login.
    pub(crate) fn page(status: StatusCode, html: String) -> Self {
        let policy = "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'";
        Self::html(status, html, [policy, "no-referrer"])
    }

    /// A page of the mock's own: with its script, and with forms that lead to the mock alone. A browser says from which
    /// origin a form comes unless it may not (Fetch, "append a request `Origin` header"): to itself it may.
    pub(crate) fn own_page(status: StatusCode, html: String) -> Self {
        let policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";
        Self::html(status, html, [policy, "same-origin"])
    }

    fn html(status: StatusCode, html: String, [content, referrer]: [&'static str; 2]) -> Self {
        let mut page = Self::api(status, "text/html; charset=utf-8", html);
        page.delivery = Delivery::Whole;
        page.headers.extend([
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(content)),
            (header::REFERRER_POLICY, HeaderValue::from_static(referrer)),
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
            delivery: Delivery::Whole,
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

/// A JSON error where no profile answers.
pub(crate) fn plain_error(status: StatusCode, message: &str) -> Answer {
    let body = serde_json::json!({"code": status.as_u16(), "message": message}).to_string();
    Answer::api(status, "application/json", body)
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        let half = || answer.body.slice(..answer.body.len() / 2);
        let mut response = match answer.delivery {
            Delivery::Chunked if !answer.body.is_empty() => {
                warp::reply::stream(stream::iter([Ok::<_, Infallible>(answer.body)])).into_response()
            }
            Delivery::Whole | Delivery::Chunked => Self::new(answer.body.into()),
            Delivery::Cut => {
                let broken = || std::io::Error::other("a fault cut this answer");
                // the first half is flushed only when the second one lets itself be waited for
                let second = stream::once(async move {
                    tokio::task::yield_now().await;
                    Err(broken())
                });
                warp::reply::stream(stream::iter([Ok(half())]).chain(second)).into_response()
            }
            Delivery::Stalled => {
                let first = stream::iter([Ok::<_, Infallible>(half())]);
                warp::reply::stream(first.chain(stream::pending())).into_response()
            }
        };
        *response.status_mut() = answer.status;
        for (name, value) in answer.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}
