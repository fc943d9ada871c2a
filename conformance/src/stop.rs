//! When a run is stopped from outside, and the exit code that says so.

/// Waits for a signal that ends a program; 128 and its number are the exit code.
#[cfg(unix)]
pub(crate) async fn asked() -> u8 {
    use tokio::signal::unix::SignalKind;
    tokio::select! {
        () = arrived(SignalKind::interrupt()) => 128 + 2,
        () = arrived(SignalKind::terminate()) => 128 + 15,
        // a closed terminal and `Ctrl-\` end a run as they ended it: with what it started
        () = arrived(SignalKind::hangup()) => 128 + 1,
        () = arrived(SignalKind::quit()) => 128 + 3,
    }
}

/// Waits for a signal; for ever, where the system cannot tell of it.
#[cfg(unix)]
async fn arrived(kind: tokio::signal::unix::SignalKind) {
    match tokio::signal::unix::signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

/// Waits for Ctrl-C; for ever, where there is no console.
#[cfg(windows)]
pub(crate) async fn asked() -> u8 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => 128 + 2,
        Err(_) => std::future::pending().await,
    }
}
