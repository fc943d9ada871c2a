//! The accept loop: listens, gives each connection its own task, stops when told, and never waits for ever.

use crate::http::exchange::Peer;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower_service::Service;
use warp::filters::BoxedFilter;
use warp::http::Request;
use warp::reply::Response;

/// The whole application as one filter that answers everything.
pub(crate) type Routes = BoxedFilter<(Response,)>;

/// How long open exchanges may take to finish once the server is told to stop.
const DRAIN_TIME: Duration = Duration::from_secs(5);
/// How large the head of a request may be.
const HEAD_LIMIT: usize = 64 * 1024;

/// A listener that is bound and served; it stops when told or dropped.
#[derive(Debug)]
pub(crate) struct RunningListener {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl RunningListener {
    /// Binds `address` (port 0 picks a free one) and serves `routes` there; `patience` is how long a request head may take.
    pub(crate) async fn start(routes: Routes, address: SocketAddr, patience: Duration) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(accept(routes, listener, patience, stopped));
        Ok(Self { address, stop: Some(stop), task })
    }

    /// Stops accepting, lets open exchanges finish for a bounded time, and returns.
    pub(crate) async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "the accept loop did not end well");
        }
    }
}

async fn accept(routes: Routes, listener: TcpListener, patience: Duration, mut stopped: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            biased;
            // a sender that was dropped means the same as a sender that spoke
            _ = &mut stopped => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    let routes = routes.clone();
                    tokio::spawn(converse(routes, stream, Terms { address, patience }, graceful.watcher()));
                }
                Err(error) => {
                    // too many open files and the like: give the system a moment instead of spinning
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = DRAIN_TIME.as_secs(), "open connections were cut: they did not finish in time");
    }
}

/// Who is at the other end, and how long we wait for them.
#[derive(Clone, Copy)]
struct Terms {
    address: SocketAddr,
    patience: Duration,
}

async fn converse(routes: Routes, stream: TcpStream, terms: Terms, watcher: Watcher) {
    let Terms { address, patience } = terms;
    let _ = stream.set_nodelay(true);
    let farewell = Farewell::of(&stream);
    let spoke = Arc::new(AtomicBool::new(false));
    let service = TowerToHyperService::new(WithPeer {
        inner: warp::service(routes),
        peer: Peer { address, scheme: "http" },
        spoke: Arc::clone(&spoke),
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .half_close(true)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        // after a first request the same time-out only ends an idle connection: nothing to explain there
        if error.is_timeout() && !spoke.load(Ordering::Relaxed) {
            farewell.say_too_slow();
        }
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// A second handle of the connection, kept to tell a client that never finished its request head what happened.
///
/// hyper closes such a connection without a word, which leaves the developer of the client with nothing.
struct Farewell(Option<socket2::Socket>);

impl Farewell {
    fn of(stream: &TcpStream) -> Self {
        Self(socket2::SockRef::from(stream).try_clone().ok())
    }

    fn say_too_slow(self) {
        const TEXT: &str = "{\"code\":408,\"message\":\"the head of the request did not arrive in time\"}";
        let Some(mut socket) = self.0 else { return };
        // the socket does not block: an answer that cannot be sent at once is not sent
        let _ = write!(
            socket,
            "HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{TEXT}",
            TEXT.len()
        );
    }
}

/// Puts the [`Peer`] into each request of a connection and notes that there was one.
#[derive(Clone)]
struct WithPeer<S> {
    inner: S,
    peer: Peer,
    spoke: Arc<AtomicBool>,
}

impl<S, B> Service<Request<B>> for WithPeer<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        self.spoke.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(self.peer);
        self.inner.call(request)
    }
}
