//! The work after one response.

use std::{
    fmt, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::{task::coop::has_budget_remaining, time::Instant};

use super::{
    owner::{Owner, abandon, drop_within, end, skip},
    queue::Step,
    start::{Meter, Pending, Start},
    task::Task,
    waiting::Waiting,
};
use crate::net::{call_platform, tell};

/// How many tasks start in one go before other work of the thread gets its turn.
const STARTS_PER_POLL: usize = 64;

/// The work after one response: a future that waits for the end of the response, then runs its
/// tasks, those that they schedule included, and ends when all have ended.
///
/// All tasks run side by side within this one future, and are started in the order in which they
/// were scheduled. Each is polled when it is woken; where one uses up tokio's cooperative budget,
/// the others are polled before it gets another turn.
///
/// # Cancel safety
///
/// Dropping it before its end abandons the tasks that have not ended; each is reported as such.
#[must_use = "the tasks run only if the work is driven to its end"]
pub struct Work {
    owner: Arc<dyn Owner>,
    waiting: Waiting,
    done: bool,
}

impl Work {
    #[inline]
    pub(crate) fn new(owner: Arc<dyn Owner>) -> Self {
        Self { owner, waiting: Waiting::None, done: false }
    }

    /// Calls `start` with this work once the response is finished, or at once if it is.
    ///
    /// For a host that stays alive anyway: work that is polled earlier only waits. `start` is
    /// called wherever the response happens to end, also outside of any runtime, and must not
    /// block. If it panics, the tasks are abandoned, and each is reported as such.
    pub fn when_finished(self, start: impl FnOnce(Self) + Send + 'static) {
        self.start_when_finished(Start::Call(Box::new(start)), None);
    }

    /// Has the host of `pending` start this work once the response is finished, or at once if it
    /// is; and has `meter` count its tasks from the end of the response to their own.
    #[inline]
    pub(crate) fn host_when_finished(self, pending: Pending, meter: Meter) {
        self.start_when_finished(Start::Host(pending), Some(meter));
    }

    #[inline]
    fn start_when_finished(mut self, start: Start, meter: Option<Meter>) {
        match self.owner.queue().start_when_finished(start, meter) {
            // It is made anew when the response is finished: so neither keeps the other. Nothing
            // has started yet.
            None => self.done = true,
            Some(start) => begin(self, start),
        }
    }

    pub(crate) fn owner(&self) -> &Arc<dyn Owner> {
        &self.owner
    }

    #[inline]
    fn poll_tasks(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Self { owner, waiting, done } = self;
        let queue = owner.queue();
        let mut ended = 0;
        let mut exhausted = waiting.poll(cx, |task, failure| {
            ended += 1;
            end(&**owner, &task, failure);
        });
        let now = Instant::now();
        let mut registered = false;
        // At least one starts, also beside one that uses up every budget.
        for _ in 0..STARTS_PER_POLL {
            match queue.step(ended, !waiting.is_empty(), now) {
                Step::Done => {
                    *done = true;
                    return Poll::Ready(());
                }
                // Asked once more: what came before the waker was registered has woken nobody.
                Step::Wait if !registered => {
                    queue.register(cx.waker());
                    (registered, ended) = (true, 0);
                    continue;
                }
                Step::Wait => return wait(cx, exhausted),
                Step::Start { task, success } => {
                    ended = usize::from(start(&**owner, waiting, task, success, cx));
                }
            }
            exhausted |= !has_budget_remaining();
            if exhausted {
                break;
            }
        }
        queue.ended(ended);
        wait(cx, true)
    }
}

/// Has the work polled again at once, if there is more to do than one poll may take.
fn wait(cx: &Context<'_>, again: bool) -> Poll<()> {
    if again {
        tell(|| cx.waker().wake_by_ref());
    }
    Poll::Pending
}

/// Starts `task`, and returns whether it has ended. If it waits, it is kept among those that do.
#[inline]
fn start(
    owner: &dyn Owner,
    waiting: &mut Waiting,
    mut task: Task,
    success: bool,
    cx: &mut Context<'_>,
) -> bool {
    if let Some(started) = task.started() {
        owner.started(&task, started - task.info().scheduled);
    }
    if !task.applies(success) {
        skip(owner, task);
        return true;
    }
    match task.poll(cx) {
        Poll::Ready(failure) => {
            end(owner, &task, failure);
            true
        }
        Poll::Pending => {
            waiting.add(task);
            false
        }
    }
}

/// Starts `work`, whose response is finished.
#[inline]
pub(crate) fn begin(work: Work, start: Start) {
    call_platform(|| start.call(work));
}

impl Future for Work {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let mut polled = Poll::Pending;
        Arc::clone(&this.owner).within(&mut || polled = this.poll_tasks(cx));
        polled
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if !self.waiting.is_empty() {
            drop_within(&self.owner, mem::take(&mut self.waiting).into_tasks());
        }
        if !self.done {
            abandon(&self.owner);
        }
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("done", &self.done).finish_non_exhaustive()
    }
}
