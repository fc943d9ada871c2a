//! When to stop: on SIGINT and SIGTERM, or on Ctrl-C where the system has no signals.

/// Begins to wait for the end, which is when the future is ready.
///
/// # Errors
/// When the system does not tell of signals.
#[cfg(unix)]
pub(crate) fn asked() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// The same, by the console alone.
///
/// # Errors
/// When there is no console.
#[cfg(windows)]
pub(crate) fn asked() -> std::io::Result<impl Future<Output = ()>> {
    let mut console = tokio::signal::windows::ctrl_c()?;
    Ok(async move { drop(console.recv().await) })
}
