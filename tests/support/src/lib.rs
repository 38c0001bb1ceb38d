//! What the tests share: a limit of time, clients, and collectors of what tasks see.

pub mod client;
pub mod log;
pub mod outcomes;
pub mod sockets;

use std::{panic::Location, time::Duration};

use tokio::time::timeout;

/// Awaits `future`, and fails where it would hang.
///
/// The limit is a bound and no expectation: no test relies on it passing.
///
/// # Panics
///
/// Panics, naming the caller, after 30 seconds.
#[track_caller]
pub fn within<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let caller = Location::caller();
    async move {
        let output = timeout(Duration::from_secs(30), future).await;
        output.unwrap_or_else(|_| panic!("nothing came of it within 30 s, at {caller}"))
    }
}
