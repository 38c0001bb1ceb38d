//! A task, from `after` to its end.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tracing::Span;

use super::{
    failure::{Cause, contain},
    into_task::TaskResult,
    queue::Start,
    seed::{Budget, RunOn, Seed},
};
use crate::phase::{self, Place, TaskPlace};

/// A task, from `after` to its end: a future which ends with the task, however that ends.
pub(crate) struct Task {
    /// `None` once the task has ended.
    cell: Option<Pin<Box<Cell<Code>>>>,
}

type Code = dyn Future<Output = TaskResult> + Send;

pin_project! {
    /// All of a task, in one allocation: it is never moved between the queue and its end.
    struct Cell<C: ?Sized> {
        key: usize,
        place: TaskPlace,
        span: Span,
        scheduled: Instant,
        budget: Budget,
        // When the task's time began.
        begin: Instant,
        run_on: RunOn,
        blocking: bool,
        // Made when the task is first found waiting; most tasks never are.
        timeout: Option<Pin<Box<Sleep>>>,
        #[pin]
        code: C,
    }
}

/// A task that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) key: usize,
    pub(crate) span: Span,
    pub(crate) failure: Option<Cause>,
}

impl Task {
    pub(super) fn new<C>(seed: Seed, code: C) -> Self
    where
        C: Future<Output = TaskResult> + Send + 'static,
    {
        let Seed { handler, location, scheduled, budget, span, run_on, blocking } = seed;
        let place = TaskPlace { handler, location, deadline: None };
        let cell = Cell {
            key: 0,
            place,
            span,
            scheduled,
            budget,
            begin: scheduled,
            run_on,
            blocking,
            timeout: None,
            code,
        };
        Self { cell: Some(Box::pin(cell)) }
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn scheduled(&self) -> Instant {
        self.cell.as_ref().map_or_else(Instant::now, |cell| cell.scheduled)
    }

    pub(crate) fn run_on(&self) -> RunOn {
        self.cell.as_ref().map_or(RunOn::Always, |cell| cell.run_on)
    }

    pub(crate) fn is_blocking(&self) -> bool {
        self.cell.as_ref().is_some_and(|cell| cell.blocking)
    }

    /// Sets what is known of a task when it starts.
    pub(crate) fn begin(&mut self, start: Start) {
        let Some(cell) = &mut self.cell else { return };
        let cell = cell.as_mut().project();
        *cell.key = start.key;
        *cell.begin = start.response_end.max(*cell.scheduled);
        cell.place.deadline = cell.budget.deadline(*cell.begin);
    }

    /// Replaces the code of a task by other code that was made of it.
    pub(crate) fn map_code<C>(self, change: impl FnOnce(TaskCode) -> C) -> Self
    where
        C: Future<Output = TaskResult> + Send + 'static,
    {
        let Some(inner) = self.cell else { return self };
        let Cell { key, place, scheduled, budget, begin, run_on, blocking, .. } = *inner;
        let span = inner.span.clone();
        let code = change(TaskCode { cell: inner });
        let cell = Cell {
            key,
            place,
            span,
            scheduled,
            budget,
            begin,
            run_on,
            blocking,
            timeout: None,
            code,
        };
        Self { cell: Some(Box::pin(cell)) }
    }
}

impl Future for Task {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        // Gone only after the task has ended.
        let Some(cell) = &mut self.cell else { return Poll::Pending };
        let (key, span) = (cell.key, cell.span.clone());
        let _place = phase::enter(Place::Task(cell.place));
        let in_span = span.enter();

        let failure = match contain(|| cell.as_mut().poll_code(cx)) {
            Ok(Poll::Ready(result)) => result.err().map(Cause::Error),
            Ok(Poll::Pending) => Some(Cause::TimedOut(ready!(cell.as_mut().poll_timeout(cx)))),
            Err(panic) => Some(Cause::Panicked(panic)),
        };

        // Dropping the code is the user's code too: in its place, span and net.
        let cell = self.cell.take();
        let failure = failure.or(contain(|| drop(cell)).err().map(Cause::Panicked));
        drop(in_span);
        Poll::Ready(Ended { key, span, failure })
    }
}

impl<C: Future<Output = TaskResult> + ?Sized> Cell<C> {
    fn poll_code(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<TaskResult> {
        self.project().code.poll(cx)
    }

    /// Ends when the task's time is over, if it has a limit.
    fn poll_timeout(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Duration> {
        let cell = self.project();
        let Some(deadline) = cell.place.deadline else { return Poll::Pending };
        let timeout = cell.timeout.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        timeout.as_mut().poll(cx).map(|()| deadline.saturating_duration_since(*cell.begin))
    }
}

/// The bare code of a task, to be run elsewhere.
pub(crate) struct TaskCode {
    cell: Pin<Box<Cell<Code>>>,
}

impl Future for TaskCode {
    type Output = TaskResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<TaskResult> {
        self.cell.as_mut().poll_code(cx)
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("ended", &self.cell.is_none()).finish_non_exhaustive()
    }
}
