//! A tap in front of the served side: every byte passes through unchanged, and every request is kept as it was sent.

use super::tls_ends::{Said, TlsEnds, tunnel};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A request as it was on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Counted over all connections, from 1.
    pub number: u64,
    /// The method.
    pub method: String,
    /// Path and query, not decoded.
    pub target: String,
    /// Names as sent, values as text.
    pub headers: Vec<(String, String)>,
    /// The body, without transfer coding.
    pub body: Vec<u8>,
    /// When it was whole, since the recorder's start.
    pub at: Duration,
}

impl Recorded {
    /// The value of a header; the first one.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The path, not decoded.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query, not decoded.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// The running tap.
#[derive(Debug)]
pub struct Recorder {
    address: SocketAddr,
    tap: Arc<Tap>,
    task: JoinHandle<()>,
}

/// What its connections share.
#[derive(Debug)]
struct Tap {
    requests: Mutex<Vec<Recorded>>,
    upstream: Mutex<SocketAddr>,
    connections: Mutex<JoinSet<()>>,
    start: Instant,
    ends: Ends,
}

/// What a connection is before requests can be read in it.
#[derive(Debug)]
pub(super) enum Ends {
    /// The requests themselves.
    Plain,
    /// TLS, which ends here and begins again.
    Tls(TlsEnds),
    /// One to a proxy: behind its tunnel there is TLS.
    Proxy(TlsEnds),
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Recorder {
    /// Listens on a free port and passes everything on to `upstream`.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port")?;
        Self::on(listener, upstream, Ends::Plain)
    }

    /// The same on a listener that there is already.
    ///
    /// # Errors
    /// When the system does not tell its address.
    pub(super) fn on(listener: TcpListener, upstream: SocketAddr, ends: Ends) -> Result<Self> {
        let address = listener.local_addr()?;
        let tap = Arc::new(Tap {
            requests: Mutex::default(),
            upstream: Mutex::new(upstream),
            connections: Mutex::default(),
            start: crate::clock::now(),
            ends,
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&tap)));
        Ok(Self { address, tap, task })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests below a path that came after the one with this number.
    pub fn requests(&self, below: &str, after: u64) -> Vec<Recorded> {
        let all = locked(&self.tap.requests);
        all.iter().filter(|request| request.number > after && is_below(request.path(), below)).cloned().collect()
    }

    /// The number of the newest request.
    pub fn newest(&self) -> u64 {
        locked(&self.tap.requests).last().map_or(0, |request| request.number)
    }

    /// From here on passes everything on to another server; what was kept, and what is still open, is of the one before.
    pub(super) fn lead_to(&self, upstream: SocketAddr) {
        self.drop_connections();
        locked(&self.tap.requests).clear();
        *locked(&self.tap.upstream) = upstream;
    }

    /// Drops every connection.
    pub(super) fn drop_connections(&self) {
        locked(&self.tap.connections).abort_all();
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, tap: Arc<Tap>) {
    while let Ok((client, _)) = listener.accept().await {
        let connection = connect(client, Arc::clone(&tap));
        let mut connections = locked(&tap.connections);
        // those that have ended
        while connections.try_join_next().is_some() {}
        // one that breaks is the client's to notice
        connections.spawn(async move { drop(connection.await) });
    }
}

async fn connect(mut client: TcpStream, tap: Arc<Tap>) -> io::Result<()> {
    let upstream = *locked(&tap.upstream);
    let mut server = TcpStream::connect(upstream).await?;
    match &tap.ends {
        Ends::Plain => pass(split(client), split(server), &tap).await,
        Ends::Tls(ends) => {
            pass(split(ends.accept(client).await?), split(ends.connect(server).await?), &tap).await;
        }
        Ends::Proxy(ends) => match tunnel(&mut client, &mut server).await? {
            Said::Tunnel => {
                pass(split(ends.accept(client).await?), split(ends.connect(server).await?), &tap).await;
            }
            Said::Refused => {}
            // some clients open no tunnel even for `https`: the proxy answers in the host's name
            Said::Request(head) => {
                let (from_client, to_client) = split(client);
                pass((head.as_slice().chain(from_client), to_client), split(server), &tap).await;
            }
        },
    }
    Ok(())
}

/// Both directions of a connection.
async fn pass(
    (from_client, to_client): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    (from_server, to_server): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    tap: &Tap,
) {
    // an answer may still be under way when the client has said all, and the other way round
    tokio::join!(forward((from_client, to_server), tap), back(from_server, to_client));
}

/// Client to server. A request is kept before its last byte goes on, so that it is there when the answer comes.
async fn forward((mut from, mut to): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin), tap: &Tap) {
    let mut pending = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(size @ 1..) = from.read(&mut buffer).await {
        let Some(bytes) = buffer.get(..size) else { return };
        pending.extend_from_slice(bytes);
        while let Some((mut request, length)) = parse(&pending) {
            pending.drain(..length);
            let mut all = locked(&tap.requests);
            request.at = tap.start.elapsed();
            request.number = all.last().map_or(1, |newest| newest.number + 1);
            all.push(request);
        }
        if to.write_all(bytes).await.is_err() || to.flush().await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}

async fn back(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    let _ = copy(&mut from, &mut to).await;
    let _ = to.shutdown().await;
}

/// The first whole request in the bytes, and how many bytes it takes.
pub fn parse(bytes: &[u8]) -> Option<(Recorded, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut request = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(head)) = request.parse(bytes) else { return None };
    let headers: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned()))
        .collect();
    let mut recorded = Recorded {
        number: 0,
        method: request.method?.to_owned(),
        target: without_origin(request.path?).to_owned(),
        headers,
        body: Vec::new(),
        at: Duration::ZERO,
    };
    let rest = bytes.get(head..)?;
    let chunked = recorded.header("transfer-encoding").is_some_and(|coding| coding.to_lowercase().contains("chunked"));
    let size = if chunked {
        let (body, size) = chunks(rest)?;
        recorded.body = body;
        size
    } else {
        let size = recorded.header("content-length").and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        recorded.body = rest.get(..size)?.to_vec();
        size
    };
    Some((recorded, head + size))
}

/// Path and query of a request's target, which has the whole address where it was sent to a proxy (RFC 9112 §3.2.2).
fn without_origin(target: &str) -> &str {
    let Some((scheme, rest)) = target.split_once("://") else { return target };
    let is_absolute = ["http", "https"].contains(&scheme);
    let path = rest.find('/').and_then(|start| rest.get(start..)).unwrap_or("/");
    if is_absolute { path } else { target }
}

/// A chunked body (RFC 9112 §7.1), and how many bytes it takes.
fn chunks(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let Ok(httparse::Status::Complete((head, size))) = httparse::parse_chunk_size(bytes.get(at..)?) else {
            return None;
        };
        let size = usize::try_from(size).ok()?;
        let start = at + head;
        body.extend_from_slice(bytes.get(start..start + size)?);
        at = start + size + 2;
        if bytes.len() < at {
            return None;
        }
        if size == 0 {
            return Some((body, at));
        }
    }
}

/// Whether a path lies below another; the realm `a-b` does not lie below `a`.
fn is_below(path: &str, above: &str) -> bool {
    let rest = path.strip_prefix(above.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_whose_name_begins_with_anothers_is_not_below_it() {
        for (path, below) in
            [("/_realm/a", true), ("/_realm/a/com/v3/token", true), ("/_realm/a-b/com/v3/token", false)]
        {
            assert_eq!(is_below(path, "/_realm/a"), below, "{path}");
        }
        assert!(is_below("/com/v3/token", "") && is_below("/com/v3/token", "/com/v3/"));
    }

    #[test]
    fn requests_are_cut_out_of_the_stream_whole() {
        let first = b"POST /a?b=%2B HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz";
        let second = b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
        let stream = [&first[..], &second[..]].concat();
        let (request, length) = parse(&stream).unwrap();
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/a?b=%2B"));
        assert_eq!((request.body.as_slice(), length), (&b"xyz"[..], first.len()));
        let (request, length) = parse(&stream[length..]).unwrap();
        assert_eq!((request.body.as_slice(), length), (&b"abc"[..], second.len()));
        assert_eq!(
            without_origin("https://test.api.myinfo.gov.sg/com/v3/token?a=http://x"),
            "/com/v3/token?a=http://x"
        );
        assert_eq!(without_origin("/com?next=http://x"), "/com?next=http://x");
        for cut in 0..first.len() {
            assert!(parse(&first[..cut]).is_none(), "{cut}");
        }
    }
}
