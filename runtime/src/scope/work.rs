//! The work after one response.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::{runtime::Handle, time::Instant};

use super::{Inner, Launch, enter, metrics};
use crate::{
    phase::Place,
    work::{Cause, Step, Task},
};

/// How many tasks start in one go before other work of the thread gets its turn.
const STARTS_PER_POLL: usize = 64;

/// The work after one response: a future that waits for the end of the response, then runs its
/// tasks, those that they schedule included, and ends when all have ended.
///
/// All tasks run side by side within this one future, and are started in the order in which they
/// were scheduled.
///
/// # Cancel safety
///
/// Dropping it before its end abandons the tasks that have not ended; each is reported as such.
#[must_use = "the tasks run only if the work is driven to its end"]
pub struct Work {
    scope: Arc<Inner>,
    /// `None` until a task has to wait: most never do.
    waiting: Option<Box<Waiting>>,
    done: bool,
    /// Dropped last: the work is pending until all of it is gone.
    tracked: Option<Tracked>,
}

/// Who keeps account of the work, and as what.
struct Tracked {
    by: Arc<dyn Track>,
    key: usize,
}

/// One who keeps account of the work that is pending.
pub(crate) trait Track: Send + Sync {
    /// Takes leave of the work that it keeps as `key`.
    fn untrack(&self, key: usize);
}

/// The tasks that have started and not ended.
#[derive(Debug, Default)]
struct Waiting {
    first: Option<Task>,
    /// Made for the second: even an empty set takes an allocation.
    others: Option<FuturesUnordered<RunningTask>>,
}

/// A task that waits; it is returned with its failure, if it is one, when it has ended.
#[derive(Debug)]
struct RunningTask(Option<Task>);

impl Work {
    #[inline]
    pub(crate) fn new(scope: Arc<Inner>) -> Self {
        Self { scope, waiting: None, done: false, tracked: None }
    }

    /// Calls `start` with this work once the response is finished, or at once if it is.
    ///
    /// For a host that stays alive anyway: work that is polled earlier only waits. `start` is
    /// called wherever the response happens to end, also outside of any runtime, and must not
    /// block.
    pub fn when_finished(self, start: impl FnOnce(Self) + Send + 'static) {
        let scope = Arc::clone(&self.scope);
        scope.launch_when_finished(Launch::Call(Box::new(move || start(self))));
    }

    /// Runs this work once the response is finished, or at once if it is; on `runtime`, unless
    /// the request's connection has a task for it.
    #[inline]
    pub(crate) fn run_when_finished(self, runtime: &Handle) {
        let scope = Arc::clone(&self.scope);
        scope.launch_when_finished(match scope.server() {
            Some(_) => Launch::Serve(self),
            None => Launch::Spawn(self, runtime.clone()),
        });
    }

    /// Spawns this work on `runtime` once the response is finished, or at once if it is.
    ///
    /// Should the runtime be shutting down by then, the tasks are abandoned.
    pub(crate) fn spawn_when_finished(self, runtime: Handle) {
        let scope = Arc::clone(&self.scope);
        scope.launch_when_finished(Launch::Spawn(self, runtime));
    }

    /// Tells `by` of the end of this work, whatever that is.
    pub(crate) fn track(&mut self, by: Arc<dyn Track>, key: usize) {
        self.tracked = Some(Tracked { by, key });
    }

    pub(crate) fn scope(&self) -> &Arc<Inner> {
        &self.scope
    }

    /// Polls what waits, and takes leave of what has ended.
    #[inline]
    fn poll_waiting(&mut self, cx: &mut Context<'_>) {
        let Some(waiting) = &mut self.waiting else { return };
        if let Some(first) = &mut waiting.first {
            if let Poll::Ready(failure) = first.poll(cx) {
                self.scope.ended(first, failure);
                waiting.first = None;
            }
        }
        let Some(others) = &mut waiting.others else { return };
        while let Poll::Ready(Some((task, failure))) = others.poll_next_unpin(cx) {
            self.scope.ended(&task, failure);
        }
    }

    /// Starts what is queued.
    #[inline]
    fn poll_queued(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let now = Instant::now();
        let mut completed: Option<Task> = None;
        for _ in 0..STARTS_PER_POLL {
            let running = self.waiting.as_ref().is_some_and(|waiting| !waiting.is_empty());
            let ended = completed.as_ref().and_then(Task::key);
            let (known, step) = self.scope.queue.step(ended, cx.waker(), running, now);
            if let (Some(task), true) = (&completed, known) {
                self.scope.report_ended(task, None);
            }
            completed = match step {
                Step::Start { task, success } => self.start(task, success, cx),
                Step::Wait => return Poll::Pending,
                Step::Done => {
                    self.done = true;
                    return Poll::Ready(());
                }
            };
        }
        if let Some(task) = completed {
            self.scope.ended(&task, None);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Starts `task`, and returns it if it completes at once. If it has to wait it is kept, and its
    /// waker is that of the whole work.
    #[inline]
    fn start(&mut self, mut task: Task, success: bool, cx: &mut Context<'_>) -> Option<Task> {
        metrics::started(&task);
        if !task.applies(success) {
            if task.key().is_some_and(|key| self.scope.queue.ended(key)) {
                self.scope.report_skipped(&task);
            }
            self.scope.drop_in_scope(task);
            return None;
        }
        match task.poll(cx) {
            Poll::Ready(None) => return Some(task),
            Poll::Ready(failure) => self.scope.ended(&task, failure),
            Poll::Pending => self.waiting.get_or_insert_default().add(task),
        }
        None
    }
}

impl Waiting {
    fn add(&mut self, task: Task) {
        match &mut self.first {
            first @ None => *first = Some(task),
            Some(_) => self.others.get_or_insert_default().push(RunningTask(Some(task))),
        }
    }

    fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.as_ref().is_none_or(FuturesUnordered::is_empty)
    }
}

impl Future for RunningTask {
    type Output = (Task, Option<Cause>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Gone only after the task has ended.
        let Some(task) = &mut self.0 else { return Poll::Pending };
        let failure = ready!(task.poll(cx));
        self.0.take().map_or(Poll::Pending, |task| Poll::Ready((task, failure)))
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.by.untrack(self.key);
    }
}

impl Future for Work {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let _entered = enter(Some(Arc::clone(&this.scope)), Place::UNANNOTATED);
        this.poll_waiting(cx);
        this.poll_queued(cx)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            self.scope.drop_in_scope(waiting);
        }
        if !self.done {
            self.scope.abandon();
        }
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("scope", &self.scope).finish_non_exhaustive()
    }
}
