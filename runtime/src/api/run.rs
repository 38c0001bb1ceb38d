//! A scope without a request.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use crate::{
    platform::{self, Platform, Work},
    scope::{Ending, Hosting, Inner, Opened, Policy},
    sync::{Mutex, lock},
};

/// Runs `future` in a scope of its own, then the tasks it has scheduled, and returns its output
/// when all have ended.
///
/// For what has no request: scripts, cron jobs, workers. The request APIs are refused inside.
///
/// # Cancel safety
///
/// If the returned future is dropped, `future` is dropped and the tasks scheduled so far run on
/// [`platform::in_process()`].
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let rows = with_after::run(async {
///     with_after::after(|| println!("2. the import is done"));
///     println!("1. importing");
///     3
/// })
/// .await;
/// println!("3. {rows} rows");
/// # }
/// ```
pub async fn run<F: Future>(future: F) -> F::Output {
    let held = Arc::new(Held { works: Mutex::new(Some(Vec::new())) });
    let mut driver = Driver { held: Arc::clone(&held), current: None };
    let hosting = Hosting::Given(held);
    let policy = Arc::new(Policy { hosting, max_duration: None, on_failure: None });
    let mut opened = Opened::new(Inner::new(policy, None, None));
    let output = opened.run(future).await;
    opened.finish(Ending::returned());
    poll_fn(|cx| driver.poll(cx)).await;
    output
}

/// Keeps the work of one `run` until its future is done.
struct Held {
    /// `None` once there is nobody left to drive it.
    works: Mutex<Option<Vec<Work>>>,
}

impl Platform for Held {
    fn wait_until(&self, work: Work) {
        let orphan = match &mut *lock(&self.works) {
            Some(works) => {
                works.push(work);
                None
            }
            None => Some(work),
        };
        if let Some(work) = orphan {
            platform::in_process().wait_until(work);
        }
    }
}

/// Drives what is held, one after the other; more than one there is only if a task is scheduled
/// when all others have ended.
struct Driver {
    held: Arc<Held>,
    current: Option<Work>,
}

impl Driver {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(work) = &mut self.current {
                ready!(Pin::new(work).poll(cx));
            }
            self.current = lock(&self.held.works).as_mut().and_then(Vec::pop);
            if self.current.is_none() {
                return Poll::Ready(());
            }
        }
    }
}

impl Drop for Driver {
    /// Leaves what has not ended to the process.
    fn drop(&mut self) {
        let held = lock(&self.held.works).take();
        let works = self.current.take().into_iter().chain(held.into_iter().flatten());
        works.for_each(|work| platform::in_process().wait_until(work));
    }
}
