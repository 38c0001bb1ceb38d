//! What the tests share: servers, clients, bodies, and collectors of what tasks see.

pub(crate) mod bodies;
pub(crate) mod client;
pub(crate) mod log;
pub(crate) mod outcomes;
pub(crate) mod pages;
pub(crate) mod panics;
pub(crate) mod platform;
pub(crate) mod server;
pub(crate) mod traces;

use std::{panic::Location, thread, time::Duration};

use futures_util::FutureExt as _;
use tokio::{sync::oneshot, time::timeout};

/// Awaits `future`, and fails where it would hang.
///
/// The limit is a bound and no expectation: no test relies on it passing.
#[track_caller]
pub(crate) fn within<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let caller = Location::caller();
    async move {
        let output = timeout(Duration::from_secs(10), future).await;
        output.unwrap_or_else(|_| panic!("nothing came of it within 10 s, at {caller}"))
    }
}

/// Runs `test`, which does not wait, in a thread of its own, and fails where it would block.
pub(crate) async fn in_a_thread<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let (ended, end) = oneshot::channel();
    thread::spawn(move || {
        test().now_or_never().expect("nothing waits in it");
        ended.send(()).expect("the test waits for it");
    });
    within(end).await.expect("the thread fails");
}

/// Panics; its type does not say so, for code may follow.
pub(crate) fn fail() {
    panic!("a failure that the test wants");
}

/// Panics when it is dropped.
#[derive(Debug)]
pub(crate) struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        fail();
    }
}
