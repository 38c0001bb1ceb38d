//! Runs the work of one connection.

use std::{
    collections::VecDeque,
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
///   task says that it sleeps under the lock under which it finds nothing more.
#[derive(Debug)]
pub(crate) struct Runner<W> {
    state: Mutex<State<W>>,
}

#[derive(Debug)]
struct State<W> {
    arrived: VecDeque<W>,
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

/// What the task of a [`Runner`] has to do.
#[derive(Debug)]
pub(super) struct Next<W> {
    /// To be run first.
    pub(super) work: Option<W>,
    pub(super) then: Then,
}

#[derive(Debug)]
pub(super) enum Then {
    /// Ask again.
    Again,
    /// Be pending: the task is woken for the next work.
    Sleep,
    /// End with what still waits: no more will arrive.
    End,
}

impl<W> Runner<W> {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State { arrived: VecDeque::new(), task: TaskState::Unborn }) }
    }

    #[inline]
    pub(crate) fn give(&self, work: W) -> Given<W> {
        let mut state = lock(&self.state);
        if let TaskState::Closed = state.task {
            return Given::Refused(work);
        }
        state.arrived.push_back(work);
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

    /// Takes the oldest work that has arrived.
    #[inline]
    pub(super) fn next(&self, waker: &Waker) -> Next<W> {
        let mut state = lock(&self.state);
        let work = state.arrived.pop_front();
        if !state.arrived.is_empty() {
            return Next { work, then: Then::Again };
        }
        if matches!(state.task, TaskState::Closed) {
            return Next { work, then: Then::End };
        }
        // While it still runs this work: whoever gives another one has it polled again.
        let before = mem::replace(&mut state.task, TaskState::Asleep(waker.clone()));
        drop(state);
        drop(before);
        Next { work, then: Then::Sleep }
    }
}

/// The task of a [`Runner`].
#[derive(Debug)]
pub(super) struct Running {
    server: Arc<Server>,
    waiting: FuturesUnordered<Work>,
}

impl Running {
    pub(super) fn new(server: Arc<Server>) -> Self {
        Self { server, waiting: FuturesUnordered::new() }
    }
}

impl Future for Running {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { server, waiting } = &mut *self;
        while !waiting.is_empty() && waiting.poll_next_unpin(cx).is_ready() {}
        loop {
            let Next { work, then } = server.runner.next(cx.waker());
            if let Some(mut work) = work {
                // Most works never wait, and need no place among those that do.
                if Pin::new(&mut work).poll(cx).is_pending() {
                    waiting.push(work);
                }
            }
            match then {
                Then::Again => (),
                Then::End if waiting.is_empty() => return Poll::Ready(()),
                Then::End | Then::Sleep => return Poll::Pending,
            }
        }
    }
}
