//! The end of a task is told to everybody who wants to know.
//!
//! Three ways, each in a net of its own, so that none is lost by another: the hook of the layer
//! first, then the platform with its counters, then `tracing` and `metrics`.

use std::{cell::Cell, time::Duration};

use tracing::{Span, field, span};

use super::{
    metrics, observe,
    platform::Platform,
    policy::Policy,
    report::{TaskEnd, TaskReport},
};
use crate::{
    error::GUIDE,
    net::{NotAgain, call_platform, contain, tell},
    work::{Cause, Ended, Fate, TaskFailure, TaskInfo},
};

impl Policy {
    /// Tells of a task that has ended. One that has not started is dropped only then: its span is
    /// open as long as it exists.
    #[inline]
    pub(crate) fn report(&self, platform: &dyn Platform, ended: Ended<'_>, fate: Fate) {
        match fate {
            Fate::Completed => end(platform, ended, TaskEnd::Completed, || {
                let (task, location) = unless_in_span(ended.info);
                let parent = ended.info.span.clone();
                tracing::debug!(target: "with_after", parent: parent, task, location, "task completed");
            }),
            Fate::Skipped => end(platform, ended, TaskEnd::Skipped, || {
                let (task, location) = unless_in_span(ended.info);
                let parent = ended.info.span.clone();
                tracing::debug!(target: "with_after", parent: parent, task, location, "task skipped");
            }),
            Fate::Failed(cause) => self.report_failed(platform, ended, cause),
        }
    }

    fn report_failed(&self, platform: &dyn Platform, ended: Ended<'_>, cause: Cause) {
        let failure = TaskFailure::new(ended.info.clone(), cause);
        let parent = ended.info.span.as_ref();
        let in_span = |code: &dyn Fn()| match ended.span {
            Some(span) => span.enter(code),
            None => code(),
        };
        in_span(&|| self.call_hook(&failure, parent));
        let event = || in_span(&|| emit(&failure, parent));
        end(platform, ended, TaskEnd::Failed(failure.cause()), event);
        // The error inside is the user's.
        tell(|| drop(failure));
    }

    /// Tells of a task that `after` could not schedule.
    pub(crate) fn report_refused(&self, failure: TaskFailure) {
        let mut parent = None;
        tell(|| parent = Span::current().id());
        self.call_hook(&failure, parent.as_ref());
        emit(&failure, parent.as_ref());
        tell(|| drop(failure));
    }

    fn call_hook(&self, failure: &TaskFailure, parent: Option<&span::Id>) {
        let (Some(on_failure), Some(_hook)) = (&self.on_failure, NotAgain::enter(&IN_HOOK)) else {
            return;
        };
        if let Err(panic) = contain(|| on_failure(failure)) {
            let (task, location) = unless_in_span(failure.info());
            tell(|| {
                tracing::error!(target: "with_after", parent: parent.cloned(), task, location, panic, "the `on_failure` hook panicked (see with_after::guide::troubleshooting)");
            });
        }
    }
}

/// Tells platform, recorder and subscriber; `event` emits what the last gets.
#[inline]
fn end(platform: &dyn Platform, ended: Ended<'_>, end: TaskEnd<'_>, event: impl FnOnce()) {
    let report = TaskReport::new(ended, end);
    call_platform(|| platform.task_ended(&report));
    observe::ended(platform, &report);
    tell(|| metrics::ended(&report));
    if let Some(span) = ended.span {
        span.record(|| {
            [
                ("queue_wait_ms", millis(report.queue_wait())),
                ("run_time_ms", millis(report.run_time())),
            ]
        });
    }
    tell(event);
}

/// Returns name and place of a task, unless its span tells them.
fn unless_in_span(info: &TaskInfo) -> (Option<&str>, Option<impl tracing::Value>) {
    let tells = info.span.is_some();
    ((!tells).then(|| info.name()), (!tells).then(|| field::display(info.location)))
}

fn emit(failure: &TaskFailure, parent: Option<&span::Id>) {
    let (task, location) = unless_in_span(failure.info());
    let kind = task.and(failure.kind()).map(field::display);
    let (cause, see) = (failure.cause().to_string(), failure.cause().is_ours().then_some(GUIDE));
    tell(|| {
        tracing::error!(target: "with_after", parent: parent.cloned(), task, location, kind, %cause, see, "task failed");
    });
}

thread_local! {
    /// Whether a hook runs: what it schedules itself may be refused too.
    static IN_HOOK: Cell<bool> = const { Cell::new(false) };
}

/// Milliseconds, to the microsecond.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
