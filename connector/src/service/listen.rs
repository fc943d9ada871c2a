//! The listener of the service: connections that say nothing, or not all, end.

use super::answer::json_answer;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use tokio::net::TcpListener;
use warp::filters::BoxedFilter;
use warp::http::{Request, StatusCode};
use warp::reply::Response;

/// How long a browser may take to send the head of a request; so long it may also be silent behind one.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How long exchanges that are open may take when the service stops.
const DRAIN: Duration = Duration::from_secs(5);
/// How large the head of a request may be.
const HEAD_LIMIT: usize = 64 * 1024;
/// How long no connection is taken when the system has no room for one.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is ready, then lets open exchanges finish.
pub(super) async fn serve(
    routes: BoxedFilter<(Response,)>,
    listener: TcpListener,
    patience: Duration,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(HEAD_LIMIT);
        let inner = TowerToHyperService::new(warp::service(routes.clone()));
        let service = service_fn(move |request: Request<Incoming>| {
            // what is meant for a proxy has no path, which warp's filters do not expect
            let answering = (!request.uri().path().is_empty()).then(|| inner.call(request));
            async move {
                match answering {
                    Some(answering) => answering.await,
                    None => Ok(no_path()),
                }
            }
        });
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended badly");
            }
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(DRAIN, graceful.shutdown()).await;
}

fn no_path() -> Response {
    let message = "the request has no path: this is the service, and no proxy";
    json_answer(StatusCode::BAD_REQUEST, &json!({"message": message, "code": "request"}))
}
