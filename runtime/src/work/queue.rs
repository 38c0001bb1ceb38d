//! The queue of one scope.
//!
//! # Invariants
//!
//! - A task is taken exactly once: by [`Queue::step`] or by [`Queue::close`].
//! - Whenever a task is queued somebody is bound to take it: the work that was handed over for it
//!   ([`Handover::New`]), or the work that has not yet been told [`Step::Done`].
//! - No code of a user runs under the lock: neither a task, nor its drop, nor a waker's call.

use std::{mem, sync::PoisonError, task::Waker};

use tokio::time::Instant;

use super::roster::{Live, Roster};
use crate::{
    outcome::Outcome,
    sync::{Mutex, lock},
};

/// Tasks `T` that wait, and the descriptions `I` of those that have not ended.
#[derive(Debug)]
pub(crate) struct Queue<T, I, L> {
    state: Mutex<State<T, I, L>>,
}

#[derive(Debug)]
struct State<T, I, L> {
    phase: Phase,
    /// How the response ended, once it has.
    outcome: Option<Outcome>,
    tasks: Roster<T, I>,
    /// Set while the work sleeps.
    waker: Option<Waker>,
    /// Starts the work at the end of the response, for a platform that asked for it.
    launch: Option<L>,
}

/// The start of a task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(crate) key: usize,
    /// When its time began, unless it was scheduled later.
    pub(crate) response_end: Instant,
    pub(crate) outcome: Option<Outcome>,
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
pub(crate) struct Rejected<T, I> {
    pub(crate) task: T,
    pub(crate) info: I,
    /// Whether the queue is full; else it is closed.
    pub(crate) full: bool,
}

/// What the work has to do next.
#[derive(Debug)]
pub(crate) enum Step<T> {
    /// Start this task.
    Start(T, Start),
    /// Wait: the waker will be called.
    Wait,
    /// End: there is nothing more to do.
    Done,
}

impl<T, I, L> Queue<T, I, L> {
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
    pub(crate) fn push(&self, task: T, info: I, limit: usize) -> Result<Handover, Rejected<T, I>> {
        let mut state = lock(&self.state);
        if state.tasks.len() >= limit {
            return Err(Rejected { task, info, full: true });
        }
        let handover = match state.phase {
            Phase::Closed => return Err(Rejected { task, info, full: false }),
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
        state.tasks.push(task, info);
        let waker = match state.phase {
            Phase::Draining { .. } => state.waker.take(),
            _ => None,
        };
        drop(state);
        wake(waker);
        Ok(handover)
    }

    /// Returns the descriptions of the tasks that wait, in their order.
    pub(crate) fn waiting(&self) -> Vec<I>
    where
        I: Clone,
    {
        lock(&self.state).tasks.waiting().cloned().collect()
    }

    /// Takes out the tasks that still wait and of which `matches` is true.
    pub(crate) fn remove(&self, matches: impl Fn(&I) -> bool) -> Vec<(T, Live<I>)> {
        lock(&self.state).tasks.remove_waiting(matches)
    }

    /// Lets the waiting tasks start. The caller calls what is returned.
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
    pub(crate) fn launch_when_finished(&self, launch: L) -> Option<L> {
        let mut state = lock(&self.state);
        if let Phase::Open | Phase::Scheduled = state.phase {
            state.launch.replace(launch)
        } else {
            Some(launch)
        }
    }

    /// Tells the work what to do next.
    ///
    /// `running` says whether tasks that the work started are still running, and `now` when a
    /// task that starts does so.
    pub(crate) fn step(&self, waker: &Waker, running: bool, now: Instant) -> Step<T> {
        let mut state = lock(&self.state);
        match state.phase {
            Phase::Closed | Phase::Idle => Step::Done,
            Phase::Open | Phase::Scheduled => {
                state.waker = Some(waker.clone());
                Step::Wait
            }
            Phase::Draining { begun } => match state.tasks.start_next(now) {
                Some((key, task)) => {
                    let outcome = state.outcome;
                    Step::Start(task, Start { key, response_end: begun, outcome })
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
        }
    }

    /// Returns the description of a task that has ended, unless the queue was closed before.
    pub(crate) fn ended(&self, key: usize) -> Option<Live<I>> {
        lock(&self.state).tasks.remove(key)
    }

    /// Refuses every further task, tells the work to end, and returns the waiting tasks together
    /// with the descriptions of all that have not ended.
    pub(crate) fn close(&self) -> (Vec<T>, Vec<Live<I>>) {
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
