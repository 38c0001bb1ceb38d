//! A task, from `after` to its end.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tracing::Span;

use super::{
    code::{Code, Stage},
    failure::{Cause, contain},
    queue::{Scheduled, Start},
    seed::{Budget, RunOn, Seed, TaskInfo},
};
use crate::phase::{self, Place, TaskPlace};

/// A task, from `after` to its end: one allocation, in which it stays.
pub(crate) struct Task {
    cell: Pin<Box<Cell<dyn Code>>>,
}

pin_project! {
    struct Cell<C: ?Sized> {
        info: TaskInfo,
        span: Span,
        budget: Budget,
        run_on: RunOn,
        // Set when the task starts.
        start: Option<Start>,
        // Made when the task is first found waiting; most tasks never are.
        timeout: Option<Pin<Box<Sleep>>>,
        #[pin]
        code: C,
    }
}

impl Task {
    #[inline]
    pub(super) fn new<C: Code + 'static>(seed: Seed, code: C) -> Self {
        let Some(elsewhere) = seed.elsewhere else { return Self::with_code(seed, code) };
        Self::with_code(seed, Stage::<_, fn() -> _>::Running { future: elsewhere(Box::pin(code)) })
    }

    #[inline]
    fn with_code<C: Code + 'static>(seed: Seed, code: C) -> Self {
        let Seed { info, budget, span, run_on, .. } = seed;
        let cell = Cell { info, span, budget, run_on, start: None, timeout: None, code };
        Self { cell: Box::pin(cell) }
    }

    pub(crate) fn span(&self) -> &Span {
        &self.cell.span
    }

    /// Returns by what the queue knows it, if it has started.
    pub(crate) fn key(&self) -> Option<usize> {
        self.cell.start.map(|start| start.key)
    }

    /// Returns when it started, if it has.
    pub(crate) fn started(&self) -> Option<Instant> {
        self.cell.start.map(|start| start.now)
    }

    /// Returns whether it is to run after a response that was a success or not.
    pub(crate) fn applies(&self, success: bool) -> bool {
        self.cell.run_on.applies(success)
    }

    /// Polls a task that has started. It is ready, with its failure if it is one, when the task
    /// has ended and its code is dropped.
    #[inline]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Cause>> {
        let cell = self.cell.as_mut().project();
        let begin = cell.start.map_or(cell.info.scheduled, |start| start.begin(cell.info));
        let TaskInfo { handler, location, .. } = *cell.info;
        let deadline = cell.budget.deadline(begin);
        let _place = phase::enter(Place::Task(TaskPlace { handler, location, deadline }));
        let _in_span = cell.span.enter();

        // Dropping the code is the user's code too: in its place, span and net.
        let mut code = cell.code;
        let mut polled = Poll::Pending;
        let net = contain(|| {
            polled = code.as_mut().poll(cx);
            if polled.is_ready() {
                code.as_mut().discard();
            }
        });
        let failure = match (polled, net) {
            (Poll::Ready(Ok(())), Ok(())) => return Poll::Ready(None),
            (Poll::Ready(Err(error)), _) => return Poll::Ready(Some(Cause::Error(error))),
            (Poll::Ready(Ok(())), Err(panic)) => return Poll::Ready(Some(Cause::Panicked(panic))),
            (Poll::Pending, Err(panic)) => Cause::Panicked(panic),
            (Poll::Pending, Ok(())) => {
                let deadline = ready!(poll_deadline(cell.timeout, deadline, cx));
                Cause::TimedOut(deadline.saturating_duration_since(begin))
            }
        };
        // That it has failed is known already.
        drop(contain(|| code.discard()));
        Poll::Ready(Some(failure))
    }
}

impl Scheduled for Task {
    type Info = TaskInfo;

    #[inline]
    fn info(&self) -> &TaskInfo {
        &self.cell.info
    }

    #[inline]
    fn start(&mut self, start: Start) {
        *self.cell.as_mut().project().start = Some(start);
    }
}

impl Start {
    /// Returns when the task's time began.
    fn begin(self, info: &TaskInfo) -> Instant {
        self.response_end.max(info.scheduled)
    }
}

/// Ends when the task's time is over, if it has a limit.
fn poll_deadline(
    timeout: &mut Option<Pin<Box<Sleep>>>,
    deadline: Option<Instant>,
    cx: &mut Context<'_>,
) -> Poll<Instant> {
    let Some(deadline) = deadline else { return Poll::Pending };
    let timeout = timeout.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
    timeout.as_mut().poll(cx).map(|()| deadline)
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("info", &self.cell.info).finish_non_exhaustive()
    }
}
