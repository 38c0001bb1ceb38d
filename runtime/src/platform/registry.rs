//! What is pending.

use slab::Slab;
use tokio::sync::Notify;

use crate::sync::{Mutex, lock};

/// A set of pending things that can be waited for to become empty.
///
/// # Invariants
///
/// - A waiter is notified whenever the set becomes empty after it was found non-empty: it is
///   enlisted before it looks.
#[derive(Debug)]
pub(crate) struct Registry<T> {
    pending: Mutex<Slab<T>>,
    emptied: Notify,
}

impl<T: Clone> Registry<T> {
    pub(crate) fn new() -> Self {
        Self { pending: Mutex::new(Slab::new()), emptied: Notify::new() }
    }

    /// Adds `item`, and returns the key by which to remove it.
    #[inline]
    pub(crate) fn add(&self, item: T) -> usize {
        lock(&self.pending).insert(item)
    }

    /// Removes the item added as `key`, and lets go of it by `forget` before any waiter is woken.
    #[inline]
    pub(crate) fn remove(&self, key: usize, forget: impl FnOnce(T)) {
        let mut pending = lock(&self.pending);
        let item = pending.remove(key);
        let empty = pending.is_empty();
        drop(pending);
        forget(item);
        if empty {
            // Where another was added meanwhile, who is woken finds it.
            self.emptied.notify_waiters();
        }
    }

    /// Returns the item added as `key`, which was not removed.
    pub(crate) fn get(&self, key: usize) -> T {
        lock(&self.pending)[key].clone()
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.pending).len()
    }

    pub(crate) fn items(&self) -> Vec<T> {
        lock(&self.pending).iter().map(|(_, item)| item.clone()).collect()
    }

    /// Waits until nothing is pending.
    pub(crate) async fn wait_until_empty(&self) {
        let mut emptied = std::pin::pin!(self.emptied.notified());
        loop {
            emptied.as_mut().enable();
            if self.len() == 0 {
                return;
            }
            emptied.as_mut().await;
            emptied.set(self.emptied.notified());
        }
    }
}
