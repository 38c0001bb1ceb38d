//! The counters and histograms of tasks, for whatever recorder the application installs.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

use super::report::{TaskEnd, TaskReport};
use crate::{place::Kind, work::Cause};

const PENDING: &str = "with_after_tasks_pending";
const RUNNING: &str = "with_after_tasks_running";
const ENDED: &str = "with_after_tasks_total";
const QUEUE_WAIT: &str = "with_after_task_queue_wait_seconds";
const RUN_TIME: &str = "with_after_task_run_time_seconds";

/// A task was scheduled.
pub(crate) fn scheduled() {
    gauge!(PENDING).increment(1);
}

/// A task has started, which has waited for so long.
pub(crate) fn started(queue_wait: Duration) {
    gauge!(PENDING).decrement(1);
    gauge!(RUNNING).increment(1);
    histogram!(QUEUE_WAIT).record(queue_wait);
}

/// A task has ended.
pub(crate) fn ended(report: &TaskReport<'_>) {
    if report.has_started() {
        gauge!(RUNNING).decrement(1);
        histogram!(RUN_TIME).record(report.run_time());
    } else {
        gauge!(PENDING).decrement(1);
    }
    let kind = report.kind().map_or("none", Kind::as_str);
    counter!(ENDED, "kind" => kind, "result" => result(report.end())).increment(1);
}

fn result(end: TaskEnd<'_>) -> &'static str {
    match end {
        TaskEnd::Completed => "completed",
        TaskEnd::Skipped => "skipped",
        TaskEnd::Failed(Cause::Error(_)) => "failed",
        TaskEnd::Failed(Cause::Panicked(_)) => "panicked",
        TaskEnd::Failed(Cause::TimedOut(_)) => "timed_out",
        TaskEnd::Failed(Cause::Abandoned) => "abandoned",
        TaskEnd::Failed(Cause::NotScheduled(_)) => "not_scheduled",
    }
}
