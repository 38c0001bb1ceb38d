//! What is pending.

use std::{mem, pin::pin};

use slab::Slab;
use tokio::sync::Notify;

use crate::sync::{Mutex, lock};

/// A set of pending things that can be waited for to become empty.
///
/// # Invariants
///
/// - A waiter is notified whenever the set becomes empty after it was found non-empty: it is
///   enlisted before it looks, and says under the lock that it waits.
#[derive(Debug)]
pub(crate) struct Registry<T> {
    state: Mutex<State<T>>,
    emptied: Notify,
}

#[derive(Debug)]
struct State<T> {
    pending: Slab<T>,
    /// Whether somebody waits, who is to be notified.
    awaited: bool,
}

impl<T: Clone> Registry<T> {
    pub(crate) fn new() -> Self {
        let state = State { pending: Slab::new(), awaited: false };
        Self { state: Mutex::new(state), emptied: Notify::new() }
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
        let notify = state.pending.is_empty() && mem::take(&mut state.awaited);
        drop(state);
        forget(item);
        if notify {
            // Where another was added meanwhile, who is woken finds it, and waits again.
            self.emptied.notify_waiters();
        }
    }

    /// Returns the item added as `key`, which was not removed.
    pub(crate) fn get(&self, key: usize) -> T {
        lock(&self.state).pending[key].clone()
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.state).pending.len()
    }

    pub(crate) fn items(&self) -> Vec<T> {
        lock(&self.state).pending.iter().map(|(_, item)| item.clone()).collect()
    }

    /// Waits until nothing is pending.
    pub(crate) async fn wait_until_empty(&self) {
        let mut emptied = pin!(self.emptied.notified());
        loop {
            emptied.as_mut().enable();
            if self.is_empty_else_await() {
                return;
            }
            emptied.as_mut().await;
            emptied.set(self.emptied.notified());
        }
    }

    /// Returns whether nothing is pending, and has somebody notified otherwise when nothing is.
    fn is_empty_else_await(&self) -> bool {
        let mut state = lock(&self.state);
        state.awaited = !state.pending.is_empty();
        !state.awaited
    }
}
