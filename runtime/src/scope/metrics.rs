//! The counters and histograms of tasks, for whatever recorder the application installs.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

use super::TaskEnd;
use crate::{phase::Kind, work::Cause};

const PENDING: &str = "with_after_tasks_pending";
const RUNNING: &str = "with_after_tasks_running";
const ENDED: &str = "with_after_tasks_total";
const QUEUE_WAIT: &str = "with_after_task_queue_wait_seconds";
const RUN_TIME: &str = "with_after_task_run_time_seconds";

/// A task was scheduled.
pub(super) fn scheduled() {
    gauge!(PENDING).increment(1);
}

/// A task has started, so long after it was scheduled.
pub(super) fn started(queue_wait: Duration) {
    gauge!(PENDING).decrement(1);
    gauge!(RUNNING).increment(1);
    histogram!(QUEUE_WAIT).record(queue_wait);
}

/// A task has ended, so long after it started; `None` if it never did.
pub(super) fn ended(kind: Option<Kind>, end: TaskEnd<'_>, run_time: Option<Duration>) {
    match run_time {
        Some(run_time) => {
            gauge!(RUNNING).decrement(1);
            histogram!(RUN_TIME).record(run_time);
        }
        None => gauge!(PENDING).decrement(1),
    }
    let kind = kind.map_or("none", Kind::name);
    counter!(ENDED, "kind" => kind, "result" => result(end)).increment(1);
}

fn result(end: TaskEnd<'_>) -> &'static str {
    match end {
        TaskEnd::Completed => "completed",
        TaskEnd::Skipped => "skipped",
        TaskEnd::Failed(Cause::Error(_)) => "failed",
        TaskEnd::Failed(Cause::Panicked(_)) => "panicked",
        TaskEnd::Failed(Cause::TimedOut(_)) => "timed_out",
        TaskEnd::Failed(Cause::Abandoned) => "abandoned",
    }
}
