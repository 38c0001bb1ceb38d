//! Runs the work of one connection.

use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::{Server, Work};
use crate::sync::{Mutex, lock};

/// The works `W` of one connection, run side by side in one task beside that of the connection.
///
/// To wake a task takes half of what it takes to spawn one, and what waits in it needs no task of
/// its own. The connection meanwhile reads the next request.
///
/// # Invariants
///
/// - A work that was taken is run: whoever adds it wakes the task or is told to spawn it, and the
///   task looks for it under the lock under which it says that it sleeps.
#[derive(Debug)]
pub(crate) struct Runner<W> {
    state: Mutex<State<W>>,
}

#[derive(Debug)]
struct State<W> {
    arrived: Vec<W>,
    task: TaskState,
}

#[derive(Debug)]
enum TaskState {
    /// To be spawned for the first work: most connections never have one.
    Unborn,
    Awake,
    Asleep(Waker),
    /// To end with its works: the connection is gone.
    Closed,
}

/// What becomes of a work that was given to a [`Runner`].
#[derive(Debug)]
pub(crate) enum Given<W> {
    Taken,
    /// It is taken, and the caller spawns the task.
    First,
    /// It is given back: the connection is gone.
    Refused(W),
}

impl<W> Runner<W> {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State { arrived: Vec::new(), task: TaskState::Unborn }) }
    }

    pub(crate) fn give(&self, work: W) -> Given<W> {
        let mut state = lock(&self.state);
        if let TaskState::Closed = state.task {
            return Given::Refused(work);
        }
        state.arrived.push(work);
        let task = mem::replace(&mut state.task, TaskState::Awake);
        drop(state);
        match task {
            TaskState::Unborn => return Given::First,
            TaskState::Asleep(waker) => waker.wake(),
            TaskState::Awake | TaskState::Closed => {}
        }
        Given::Taken
    }

    /// Refuses further works, and lets the task end with those that it has.
    pub(crate) fn close(&self) {
        let task = mem::replace(&mut lock(&self.state).task, TaskState::Closed);
        if let TaskState::Asleep(waker) = task {
            waker.wake();
        }
    }

    /// Moves what has arrived to the empty `arrived`, which stays empty if nothing more will; is
    /// pending if the task is to sleep.
    pub(super) fn poll_arrived(&self, arrived: &mut Vec<W>, waker: &Waker) -> Poll<()> {
        let mut state = lock(&self.state);
        if state.arrived.is_empty() && !matches!(state.task, TaskState::Closed) {
            let before = mem::replace(&mut state.task, TaskState::Asleep(waker.clone()));
            drop(state);
            drop(before);
            return Poll::Pending;
        }
        // Exchanged, so that neither list is allocated for every work.
        mem::swap(&mut state.arrived, arrived);
        Poll::Ready(())
    }
}

/// The task of a [`Runner`].
#[derive(Debug)]
pub(super) struct Running {
    server: Arc<Server>,
    /// Empty but for the moment in which they are started.
    arrived: Vec<Work>,
    waiting: FuturesUnordered<Work>,
}

impl Running {
    pub(super) fn new(server: Arc<Server>) -> Self {
        Self { server, arrived: Vec::new(), waiting: FuturesUnordered::new() }
    }
}

impl Future for Running {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { server, arrived, waiting } = &mut *self;
        loop {
            while !waiting.is_empty() && waiting.poll_next_unpin(cx).is_ready() {}
            if server.runner.poll_arrived(arrived, cx.waker()).is_pending() {
                return Poll::Pending;
            }
            if arrived.is_empty() {
                return if waiting.is_empty() { Poll::Ready(()) } else { Poll::Pending };
            }
            for mut work in arrived.drain(..) {
                // Most works never wait, and need no place among those that do.
                if Pin::new(&mut work).poll(cx).is_pending() {
                    waiting.push(work);
                }
            }
        }
    }
}
