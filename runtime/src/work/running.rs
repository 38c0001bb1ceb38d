//! A task that has started.

use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};
use tracing::Span;

use super::{
    failure::{Cause, panic_message},
    into_task::{Code, TaskResult},
    queue::Start,
    task::Task,
};
use crate::phase::{self, Place, TaskPlace};

/// A task that has started: a future which ends with the task, however that ends.
#[derive(Debug)]
pub(crate) struct Running {
    key: usize,
    place: TaskPlace,
    span: Span,
    /// `None` once the task has ended.
    code: Option<Code>,
    begin: Instant,
    /// Made when the task is first found waiting; most tasks never are.
    timeout: Option<Pin<Box<Sleep>>>,
}

/// A task that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) key: usize,
    pub(crate) span: Span,
    pub(crate) failure: Option<Cause>,
}

impl Running {
    pub(crate) fn new(task: Task, start: Start) -> Self {
        let Task { handler, location, scheduled, budget, span, code, .. } = task;
        let begin = start.response_end.max(scheduled);
        let place = TaskPlace { handler, location, deadline: budget.deadline(begin) };
        Self { key: start.key, place, span, code: Some(code), begin, timeout: None }
    }

    /// Ends when the task's time is over, if it has a limit.
    fn poll_timeout(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        let Some(deadline) = self.place.deadline else { return Poll::Pending };
        let timeout = self.timeout.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        timeout.as_mut().poll(cx).map(|()| deadline.saturating_duration_since(self.begin))
    }
}

impl Future for Running {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let this = &mut *self;
        let _place = phase::enter(Place::Task(this.place));
        let span = this.span.clone();
        let _in_span = span.enter();

        let code = &mut this.code;
        let failure = match panic::catch_unwind(AssertUnwindSafe(|| poll_code(code, cx))) {
            Ok(Poll::Ready(result)) => result.err().map(Cause::Error),
            Ok(Poll::Pending) => Some(Cause::TimedOut(ready!(this.poll_timeout(cx)))),
            Err(payload) => Some(panicked(payload.as_ref())),
        };

        // Dropping the code is the user's code too: in its place, span and net.
        let code = this.code.take();
        let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(code)));
        let failure = failure.or(dropped.err().map(|payload| panicked(payload.as_ref())));
        Poll::Ready(Ended { key: this.key, span: this.span.clone(), failure })
    }
}

fn poll_code(code: &mut Option<Code>, cx: &mut Context<'_>) -> Poll<TaskResult> {
    if let Some(Code::Future(future)) = code {
        return future.as_mut().poll(cx);
    }
    match code.take() {
        Some(Code::Closure(closure)) => Poll::Ready(closure()),
        _ => Poll::Pending,
    }
}

fn panicked(payload: &(dyn Any + Send)) -> Cause {
    Cause::Panicked(panic_message(payload))
}
