//! The queue of one scope.
//!
//! # Invariants
//!
//! - A task is taken exactly once: by [`Queue::step`], [`Queue::remove`] or [`Queue::close`].
//! - Whenever a task is queued somebody is bound to take it: the work that was handed over for it
//!   ([`Handover::New`]), or the work that has not yet been told [`Step::Done`].
//! - No code of a user runs under the lock: neither a task, nor its drop, nor a waker.

use std::{
    collections::VecDeque,
    fmt, mem,
    sync::{Arc, PoisonError, atomic::Ordering},
    task::Waker,
};

use tokio::time::Instant;

use super::{
    record::{Record, TaskInfo},
    start::{Meter, Start},
    task::Task,
    waker::{forget, register, wake},
};
use crate::{
    net::tell,
    outcome::Outcome,
    sync::{Mutex, lock},
};

/// The tasks of one scope that have not ended.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    phase: Phase,
    /// How the response ended, once it has.
    outcome: Option<Outcome>,
    waiting: VecDeque<Task>,
    /// Those that run, and among them some that have ended.
    running: Vec<Running>,
    /// How many of them have.
    ended: usize,
    /// That of whoever drives the work, while it waits.
    waker: Option<Waker>,
    /// Starts the work at the end of the response, for a platform that asked for it.
    start: Option<Start>,
    /// Counts, for a platform that asked for it, the tasks that are due and have not ended.
    meter: Option<Meter>,
}

/// A task that runs, or has ended.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) record: Arc<Record>,
    pub(super) started: Instant,
}

/// For how many tasks the memory is kept.
const KEPT: usize = 4;

#[derive(Clone, Copy, Debug, Default)]
enum Phase {
    /// The response is not finished, and nothing is scheduled.
    #[default]
    Open,
    /// The response is not finished, and work waits for its end.
    Scheduled,
    /// The response is finished, and work is bound to take what is waiting.
    Draining { begun: Instant },
    /// The response is finished, and there is no work.
    Idle,
    /// The work was dropped or abandoned.
    Closed,
}

/// What the caller of [`Queue::push`] has to do.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Handover {
    /// Nothing: the work that takes the task exists.
    Existing,
    /// Give new work to the platform.
    New,
}

/// A task that was not added.
#[derive(Debug)]
pub(crate) struct Rejected {
    pub(crate) task: Task,
    /// Whether the queue is full; else it is closed.
    pub(crate) full: bool,
}

/// What the work has to do next.
#[derive(Debug)]
pub(super) enum Step {
    /// Start this task, whose response was a success or not.
    Start { task: Task, success: bool },
    /// Wait: the waker will be called if it was registered before.
    Wait,
    /// End: there is nothing more to do.
    Done,
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State::default()) }
    }

    /// Makes it one of which nobody has heard yet, in the same memory if that is small.
    #[inline]
    pub(crate) fn reset(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Phase::Open = state.phase {
            return;
        }
        let State { phase, outcome, waiting, running, ended, waker, start, meter } = state;
        (*phase, *outcome, *ended, *start, *meter) = (Phase::Open, None, 0, None, None);
        forget(waker.take());
        waiting.clear();
        running.clear();
        if waiting.capacity() > KEPT || running.capacity() > KEPT {
            (*waiting, *running) = (VecDeque::new(), Vec::new());
        }
    }

    /// Adds a task, or gives it back if the queue is closed, or has `limit` tasks already that
    /// have not ended.
    #[inline]
    pub(crate) fn push(&self, task: Task, limit: usize) -> Result<Handover, Rejected> {
        let mut state = lock(&self.state);
        if state.len() >= limit {
            return Err(Rejected { task, full: true });
        }
        let handover = match state.phase {
            Phase::Closed => return Err(Rejected { task, full: false }),
            Phase::Scheduled | Phase::Draining { .. } => Handover::Existing,
            Phase::Open => {
                state.phase = Phase::Scheduled;
                Handover::New
            }
            Phase::Idle => {
                state.phase = Phase::Draining { begun: Instant::now() };
                Handover::New
            }
        };
        let due = state.phase.begun().is_some();
        if due {
            state.count(1);
        }
        // Most requests have one task: no room is made for more before they come.
        if state.waiting.capacity() == 0 {
            state.waiting.reserve_exact(1);
        }
        state.waiting.push_back(task);
        let waker = if due { state.waker.take() } else { None };
        drop(state);
        wake(waker);
        Ok(handover)
    }

    /// Returns the descriptions of the tasks that wait, in their order.
    pub(crate) fn waiting(&self) -> Vec<TaskInfo> {
        lock(&self.state).waiting.iter().map(|task| task.info().clone()).collect()
    }

    /// Takes out the tasks that still wait and of which `matches` is true.
    pub(crate) fn remove(&self, matches: impl Fn(&TaskInfo) -> bool) -> Vec<Task> {
        lock(&self.state).remove(matches)
    }

    /// Lets the waiting tasks start. The caller calls what is returned.
    #[inline]
    pub(crate) fn finish(&self, now: Instant, outcome: Option<Outcome>) -> Option<Start> {
        let mut state = lock(&self.state);
        state.phase = match state.phase {
            Phase::Open => Phase::Idle,
            Phase::Scheduled => Phase::Draining { begun: now },
            Phase::Draining { .. } | Phase::Idle | Phase::Closed => return None,
        };
        state.outcome = outcome;
        state.count(state.waiting.len());
        let (waker, start) = (state.waker.take(), state.start.take());
        drop(state);
        wake(waker);
        start
    }

    /// Returns how the response ended, once it has.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        lock(&self.state).outcome
    }

    /// Keeps `start` for [`finish`](Self::finish), or gives it back if that has been called; and has
    /// `meter` count the tasks that are due, from now on and until they have ended.
    #[inline]
    pub(super) fn start_when_finished(&self, start: Start, meter: Option<Meter>) -> Option<Start> {
        let mut state = lock(&self.state);
        // Work that is handed over once more is measured already.
        if let (None, Some(_)) = (&state.meter, &meter) {
            state.meter = meter;
            if state.phase.begun().is_some() {
                state.count(state.len());
            }
        }
        if let Phase::Open | Phase::Scheduled = state.phase {
            state.start.replace(start)
        } else {
            Some(start)
        }
    }

    /// Has the work woken by `waker` when there is something to do.
    pub(super) fn register(&self, waker: &Waker) {
        register(&self.state, |state| &mut state.waker, waker);
    }

    /// Tells the work what to do next.
    ///
    /// `ended` is how many tasks have ended since the last question, `running` whether some that
    /// the work started are still running, and `now` when a task that starts does so.
    #[inline]
    pub(super) fn step(&self, ended: usize, running: bool, now: Instant) -> Step {
        let mut state = lock(&self.state);
        state.forget(ended);
        match state.phase {
            Phase::Closed | Phase::Idle => Step::Done,
            Phase::Open | Phase::Scheduled => Step::Wait,
            Phase::Draining { begun } => match state.waiting.pop_front() {
                Some(mut task) => {
                    task.start(now, begun);
                    if state.running.capacity() == 0 {
                        state.running.reserve_exact(1);
                    }
                    state.running.push(Running { record: Arc::clone(task.record()), started: now });
                    let success = state.outcome.as_ref().is_none_or(Outcome::is_success);
                    Step::Start { task, success }
                }
                None if running => Step::Wait,
                None => {
                    state.phase = Phase::Idle;
                    Step::Done
                }
            },
        }
    }

    /// Takes note that so many tasks have ended.
    pub(super) fn ended(&self, ended: usize) {
        lock(&self.state).forget(ended);
    }

    /// Refuses every further task, tells the work to end, and returns the tasks that wait together
    /// with those that run.
    pub(super) fn close(&self) -> (VecDeque<Task>, Vec<Running>) {
        let mut state = lock(&self.state);
        if state.phase.begun().is_some() {
            state.discount(state.len());
        }
        state.phase = Phase::Closed;
        let (waiting, running) = (mem::take(&mut state.waiting), mem::take(&mut state.running));
        state.ended = 0;
        let (waker, start) = (state.waker.take(), state.start.take());
        drop(state);
        // It may hold what a platform's author captured.
        tell(|| drop(start));
        wake(waker);
        (waiting, running)
    }
}

impl State {
    /// Returns how many tasks have not ended.
    fn len(&self) -> usize {
        self.waiting.len() + self.running.len().saturating_sub(self.ended)
    }

    /// Counts tasks that have ended, and lets go of their records when those are half of all: so
    /// each costs the same, however many there are.
    fn forget(&mut self, ended: usize) {
        if ended == 0 {
            return;
        }
        self.ended += ended;
        self.discount(ended);
        if self.ended == self.running.len() {
            self.running.clear();
        } else if self.ended * 2 >= self.running.len() {
            self.running.retain(|running| !running.record.has_ended());
        } else {
            return;
        }
        self.ended = 0;
    }

    fn remove(&mut self, matches: impl Fn(&TaskInfo) -> bool) -> Vec<Task> {
        let tasks = mem::take(&mut self.waiting);
        let (removed, waiting): (VecDeque<_>, _) =
            tasks.into_iter().partition(|task| matches(task.info()));
        self.waiting = waiting;
        if self.phase.begun().is_some() {
            self.discount(removed.len());
        }
        removed.into()
    }

    fn count(&self, tasks: usize) {
        if let Some(meter) = &self.meter {
            meter.fetch_add(tasks, Ordering::Relaxed);
        }
    }

    fn discount(&self, tasks: usize) {
        if let (Some(meter), 1..) = (&self.meter, tasks) {
            meter.fetch_sub(tasks, Ordering::Relaxed);
        }
    }
}

impl Phase {
    /// Returns when the tasks became due, if they are.
    fn begun(self) -> Option<Instant> {
        match self {
            Self::Draining { begun } => Some(begun),
            Self::Open | Self::Scheduled | Self::Idle | Self::Closed => None,
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("phase", &self.phase)
            .field("waiting", &self.waiting)
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}
