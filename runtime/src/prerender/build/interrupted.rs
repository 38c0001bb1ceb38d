//! A signal during the build.

/// Waits for `building`, or returns `None` if the process is told to stop before.
///
/// Heard as process 1 alone, which has no other end by a signal: elsewhere the signal ends the
/// process, and a handler, which nobody can take away, would keep it from doing so after the build.
#[cfg(all(unix, feature = "axum"))]
pub(super) async fn unless_interrupted<T>(building: impl Future<Output = T>) -> Option<T> {
    use tokio::signal::unix::{SignalKind, signal};

    let signals = (std::process::id() == 1)
        .then(|| (signal(SignalKind::terminate()), signal(SignalKind::interrupt())));
    let Some((Ok(mut terminate), Ok(mut interrupt))) = signals else {
        return Some(building.await);
    };
    tokio::select! {
        biased;
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
        built = building => Some(built),
    }
}

#[cfg(not(all(unix, feature = "axum")))]
pub(super) async fn unless_interrupted<T>(building: impl Future<Output = T>) -> Option<T> {
    Some(building.await)
}
