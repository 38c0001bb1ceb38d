//! What the tests share: servers, clients, bodies, and collectors of what tasks see.

pub(crate) mod bodies;
pub(crate) mod browser;
pub(crate) mod client;
pub(crate) mod fmt;
pub(crate) mod pages;
pub(crate) mod panics;
pub(crate) mod platform;
pub(crate) mod server;
pub(crate) mod traces;

use std::thread;

use futures_util::FutureExt as _;
use tokio::sync::oneshot;
pub(crate) use with_after_test_support::{log, outcomes, within};

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
