//! The accept loop: listens, gives each connection its own task, stops when told, and never waits for ever.

use super::door::Door;
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long open exchanges may take to finish once the server is told to stop.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// A listener that is bound and served; it stops when told or dropped.
#[derive(Debug)]
pub(crate) struct RunningListener {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl RunningListener {
    /// Binds `address` (port 0 picks a free one) and serves behind `door` there.
    pub(crate) async fn start(door: Door, address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(accept(door, listener, stopped));
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

async fn accept(door: Door, listener: TcpListener, mut stopped: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            biased;
            // a sender that was dropped means the same as a sender that spoke
            _ = &mut stopped => break,
            accepted = listener.accept() => match accepted {
                // handshakes and exchanges run in the connection's own task: none of them holds up this loop
                Ok((stream, address)) => drop(tokio::spawn(door.clone().enter(stream, address, graceful.watcher()))),
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
