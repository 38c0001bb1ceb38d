//! The work after one response.

use std::{
    fmt, panic,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::{runtime::Handle, task::spawn_blocking, time::Instant};
use tokio_util::task::AbortOnDropHandle;
use tracing::Span;

use super::{Fate, Inner, Scope, Server, enter, metrics};
use crate::{
    phase::Place,
    work::{Ended, Start, Step, Task, TaskCode, TaskResult},
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

/// How the work starts at the end of the response.
pub(crate) enum Launch {
    Call(Box<dyn FnOnce() + Send>),
    /// By the connection's runner; on this runtime where there is none.
    Run(Work, Handle),
    /// On this runtime.
    Spawn(Work, Handle),
}

/// The tasks that have started and not ended.
#[derive(Debug)]
struct Waiting {
    first: Option<Task>,
    others: FuturesUnordered<Task>,
}

impl Work {
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
    /// the server of the request knows better.
    pub(crate) fn run_when_finished(self, runtime: Handle) {
        let scope = Arc::clone(&self.scope);
        scope.launch_when_finished(Launch::Run(self, runtime));
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
    fn poll_waiting(&mut self, cx: &mut Context<'_>) {
        let Some(mut waiting) = self.waiting.take() else { return };
        if let Some(first) = &mut waiting.first {
            if let Poll::Ready(ended) = Pin::new(first).poll(cx) {
                waiting.first = None;
                self.ended(ended);
            }
        }
        while let Poll::Ready(Some(ended)) = waiting.others.poll_next_unpin(cx) {
            self.ended(ended);
        }
        self.waiting = Some(waiting);
    }

    /// Starts `task`, and keeps it if it has to wait: its waker is then that of the whole work.
    fn start(&mut self, mut task: Task, start: Start, now: Instant, cx: &mut Context<'_>) {
        metrics::started(&task, now);
        if !task.run_on().applies(start.outcome) {
            self.take_leave(start.key, &Span::none(), Fate::Skipped);
            return self.scope.drop_in_scope(task);
        }
        task.begin(start);
        if task.is_blocking() {
            task = task.map_code(run_blocking);
        }
        match Pin::new(&mut task).poll(cx) {
            Poll::Ready(ended) => self.ended(ended),
            Poll::Pending => self.waiting.get_or_insert_default().add(task),
        }
    }

    fn ended(&self, ended: Ended) {
        let Ended { key, span, failure } = ended;
        self.take_leave(key, &span, failure.map_or(Fate::Completed, Fate::Failed));
    }

    fn take_leave(&self, key: usize, span: &Span, fate: Fate) {
        // `None` if the task was abandoned, and reported, before it could end.
        if let Some(live) = self.scope.queue.ended(key) {
            self.scope.report(&live, fate, span);
        }
    }

    fn is_running(&self) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| !waiting.is_empty())
    }

    fn poll_in_scope(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_waiting(cx);
        let now = Instant::now();
        for _ in 0..STARTS_PER_POLL {
            match self.scope.queue.step(cx.waker(), self.is_running(), now) {
                Step::Start(task, start) => self.start(task, start, now, cx),
                Step::Wait => return Poll::Pending,
                Step::Done => {
                    self.done = true;
                    return Poll::Ready(());
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Waiting {
    fn add(&mut self, task: Task) {
        match &mut self.first {
            first @ None => *first = Some(task),
            Some(_) => self.others.push(task),
        }
    }

    fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.is_empty()
    }
}

impl Launch {
    pub(super) fn start(self, server: Option<&Arc<Server>>) {
        match (self, server) {
            (Self::Call(start), _) => start(),
            (Self::Run(work, runtime), Some(server)) => server.run(work, &runtime),
            (Self::Run(work, runtime) | Self::Spawn(work, runtime), _) => {
                drop(runtime.spawn(work));
            }
        }
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.by.untrack(self.key);
    }
}

impl Default for Waiting {
    fn default() -> Self {
        Self { first: None, others: FuturesUnordered::new() }
    }
}

impl Future for Work {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let _entered = enter(Some(Arc::clone(&this.scope)), Place::UNANNOTATED);
        this.poll_in_scope(cx)
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

/// Runs `code` in the blocking pool, where it stands in the same place and span.
async fn run_blocking(code: TaskCode) -> TaskResult {
    let (scope, span, runtime) = (Scope::current(), Span::current(), Handle::try_current()?);
    let task = spawn_blocking(move || {
        let run = || runtime.block_on(code);
        span.in_scope(|| match scope {
            Some(scope) => scope.enter(run),
            None => run(),
        })
    });
    // What has not begun when this is dropped never begins.
    match AbortOnDropHandle::new(task).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(payload) => panic::resume_unwind(payload),
            Err(error) => Err(error.into()),
        },
    }
}
