//! A task, from `after` to its end.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{
    code::{BoxFuture, Code, Stage},
    failure::Cause,
    into_task::TaskResult,
    options::{Budget, RunOn},
    record::{Record, TaskInfo},
    span::{Lineage, TaskSpan},
};
use crate::{
    net::{contain, tell},
    place::{self, Here, InPlace, Place, TaskPlace},
};

/// All that a task is made of, but for its code.
#[derive(Debug)]
pub(crate) struct Seed {
    pub(crate) info: TaskInfo,
    pub(crate) budget: Budget,
    pub(crate) run_on: RunOn,
    /// Has the code run in another place.
    pub(crate) elsewhere: Option<Elsewhere>,
    pub(crate) lineage: Lineage,
}

/// Makes the code of a task that runs another one in another place.
pub(crate) type Elsewhere = fn(BoxFuture) -> BoxFuture;

/// A task, from `after` to its end: one allocation, in which it stays, beside its record.
///
/// Its code is polled and dropped in its place, in its span and in a net; the scope is the current
/// one meanwhile, by whoever drives or drops it.
pub(crate) struct Task {
    cell: Pin<Box<Cell<dyn Code>>>,
}

pin_project! {
    struct Cell<C: ?Sized> {
        record: Arc<Record>,
        span: TaskSpan,
        budget: Budget,
        run_on: RunOn,
        // Set when the task starts.
        begun: Option<Begun>,
        // Made when the task is first found waiting; most tasks never are.
        timeout: Option<Timeout>,
        // Whether the code is dropped.
        over: bool,
        #[pin]
        code: C,
    }
}

/// The start of a task.
#[derive(Clone, Copy, Debug)]
struct Begun {
    now: Instant,
    /// When its time began: at the end of the response, or at `after` if that was later.
    due: Instant,
}

/// Wakes a task at its deadline.
enum Timeout {
    Timer(Pin<Box<Sleep>>),
    /// The runtime has no timer: the deadline is seen when the task is polled.
    None,
}

impl Task {
    #[inline]
    pub(super) fn new<F>(seed: Seed, code: F) -> Self
    where
        F: Future<Output = TaskResult> + Send + 'static,
    {
        let Some(elsewhere) = seed.elsewhere else { return Self::with_code(seed, code) };
        Self::with_code(seed, Stage::<_, fn() -> _>::Running { future: elsewhere(Box::pin(code)) })
    }

    #[inline]
    fn with_code<F>(seed: Seed, code: F) -> Self
    where
        F: Future<Output = TaskResult> + Send + 'static,
    {
        let Seed { mut info, budget, run_on, lineage, .. } = seed;
        let span = TaskSpan::open(&mut info, lineage);
        let (record, code) = (Arc::new(Record::new(info)), InPlace::new(code, Here));
        let cell =
            Cell { record, span, budget, run_on, begun: None, timeout: None, over: false, code };
        Self { cell: Box::pin(cell) }
    }

    pub(crate) fn record(&self) -> &Arc<Record> {
        &self.cell.record
    }

    pub(crate) fn info(&self) -> &TaskInfo {
        &self.cell.record.info
    }

    /// Takes note of the start, after a response that ended at `response_end`.
    #[inline]
    pub(super) fn start(&mut self, now: Instant, response_end: Instant) {
        let due = response_end.max(self.info().scheduled);
        *self.cell.as_mut().project().begun = Some(Begun { now, due });
    }

    /// Returns when it started, if it has.
    pub(super) fn started(&self) -> Option<Instant> {
        self.cell.begun.map(|start| start.now)
    }

    /// Returns when it will be cut, if it has started.
    #[cfg(feature = "observe")]
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.cell.begun.and_then(|start| self.cell.budget.deadline(start.due))
    }

    pub(crate) fn span(&self) -> &TaskSpan {
        &self.cell.span
    }

    /// Returns whether it is to run after a response that was a success or not.
    pub(super) fn applies(&self, success: bool) -> bool {
        self.cell.run_on.applies(success)
    }

    /// Polls a task that has started. It is ready, with its failure if it is one, when the task
    /// has ended and its code is dropped.
    #[inline]
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Cause>> {
        let cell = self.cell.as_mut().project();
        let info = &cell.record.info;
        let due = cell.begun.map_or(info.scheduled, |start| start.due);
        let deadline = cell.budget.deadline(due);
        let _place = place::enter(task_place(info, deadline));
        let mut code = cell.code;
        let (polled, dropped) = cell.span.enter(|| {
            let polled = contain(|| code.as_mut().poll(cx));
            let waits = matches!(polled, Ok(Poll::Pending));
            (polled, if waits { Ok(()) } else { code.as_mut().discard() })
        });
        *cell.over = !matches!(polled, Ok(Poll::Pending));
        let failure = match (polled, dropped) {
            (Ok(Poll::Ready(Ok(()))), Ok(())) => return Poll::Ready(None),
            (Ok(Poll::Ready(Err(error))), _) => Cause::Error(error),
            (Ok(Poll::Ready(Ok(()))), Err(panic)) | (Err(panic), _) => Cause::Panicked(panic),
            (Ok(Poll::Pending), _) => {
                let Some(deadline) = deadline else { return Poll::Pending };
                if !Timeout::is_over(cell.timeout, deadline, info, cx) {
                    return Poll::Pending;
                }
                // That it has failed is known already.
                drop(cell.span.enter(|| code.discard()));
                Cause::TimedOut(deadline.saturating_duration_since(due))
            }
        };
        Poll::Ready(Some(failure))
    }
}

impl Drop for Task {
    #[inline]
    fn drop(&mut self) {
        if self.cell.over {
            return;
        }
        let cell = self.cell.as_mut().project();
        let _place = place::enter(task_place(&cell.record.info, None));
        drop(cell.code.discard());
    }
}

fn task_place(info: &TaskInfo, deadline: Option<Instant>) -> Place {
    let TaskInfo { handler, location, number, .. } = *info;
    Place::Task(TaskPlace { handler, location, deadline, number })
}

impl Timeout {
    /// Returns whether the deadline has passed, and has the task woken when it does.
    ///
    /// The clock decides, not the timer: that is polled with tokio's cooperative budget, which a
    /// task that is always ready uses up.
    fn is_over(
        slot: &mut Option<Self>,
        deadline: Instant,
        info: &TaskInfo,
        cx: &mut Context<'_>,
    ) -> bool {
        if Instant::now() >= deadline {
            return true;
        }
        // A runtime without a timer, or one that is shutting down, makes these panic.
        let timeout = slot.get_or_insert_with(|| {
            let timer = contain(|| Box::pin(sleep_until(deadline)));
            timer.map_or_else(|_| Self::without_timer(info), Self::Timer)
        });
        let Self::Timer(timer) = timeout else { return false };
        if let Ok(polled) = contain(|| timer.as_mut().poll(cx)) {
            return polled.is_ready();
        }
        *timeout = Self::without_timer(info);
        false
    }

    #[cold]
    fn without_timer(info: &TaskInfo) -> Self {
        let (task, location) = (info.name(), info.location);
        tell(|| {
            tracing::warn!(
                target: "with_after", task, %location,
                "the runtime has no timer: `max_duration` is looked at only when the task is \
                 polled; build the runtime with `enable_time` or `enable_all` (see \
                 with_after::guide::troubleshooting)"
            );
        });
        Self::None
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("record", &self.cell.record).finish_non_exhaustive()
    }
}

impl fmt::Debug for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Timeout")
    }
}
