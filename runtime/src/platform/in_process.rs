//! The host that is the server process itself.

use std::{
    fmt,
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    runtime::Handle,
    time::{Instant, timeout},
};

use super::{AbandonedTask, DrainReport, Platform, TaskReport, Work, registry::Registry};
use crate::scope::Inner;

/// The server process itself: work runs on its tokio runtime, and is waited for by
/// [`drain`](Self::drain).
///
/// A cheap handle: clones stand for the same platform.
#[derive(Clone)]
pub struct InProcess {
    shared: Arc<Shared>,
}

struct Shared {
    pending: Registry<Arc<Inner>>,
    completed: AtomicU64,
    failed: AtomicU64,
}

impl InProcess {
    /// Creates a platform with nothing pending and no limits.
    #[must_use]
    pub fn new() -> Self {
        let (completed, failed) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { shared: Arc::new(Shared { pending: Registry::new(), completed, failed }) }
    }

    /// Returns how many requests have work that has not ended, responses in progress included.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shared.pending.len()
    }

    /// Waits until all pending work has ended, nested tasks included, but no longer than
    /// `deadline`.
    ///
    /// What has not ended by then is abandoned: dropped, if it is not blocking its thread, and
    /// reported, each task by an error event, the `on_failure` hook, and its name in the returned
    /// report. Call it when the server has stopped, and before the runtime is dropped. Work that
    /// is scheduled meanwhile is waited for as well; the platform can be used on afterwards.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the waiting and abandons nothing.
    ///
    /// # Panics
    ///
    /// Panics where no tokio runtime with enabled time is running.
    pub async fn drain(&self, deadline: Duration) -> DrainReport {
        let drain = self.begin_drain();
        let time_is_over = timeout(deadline, self.wait_until_empty()).await.is_err();
        drain.finish(time_is_over)
    }

    /// Waits until nothing is pending.
    pub(crate) async fn wait_until_empty(&self) {
        poll_fn(|cx| self.shared.pending.poll_empty(cx.waker())).await;
    }

    /// Begins to count what is drained.
    pub(crate) fn begin_drain(&self) -> Drain<'_> {
        let (completed, failed) = self.shared.tally();
        Drain { shared: &self.shared, begun: Instant::now(), completed, failed }
    }
}

/// A drain in progress.
#[derive(Debug)]
pub(crate) struct Drain<'a> {
    shared: &'a Shared,
    begun: Instant,
    /// How many tasks had completed and failed before.
    completed: u64,
    failed: u64,
}

impl Drain<'_> {
    /// Ends the drain; what is still pending is abandoned if the time is over.
    pub(crate) fn finish(self, time_is_over: bool) -> DrainReport {
        let (completed, failed) = self.shared.tally();
        DrainReport {
            completed: completed - self.completed,
            failed: failed - self.failed,
            elapsed: self.begun.elapsed(),
            abandoned: if time_is_over { self.shared.abandon() } else { Vec::new() },
        }
    }
}

impl Shared {
    fn abandon(&self) -> Vec<AbandonedTask> {
        let scopes = self.pending.items();
        scopes.iter().flat_map(Inner::abandon).map(AbandonedTask::new).collect()
    }

    fn tally(&self) -> (u64, u64) {
        (self.completed.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}

impl Default for InProcess {
    fn default() -> Self {
        Self::new()
    }
}

impl Platform for InProcess {
    fn wait_until(&self, work: Work) {
        let key = self.shared.pending.add(Arc::clone(work.scope()));
        let pending = Pending { shared: Arc::clone(&self.shared), key };
        // `refusal` was asked just before. Without a runtime the work is dropped and reported.
        let Ok(handle) = Handle::try_current() else { return };
        work.when_finished(move |work| {
            // Should the runtime be shutting down, both are dropped: the tasks are reported.
            drop(handle.spawn(async move {
                let _pending = pending;
                work.await;
            }));
        });
    }

    fn refusal(&self) -> Option<&str> {
        let missing = Handle::try_current().is_err();
        missing.then_some("no tokio runtime is running in this thread")
    }

    fn task_ended(&self, report: &TaskReport<'_>) {
        let counter = match report.failure() {
            None => &self.shared.completed,
            Some(_) => &self.shared.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").field("pending", &self.pending()).finish_non_exhaustive()
    }
}

/// One request's entry, from its first `after` to the end of its work.
struct Pending {
    shared: Arc<Shared>,
    key: usize,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.shared.pending.remove(self.key);
    }
}
