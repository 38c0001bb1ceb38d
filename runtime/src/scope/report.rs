//! The end of a task is told to everybody who wants to know.

use std::{
    panic::{self, AssertUnwindSafe},
    time::Duration,
};

use tracing::{Span, field};

use super::{Inner, TaskEnd, TaskReport, metrics};
use crate::work::{Cause, Live, TaskFailure, TaskInfo};

/// How a task ended.
#[derive(Debug)]
pub(super) enum Fate {
    Completed,
    Failed(Cause),
    Skipped,
}

impl Inner {
    /// Tells of a task that has ended.
    pub(super) fn report(&self, live: &Live<TaskInfo>, fate: Fate, span: &Span) {
        let info = &live.info;
        let end = match &fate {
            Fate::Completed => TaskEnd::Completed,
            Fate::Failed(cause) => TaskEnd::Failed(cause),
            Fate::Skipped => TaskEnd::Skipped,
        };
        let report = TaskReport { live, end };
        metrics::ended(&report, live.started.is_some());
        self.platform().task_ended(&report);

        if !span.is_disabled() {
            span.record("queue_wait_ms", millis(report.queue_wait()));
            span.record("run_time_ms", millis(report.run_time()));
        }
        let (task, location) = (info.name(), field::display(info.location));
        span.in_scope(|| match fate {
            Fate::Completed => {
                tracing::debug!(target: "with_after", task, location, "task completed");
            }
            Fate::Skipped => tracing::debug!(target: "with_after", task, location, "task skipped"),
            Fate::Failed(cause) => {
                let kind = info.kind().map(field::display);
                tracing::error!(target: "with_after", task, location, kind, %cause, "task failed");
                self.tell_hook(&TaskFailure::new(info.clone(), cause));
            }
        });
    }

    fn tell_hook(&self, failure: &TaskFailure) {
        let Some(on_failure) = &self.policy.on_failure else { return };
        if panic::catch_unwind(AssertUnwindSafe(|| on_failure(failure))).is_err() {
            tracing::error!(target: "with_after", "the `on_failure` hook panicked, told of {failure}");
        }
    }
}

/// Milliseconds with a fraction, as tracing's own timings are shown.
fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
