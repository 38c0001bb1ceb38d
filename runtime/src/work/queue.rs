//! The queue of one scope.
//!
//! # Invariants
//!
//! - A task is taken exactly once: by [`Queue::step`] or by [`Queue::close`].
//! - Whenever a task is queued somebody is bound to take it: the work that was handed over for it
//!   ([`Handover::New`]), or the work that has not yet been told [`Step::Done`].
//! - No code of a user runs under the lock: neither a task, nor its drop, nor a waker's call.

use std::{fmt::Debug, mem, sync::PoisonError, task::Waker};

use tokio::time::Instant;

use super::roster::{Live, Roster};
use crate::{
    outcome::Outcome,
    sync::{Mutex, lock},
};

/// The tasks `T` of one scope; `L` starts its work.
#[derive(Debug)]
pub(crate) struct Queue<T: Scheduled, L> {
    state: Mutex<State<T, L>>,
}

#[derive(Debug)]
struct State<T: Scheduled, L> {
    phase: Phase,
    /// How the response ended, once it has.
    outcome: Option<Outcome>,
    tasks: Roster<T>,
    /// Set while the work sleeps.
    waker: Option<Waker>,
    /// Starts the work at the end of the response, for a platform that asked for it.
    launch: Option<L>,
}

/// What a queue asks of its tasks.
pub(crate) trait Scheduled {
    /// What is known of the task, kept while it runs.
    type Info: Clone + Debug;

    fn info(&self) -> &Self::Info;

    /// Takes note of the start.
    fn start(&mut self, start: Start);
}

/// The start of a task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(crate) key: usize,
    pub(crate) now: Instant,
    /// When the task's time began, unless it was scheduled later.
    pub(crate) response_end: Instant,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The response is not finished, and nothing is scheduled.
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
pub(crate) struct Rejected<T> {
    pub(crate) task: T,
    /// Whether the queue is full; else it is closed.
    pub(crate) full: bool,
}

/// What the work has to do next.
#[derive(Debug)]
pub(crate) enum Step<T> {
    /// Start this task, whose response was a success or not; there may be none.
    Start { task: T, success: bool },
    /// Wait: the waker will be called.
    Wait,
    /// End: there is nothing more to do.
    Done,
}

impl<T: Scheduled, L> Queue<T, L> {
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                phase: Phase::Open,
                outcome: None,
                tasks: Roster::new(),
                waker: None,
                launch: None,
            }),
        }
    }

    /// Returns whether nothing was ever scheduled, and the response is not finished.
    #[inline]
    pub(crate) fn is_untouched(&mut self) -> bool {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        matches!(state.phase, Phase::Open) && state.waker.is_none()
    }

    /// Adds a task, or gives it back if the queue is closed, or has `limit` tasks already that
    /// have not ended.
    #[inline]
    pub(crate) fn push(&self, task: T, limit: usize) -> Result<Handover, Rejected<T>> {
        let mut state = lock(&self.state);
        if state.tasks.len() >= limit {
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
        state.tasks.push(task);
        let waker = match state.phase {
            Phase::Draining { .. } => state.waker.take(),
            _ => None,
        };
        drop(state);
        wake(waker);
        Ok(handover)
    }

    /// Returns the descriptions of the tasks that wait, in their order.
    pub(crate) fn waiting(&self) -> Vec<T::Info> {
        lock(&self.state).tasks.waiting().cloned().collect()
    }

    /// Takes out the tasks that still wait and of which `matches` is true.
    pub(crate) fn remove(&self, matches: impl Fn(&T::Info) -> bool) -> Vec<T> {
        lock(&self.state).tasks.remove_waiting(matches)
    }

    /// Lets the waiting tasks start. The caller calls what is returned.
    #[inline]
    pub(crate) fn finish(&self, now: Instant, outcome: Option<Outcome>) -> Option<L> {
        let mut state = lock(&self.state);
        state.phase = match state.phase {
            Phase::Open => Phase::Idle,
            Phase::Scheduled => Phase::Draining { begun: now },
            Phase::Draining { .. } | Phase::Idle | Phase::Closed => return None,
        };
        state.outcome = outcome;
        let (waker, launch) = (state.waker.take(), state.launch.take());
        drop(state);
        wake(waker);
        launch
    }

    /// Returns how the response ended, once it has.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        lock(&self.state).outcome
    }

    /// Keeps `launch` for [`finish`](Self::finish), or gives it back if that has been called.
    #[inline]
    pub(crate) fn launch_when_finished(&self, launch: L) -> Option<L> {
        let mut state = lock(&self.state);
        if let Phase::Open | Phase::Scheduled = state.phase {
            state.launch.replace(launch)
        } else {
            Some(launch)
        }
    }

    /// Tells the work what to do next, and whether the queue still knew the task that has `ended`:
    /// it does unless it was closed before.
    ///
    /// `running` says whether tasks that the work started are still running, and `now` when a
    /// task that starts does so.
    #[inline]
    pub(crate) fn step(
        &self,
        ended: Option<usize>,
        waker: &Waker,
        running: bool,
        now: Instant,
    ) -> (bool, Step<T>) {
        let mut state = lock(&self.state);
        let known = ended.is_some_and(|key| state.tasks.remove(key));
        let step = match state.phase {
            Phase::Closed | Phase::Idle => Step::Done,
            Phase::Open | Phase::Scheduled => {
                state.waker = Some(waker.clone());
                Step::Wait
            }
            Phase::Draining { begun } => match state.tasks.start_next(now, begun) {
                Some(task) => {
                    let success = state.outcome.is_none_or(Outcome::is_success);
                    Step::Start { task, success }
                }
                None if running => {
                    state.waker = Some(waker.clone());
                    Step::Wait
                }
                None => {
                    state.phase = Phase::Idle;
                    Step::Done
                }
            },
        };
        (known, step)
    }

    /// Removes a task that has ended, and returns whether the queue still knew it: it does unless
    /// it was closed before.
    pub(crate) fn ended(&self, key: usize) -> bool {
        lock(&self.state).tasks.remove(key)
    }

    /// Refuses every further task, tells the work to end, and returns the waiting tasks together
    /// with the descriptions of those that run.
    pub(crate) fn close(&self) -> (Vec<T>, Vec<Live<T::Info>>) {
        let mut state = lock(&self.state);
        state.phase = Phase::Closed;
        let tasks = mem::take(&mut state.tasks);
        let (waker, launch) = (state.waker.take(), state.launch.take());
        drop(state);
        drop(launch);
        wake(waker);
        tasks.into_parts()
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
