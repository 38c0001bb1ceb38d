//! A drain in progress.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

use super::{AbandonedTask, DrainReport, TaskEnd, in_process::Shared};
#[cfg(feature = "observe")]
use crate::host::{Event, Observer as _};
use crate::work::{Cause, abandon};

/// How many tasks have ended, since the platform was created.
#[derive(Debug, Default)]
pub(super) struct Tally {
    completed: AtomicU64,
    failed: AtomicU64,
}

impl Tally {
    pub(super) fn count(&self, end: TaskEnd<'_>) {
        let counter = match end {
            TaskEnd::Completed => &self.completed,
            // Named in the report of the drain that abandons it, and in no other.
            TaskEnd::Failed(Cause::Abandoned) | TaskEnd::Skipped => return,
            TaskEnd::Failed(_) => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> (u64, u64) {
        (self.completed.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }
}

/// A drain in progress: what had ended before it began.
pub(crate) struct Drain<'a> {
    shared: &'a Shared,
    begun: Instant,
    completed: u64,
    failed: u64,
}

impl<'a> Drain<'a> {
    pub(super) fn begin(shared: &'a Shared) -> Self {
        #[cfg(feature = "observe")]
        shared.observers.event(&Event::DrainBegan);
        let (completed, failed) = shared.tally.read();
        Self { shared, begun: Instant::now(), completed, failed }
    }

    /// Ends the drain; what is still pending is abandoned if the time is over.
    pub(crate) fn finish(self, time_is_over: bool) -> DrainReport {
        let (completed, failed) = self.shared.tally.read();
        let report = DrainReport {
            completed: completed - self.completed,
            failed: failed - self.failed,
            elapsed: self.begun.elapsed(),
            abandoned: if time_is_over { self.shared.abandon() } else { Vec::new() },
        };
        #[cfg(feature = "observe")]
        self.shared.observers.event(&Event::DrainEnded {
            completed: report.completed,
            failed: report.failed,
            abandoned: report.abandoned.len(),
        });
        report
    }
}

impl Shared {
    /// Abandons all that is pending.
    pub(super) fn abandon(&self) -> Vec<AbandonedTask> {
        let pending = self.pending.items();
        let tasks = pending.iter().flat_map(|account| abandon(&account.owner));
        tasks.map(AbandonedTask::new).collect()
    }
}
