//! The platform of a test.

use std::{
    fmt, mem,
    task::{Context, Poll},
};

use super::TestedTask;
use crate::{
    platform::{Held, Platform, TaskReport, Work},
    sync::{Mutex, lock},
};

/// Holds the work until the test drives it, and notes how each task ended.
pub(super) struct Host {
    held: Held,
    ended: Mutex<Vec<TestedTask>>,
}

impl Host {
    pub(super) fn new() -> Self {
        Self { held: Held::new(), ended: Mutex::default() }
    }

    /// Drives the work; is ready when none is left.
    pub(super) fn poll_idle(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.held.poll_idle(cx)
    }

    /// Abandons the work.
    pub(super) fn close(&self) {
        drop(self.held.close());
    }

    pub(super) fn ended(&self) -> Vec<TestedTask> {
        mem::take(&mut *lock(&self.ended))
    }
}

impl Platform for Host {
    fn wait_until(&self, work: Work) {
        self.held.wait_until(work);
    }

    fn task_ended(&self, report: &TaskReport<'_>) {
        let ended = TestedTask::new(report);
        lock(&self.ended).push(ended);
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}
