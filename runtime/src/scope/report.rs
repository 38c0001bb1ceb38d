//! The end of a task is told to everybody who wants to know.

use std::time::Duration;

use tracing::{Span, field, span};

use super::{Inner, TaskEnd, TaskReport, metrics};
use crate::work::{Cause, Live, TaskFailure, TaskInfo, contain};

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
        if let Err(panic) = contain(|| self.platform().task_ended(&report)) {
            tracing::error!(target: "with_after", panic, "the platform panicked");
        }

        if !span.is_disabled() {
            span.record("queue_wait_ms", millis(report.queue_wait()));
            span.record("run_time_ms", millis(report.run_time()));
        }
        let (task, location, parent) = (info.name(), field::display(info.location), &info.span);
        match fate {
            Fate::Completed => {
                tracing::debug!(target: "with_after", parent: parent.clone(), task, location, "task completed");
            }
            Fate::Skipped => {
                tracing::debug!(target: "with_after", parent: parent.clone(), task, location, "task skipped");
            }
            Fate::Failed(cause) => {
                let failure = TaskFailure::new(info.clone(), cause);
                span.in_scope(|| self.report_failure(failure, info.span.clone()));
            }
        }
    }

    /// The error inside is the user's code, which can panic when it is shown or dropped.
    fn report_failure(&self, failure: TaskFailure, span: Option<span::Id>) {
        let (task, location) = (failure.name(), field::display(failure.location()));
        let kind = failure.kind().map(field::display);
        let cause = contain(|| failure.cause().to_string());
        let cause = cause.unwrap_or_else(|panic| format!("failed: its error panicked: {panic}"));
        tracing::error!(target: "with_after", parent: span.clone(), task, location, kind, %cause, "task failed");
        if let Some(on_failure) = &self.policy.on_failure {
            if let Err(panic) = contain(|| on_failure(&failure)) {
                tracing::error!(target: "with_after", parent: span, task, location, panic, "the `on_failure` hook panicked");
            }
        }
        drop(contain(|| drop(failure)));
    }
}

/// Milliseconds with a fraction, as tracing's own timings are shown.
fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
