//! The ways into the application: plain HTTP, TLS, and a forward proxy for the real host names.

use super::head;
use super::wire::{Departure, Outgoing, Socket};
use crate::http::exchange::{Peer, Routes};
use crate::realms::Realms;
use crate::text::visible;
use crate::tls::names::{host_of, is_real};
use hyper::body::Incoming as Body;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tower_service::Service;
use warp::http::{HeaderValue, Method, Request, StatusCode, header};
use warp::reply::Response;

/// How large the head of a request may be.
const HEAD_LIMIT: usize = 64 * 1024;

/// A way in: what a listener does with a connection.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) routes: Routes,
    pub(crate) realms: Arc<Realms>,
    pub(crate) kind: DoorKind,
    /// How long a handshake, and the head of a request, may take.
    pub(crate) patience: Duration,
    /// The host in whose name everything is answered, inside a tunnel of the proxy.
    pub(crate) named: Option<HeaderValue>,
}

/// The kinds of ways in.
#[derive(Clone)]
pub(crate) enum DoorKind {
    /// HTTP/1.1 without TLS.
    Plain,
    /// TLS, then HTTP/1.1 or HTTP/2 as agreed.
    Tls(TlsAcceptor),
    /// A forward proxy: `CONNECT` for the real names, with TLS ended here, and absolute-form requests.
    Proxy(TlsAcceptor),
}

impl Door {
    /// Takes one connection through, from its first byte to its last.
    pub(crate) async fn enter(self, stream: TcpStream, address: SocketAddr, watcher: Watcher) {
        let _ = stream.set_nodelay(true);
        let stream = Socket::new(stream, self.patience);
        match self.kind.clone() {
            DoorKind::Plain => self.plain(stream, address, watcher).await,
            DoorKind::Tls(acceptor) => {
                let client = Client { address, departure: stream.departure() };
                self.tls(acceptor, stream, client, watcher).await;
            }
            DoorKind::Proxy(acceptor) => self.proxy(acceptor, stream, address).await,
        }
    }

    fn service(&self, client: Client, scheme: &'static str) -> (Application, Arc<AtomicBool>) {
        let spoke = Arc::new(AtomicBool::new(false));
        let peer = Peer { address: client.address, scheme };
        let application = Application {
            routes: self.routes.clone(),
            realms: Arc::clone(&self.realms),
            peer,
            departure: client.departure,
            named: self.named.clone(),
            spoke: Arc::clone(&spoke),
        };
        (application, spoke)
    }

    fn http1(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.patience).half_close(true).max_buf_size(HEAD_LIMIT);
        builder
    }

    async fn plain(self, stream: Socket, address: SocketAddr, watcher: Watcher) {
        let farewell = Farewell(stream.handle());
        let (service, spoke) = self.service(Client { address, departure: stream.departure() }, "http");
        let connection = self.http1().serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        if let Err(error) = watcher.watch(connection).await {
            // after a first request the same time-out only ends an idle connection: nothing to explain there
            if error.is_timeout() && !spoke.load(Ordering::Relaxed) {
                farewell.say_too_slow();
            }
            tracing::debug!(%error, "a connection ended badly");
        }
    }

    async fn tls(self, acceptor: TlsAcceptor, stream: impl Wire, client: Client, watcher: Watcher) {
        let stream = match tokio::time::timeout(self.patience, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                return tracing::info!(%error, "a TLS handshake failed: does the client trust the mock's authority?");
            }
            Err(_) => return tracing::info!("a client connected and did not finish the TLS handshake in time"),
        };
        let (service, spoke) = self.service(client, "https");
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(service));
        let ended = if http2 {
            let mut builder = auto::Builder::new(TokioExecutor::new()).http2_only();
            builder
                .http2()
                .timer(TokioTimer::new())
                .keep_alive_interval(self.patience)
                .keep_alive_timeout(self.patience);
            let connection = watcher.watch(builder.serve_connection(io, service).into_owned());
            let silence = silence(self.patience, &spoke);
            tokio::select! {
                ended = connection => ended.map_err(|error| error.to_string()),
                () = silence => Err("nothing was asked for in time".to_owned()),
            }
        } else {
            watcher.watch(self.http1().serve_connection(io, service)).await.map_err(|error| error.to_string())
        };
        if let Err(error) = ended {
            tracing::debug!(error, "a connection ended badly");
        }
    }

    /// Not drained when the server stops, as the tunnels are not: whoever uses a proxy connects again.
    async fn proxy(self, acceptor: TlsAcceptor, stream: Socket, address: SocketAddr) {
        let (application, _) = self.service(Client { address, departure: stream.departure() }, "http");
        let builder = self.http1();
        let service = ProxyService { door: self, acceptor, application };
        if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).with_upgrades().await {
            tracing::debug!(%error, "a proxy connection ended badly");
        }
    }
}

/// Ends when nothing was asked for in time. Pings keep watch over an HTTP/2 connection from its first word on, not before.
async fn silence(patience: Duration, spoke: &AtomicBool) {
    tokio::time::sleep(patience).await;
    if spoke.load(Ordering::Relaxed) {
        std::future::pending().await
    }
}

/// Who is at the other end of a connection.
struct Client {
    address: SocketAddr,
    departure: Departure,
}

/// A byte stream under TLS: a socket, or a tunnel through the proxy.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Wire for T {}

/// A second handle of the connection, kept to tell a client that never finished its request head what happened.
///
/// hyper closes such a connection without a word, which leaves the developer of the client with nothing.
struct Farewell(Arc<TcpStream>);

impl Farewell {
    fn say_too_slow(self) {
        const TEXT: &str = "{\"code\":408,\"message\":\"the head of the request did not arrive in time\"}";
        // the socket does not block: an answer that cannot be sent at once is not sent
        let _ = self.0.try_write(
            format!(
                "HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{TEXT}",
                TEXT.len()
            )
            .as_bytes(),
        );
    }
}

/// The application behind a connection: puts the [`Peer`] into each request and notes that there was one.
#[derive(Clone)]
struct Application {
    routes: Routes,
    realms: Arc<Realms>,
    peer: Peer,
    departure: Departure,
    /// The host in whose name the answer is, whatever the Host header says: a tunnel's, or an absolute address's.
    named: Option<HeaderValue>,
    spoke: Arc<AtomicBool>,
}

type Answering = Pin<Box<dyn Future<Output = Result<Outgoing, Infallible>> + Send>>;

impl Service<Request<Body>> for Application {
    type Response = Outgoing;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Answering {
        self.spoke.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(self.peer);
        if let Some(named) = &self.named {
            request.headers_mut().insert(header::HOST, named.clone());
        }
        // HTTP/2 has no Host header; the handlers look there alone
        if let Some(authority) = authority_of(&request).filter(|_| !request.headers().contains_key(header::HOST)) {
            request.headers_mut().insert(header::HOST, authority);
        }
        if let Some(refusal) = self.no_path(&request) {
            let refusal = self.departure.clone().attend(refusal);
            return Box::pin(async move { Ok(refusal) });
        }
        if let Err(refusal) = self.realms.enter(&mut request) {
            let refusal = self.departure.clone().attend(refusal.into());
            return Box::pin(async move { Ok(refusal) });
        }
        let headless = head::taken_for_get(&mut request);
        let (departure, answering) = (self.departure.clone(), warp::service(self.routes.clone()).call(request));
        Box::pin(async move {
            let answer = answering.await?;
            Ok(departure.attend(if headless { head::without_content(answer) } else { answer }))
        })
    }
}

impl Application {
    /// What is said of a request without a path, which is for a proxy; warp's filters take none.
    fn no_path(&self, request: &Request<Body>) -> Option<Response> {
        let target: String = request.uri().to_string().chars().take(80).collect();
        if request.method() != Method::CONNECT && !request.uri().path().is_empty() {
            return None;
        }
        let scheme = self.peer.scheme.to_uppercase();
        let there = match self.realms.default().config.proxy {
            Some(address) if address.port() != 0 => format!("the proxy listens on {address}"),
            Some(_) => "the proxy listens where the line `ready proxy://…` says".to_owned(),
            None => "there is no proxy: start the mock with --proxy 127.0.0.1:5158".to_owned(),
        };
        let text = format!(
            "`{} {}` is a request to a proxy, or has no path.\nThis is the {scheme} port; {there}.\nGive HTTPS_PROXY and HTTP_PROXY the proxy's address, and this one to nobody as a proxy.\n",
            request.method(),
            visible(&target),
        );
        let mut response = Response::new(text.into());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        Some(response)
    }
}

/// What the proxy does with a request: a tunnel whose TLS ends here, an answer in the host's name, or a refusal.
struct ProxyService {
    door: Door,
    acceptor: TlsAcceptor,
    application: Application,
}

impl hyper::service::Service<Request<Body>> for ProxyService {
    type Response = Outgoing;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Body>) -> Answering {
        let host = request.uri().host().map(host_of).unwrap_or_default();
        if !is_real(&host) {
            let refusal = self.application.departure.clone().attend(refuse(&host));
            return Box::pin(async move { Ok(refusal) });
        }
        match request.uri().scheme_str() {
            _ if request.method() == Method::CONNECT => self.tunnel(request),
            Some("http" | "https") => self.in_the_name_of(request),
            _ => {
                let refusal = self.application.departure.clone().attend(refuse("another scheme than http and https"));
                Box::pin(async move { Ok(refusal) })
            }
        }
    }
}

impl ProxyService {
    /// `CONNECT`: says yes, then ends the client's TLS as the host that it asked for.
    fn tunnel(&self, request: Request<Body>) -> Answering {
        let (mut door, acceptor) = (self.door.clone(), self.acceptor.clone());
        let client = Client { address: self.application.peer.address, departure: self.application.departure.clone() };
        let host = request.uri().host().map(host_of).unwrap_or_default();
        let port = request.uri().port_u16().filter(|port| *port != 443);
        let named = port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        door.named = HeaderValue::from_str(&named).ok();
        tokio::spawn(async move {
            match hyper::upgrade::on(request).await {
                Ok(upgraded) => {
                    let graceful = hyper_util::server::graceful::GracefulShutdown::new();
                    door.tls(acceptor, TokioIo::new(upgraded), client, graceful.watcher()).await;
                }
                Err(error) => tracing::debug!(%error, "a tunnel was not opened"),
            }
        });
        let opened = self.application.departure.clone().attend(Response::default());
        Box::pin(async move { Ok(opened) })
    }

    /// An absolute-form request in plain HTTP: answered as the scheme and host in its address.
    ///
    /// Some clients send even `https` addresses this way instead of opening a tunnel.
    fn in_the_name_of(&self, request: Request<Body>) -> Answering {
        let mut application = self.application.clone();
        if request.uri().scheme_str() == Some("https") {
            application.peer.scheme = "https";
        }
        // RFC 9112 §3.2.2: the address wins over the header
        application.named = authority_of(&request);
        Service::call(&mut application, request)
    }
}

/// The host and port in the request's address, as a Host header has them.
fn authority_of(request: &Request<Body>) -> Option<HeaderValue> {
    HeaderValue::from_str(request.uri().authority()?.as_str()).ok()
}

fn refuse(host: &str) -> Response {
    let shown = if host.is_empty() { "an address without a host" } else { host };
    let text = format!("This proxy answers for the hosts of Myinfo and Singpass only, not for {shown}.\n");
    let mut response = Response::new(text.into());
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
