//! The tasks of one work that have started and wait.

use std::{
    collections::VecDeque,
    mem,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

use slab::Slab;
use tokio::task::coop::has_budget_remaining;

use super::{
    failure::Cause,
    task::Task,
    waker::{register, wake},
};
use crate::sync::{AtomicBool, Mutex, Ordering, lock};

/// The tasks of one work that have started and wait, each polled when it is woken, in the order in
/// which they were woken.
///
/// One alone is polled whenever the work is, and needs no waker of its own: most requests have no
/// second one that waits.
#[derive(Debug, Default)]
pub(super) enum Waiting {
    #[default]
    None,
    One(Task),
    Many(Box<Many>),
}

#[derive(Debug, Default)]
pub(super) struct Many {
    tasks: Slab<(Task, Arc<TaskWaker>)>,
    woken: Arc<Woken>,
}

/// The tasks that were woken.
#[derive(Debug, Default)]
pub(super) struct Woken {
    state: Mutex<WokenState>,
}

#[derive(Debug, Default)]
struct WokenState {
    /// The oldest first.
    keys: VecDeque<usize>,
    /// That of the task which drives the work.
    waker: Option<Waker>,
}

/// Wakes one of several tasks.
#[derive(Debug)]
pub(super) struct TaskWaker {
    key: usize,
    /// Whether the key is among the woken ones, or about to be.
    woken: AtomicBool,
    list: Arc<Woken>,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::None => true,
            Self::One(_) => false,
            Self::Many(many) => many.tasks.is_empty(),
        }
    }

    pub(super) fn add(&mut self, task: Task) {
        *self = match mem::take(self) {
            Self::None => Self::One(task),
            Self::One(first) => {
                let mut many = Box::<Many>::default();
                many.add(first);
                many.add(task);
                Self::Many(many)
            }
            Self::Many(mut many) => {
                many.add(task);
                Self::Many(many)
            }
        };
    }

    /// Polls the tasks that were woken, and gives `ended` those that have ended, with their
    /// failures. Returns whether tokio's cooperative budget is used up.
    ///
    /// It stops there, for what is polled without a budget finds every resource of tokio pending.
    /// The next poll, which has a new one, goes on behind the task that used it up. So a task that
    /// is always ready takes its turn, and no more.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut ended: impl FnMut(Task, Option<Cause>),
    ) -> bool {
        match self {
            Self::None => false,
            Self::One(task) => {
                if let Poll::Ready(failure) = task.poll(cx) {
                    if let Self::One(task) = mem::take(self) {
                        ended(task, failure);
                    }
                }
                !has_budget_remaining()
            }
            Self::Many(many) => many.poll(cx, ended),
        }
    }

    /// Returns the tasks, each to be dropped by itself.
    pub(super) fn into_tasks(self) -> Vec<Task> {
        match self {
            Self::None => Vec::new(),
            Self::One(task) => vec![task],
            Self::Many(many) => many.tasks.into_iter().map(|(_, (task, _))| task).collect(),
        }
    }
}

impl Many {
    /// Adds a task that was polled with another waker than its own, so it is polled once more.
    fn add(&mut self, task: Task) {
        let entry = self.tasks.vacant_entry();
        let waker = TaskWaker::new(entry.key(), Arc::clone(&self.woken));
        waker.wake_by_ref();
        entry.insert((task, waker));
    }

    fn poll(&mut self, cx: &mut Context<'_>, mut ended: impl FnMut(Task, Option<Cause>)) -> bool {
        // Registered before the list is read: what is woken later wakes the work.
        self.woken.register(cx.waker());
        // What is woken meanwhile waits for the next poll, behind all others.
        for _ in 0..self.woken.len() {
            let Some(key) = self.woken.pop() else { break };
            // It has ended if it is not found: its waker lives on elsewhere.
            let Some((task, waker)) = self.tasks.get_mut(key) else { continue };
            waker.rearm();
            let waker = Waker::from(Arc::clone(waker));
            if let Poll::Ready(failure) = task.poll(&mut Context::from_waker(&waker)) {
                let (task, _) = self.tasks.remove(key);
                ended(task, failure);
            }
            if !has_budget_remaining() {
                return true;
            }
        }
        false
    }
}

impl Woken {
    fn len(&self) -> usize {
        lock(&self.state).keys.len()
    }

    pub(super) fn pop(&self) -> Option<usize> {
        lock(&self.state).keys.pop_front()
    }

    /// Has `waker` woken by the next task that is.
    fn register(&self, waker: &Waker) {
        register(&self.state, |state| &mut state.waker, waker);
    }

    fn push(&self, key: usize) {
        let mut state = lock(&self.state);
        state.keys.push_back(key);
        let waker = state.waker.take();
        drop(state);
        wake(waker);
    }
}

impl TaskWaker {
    pub(super) fn new(key: usize, list: Arc<Woken>) -> Arc<Self> {
        Arc::new(Self { key, woken: AtomicBool::new(false), list })
    }

    /// Has the next wake listed again. Called before the task is polled: what wakes it meanwhile
    /// is not lost.
    ///
    /// Pairs with the swap in `wake_by_ref`: who finds the flag set there has made its change
    /// before the poll that follows this.
    pub(super) fn rearm(&self) {
        self.woken.swap(false, Ordering::AcqRel);
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.list.push(self.key);
        }
    }
}
