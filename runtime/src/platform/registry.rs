//! What is pending.

use std::{
    future::poll_fn,
    mem,
    task::{Poll, Waker},
};

use slab::Slab;

use crate::sync::{Mutex, lock};

/// A set of pending things that can be waited for to become empty.
///
/// # Invariants
///
/// - A waiter is woken whenever the set becomes empty after it was found non-empty: both happen
///   under the one lock.
#[derive(Debug)]
pub(crate) struct Registry<T> {
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    pending: Slab<T>,
    waiters: Vec<Waker>,
}

impl<T: Clone> Registry<T> {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State { pending: Slab::new(), waiters: Vec::new() }) }
    }

    /// Adds `item`, and returns the key by which to remove it.
    #[inline]
    pub(crate) fn add(&self, item: T) -> usize {
        lock(&self.state).pending.insert(item)
    }

    /// Removes the item added as `key`, and lets go of it by `forget` before any waiter is woken.
    #[inline]
    pub(crate) fn remove(&self, key: usize, forget: impl FnOnce(T)) {
        let mut state = lock(&self.state);
        let item = state.pending.remove(key);
        let nobody_waits = state.waiters.is_empty() || !state.pending.is_empty();
        let waiters = if nobody_waits { Vec::new() } else { mem::take(&mut state.waiters) };
        drop(state);
        forget(item);
        waiters.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.state).pending.len()
    }

    pub(crate) fn items(&self) -> Vec<T> {
        lock(&self.state).pending.iter().map(|(_, item)| item.clone()).collect()
    }

    /// Waits until nothing is pending.
    pub(crate) async fn wait_until_empty(&self) {
        poll_fn(|cx| self.poll_empty(cx.waker())).await;
    }

    /// Is ready when nothing is pending.
    pub(super) fn poll_empty(&self, waker: &Waker) -> Poll<()> {
        let mut state = lock(&self.state);
        if state.pending.is_empty() {
            return Poll::Ready(());
        }
        if !state.waiters.iter().any(|waiter| waiter.will_wake(waker)) {
            state.waiters.push(waker.clone());
        }
        Poll::Pending
    }
}
