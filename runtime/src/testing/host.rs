//! The platform of a test.

use std::{
    fmt, mem,
    pin::Pin,
    task::{Context, Poll},
};

use super::TestedTask;
use crate::{
    platform::{Platform, TaskReport, Work},
    sync::{Mutex, lock},
};

/// Holds the work until the test drives it, and notes how each task ended.
#[derive(Default)]
pub(super) struct Host {
    works: Mutex<Vec<Work>>,
    ended: Mutex<Vec<TestedTask>>,
}

impl Host {
    /// Drives the work; is ready when none is left.
    pub(super) fn poll_idle(&self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            // Not held meanwhile: a task that schedules another may bring new work.
            let mut works = mem::take(&mut *lock(&self.works));
            works.retain_mut(|work| Pin::new(work).poll(cx).is_pending());
            let mut held = lock(&self.works);
            let brought = !held.is_empty();
            held.append(&mut works);
            if held.is_empty() {
                return Poll::Ready(());
            }
            if !brought {
                return Poll::Pending;
            }
        }
    }

    pub(super) fn ended(&self) -> Vec<TestedTask> {
        mem::take(&mut *lock(&self.ended))
    }
}

impl Platform for Host {
    fn wait_until(&self, work: Work) {
        lock(&self.works).push(work);
    }

    fn task_ended(&self, report: &TaskReport<'_>) {
        lock(&self.ended).push(TestedTask::new(report));
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}
