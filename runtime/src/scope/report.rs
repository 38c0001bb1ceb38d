//! The end of a task is told to everybody who wants to know.

use std::{cell::Cell, time::Duration};

use tokio::time::Instant;
use tracing::{Span, field, span};

use super::{Inner, TaskEnd, TaskReport, metrics};
use crate::{
    error::{AfterError, Caller},
    phase,
    work::{Cause, Options, Scheduled as _, Task, TaskFailure, TaskInfo, contain},
};

/// How a task ended.
#[derive(Debug)]
pub(super) enum Fate {
    Completed,
    Failed(Cause),
    Skipped,
}

impl Inner {
    pub(super) fn report_ended(&self, task: &Task, failure: Option<Cause>) {
        let fate = failure.map_or(Fate::Completed, Fate::Failed);
        self.report(task.info(), task.started(), fate, task.span());
    }

    pub(super) fn report_skipped(&self, task: &Task) {
        self.report(task.info(), task.started(), Fate::Skipped, &Span::none());
    }

    /// Tells of a task that has ended. One that has not started is dropped only then: its span is
    /// open as long as it exists.
    pub(super) fn report(
        &self,
        info: &TaskInfo,
        started: Option<Instant>,
        fate: Fate,
        span: &Span,
    ) {
        let end = match &fate {
            Fate::Completed => TaskEnd::Completed,
            Fate::Failed(cause) => TaskEnd::Failed(cause),
            Fate::Skipped => TaskEnd::Skipped,
        };
        let report = TaskReport { info, started, end };
        metrics::ended(&report, started.is_some());
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

    /// Tells of a task that `after` could not schedule.
    pub(crate) fn report_refused(&self, options: &Options, caller: Caller, error: AfterError) {
        let info = TaskInfo::new(options, phase::current(), caller);
        let failure = TaskFailure::new(info, Cause::NotScheduled(error));
        self.report_failure(failure, Span::current().id());
    }

    /// The error inside is the user's code, which can panic when it is shown or dropped.
    fn report_failure(&self, failure: TaskFailure, span: Option<span::Id>) {
        let (task, location) = (failure.name(), field::display(failure.location()));
        let kind = failure.kind().map(field::display);
        let cause = contain(|| failure.cause().to_string());
        let cause = cause.unwrap_or_else(|panic| format!("failed: its error panicked: {panic}"));
        tracing::error!(target: "with_after", parent: span.clone(), task, location, kind, %cause, "task failed");
        if let (Some(on_failure), Some(_hook)) = (&self.policy().on_failure, InHook::enter()) {
            if let Err(panic) = contain(|| on_failure(&failure)) {
                tracing::error!(target: "with_after", parent: span, task, location, panic, "the `on_failure` hook panicked");
            }
        }
        drop(contain(|| drop(failure)));
    }
}

thread_local! {
    static IN_HOOK: Cell<bool> = const { Cell::new(false) };
}

/// While it exists the hook is not called again: what it schedules itself may be refused too.
struct InHook;

impl InHook {
    fn enter() -> Option<Self> {
        (!IN_HOOK.replace(true)).then_some(Self)
    }
}

impl Drop for InHook {
    fn drop(&mut self) {
        IN_HOOK.set(false);
    }
}

/// Milliseconds with a fraction, as tracing's own timings are shown.
fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
