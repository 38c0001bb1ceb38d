//! The waker of whoever drives a work.

use std::task::Waker;

use crate::{
    net::tell,
    sync::{Mutex, lock},
};

/// Keeps one waker, whose code may be the user's: no call of it is made under the lock.
///
/// Who registers looks afterwards whether there is something to do; who has made something to do
/// wakes afterwards. So either this is seen there, or the waker is found here.
#[derive(Debug, Default)]
pub(super) struct WakerSlot {
    waker: Mutex<Option<Waker>>,
}

impl WakerSlot {
    /// Keeps `waker` until it is woken, in place of the one before. A panic of its clone is its
    /// executor's, and passes through.
    pub(super) fn register(&self, waker: &Waker) {
        if lock(&self.waker).as_ref().is_some_and(|kept| kept.will_wake(waker)) {
            return;
        }
        let waker = waker.clone();
        let before = lock(&self.waker).replace(waker);
        tell(|| drop(before));
    }

    /// Wakes the waker, if there is one, and lets go of it.
    pub(super) fn wake(&self) {
        let waker = lock(&self.waker).take();
        if let Some(waker) = waker {
            tell(|| waker.wake());
        }
    }

    /// Lets go of the waker.
    pub(super) fn clear(&mut self) {
        let waker = lock(&self.waker).take();
        tell(|| drop(waker));
    }
}
