//! Wakers of whoever drives a work. Their code may be the user's: none of it is called under a lock,
//! and each call stands in a net.

use std::task::Waker;

use crate::{
    net::tell,
    sync::{Mutex, lock},
};

/// Keeps `waker` in the `slot` of a locked state until it is woken, in place of the one before.
///
/// The caller looks afterwards whether there is something to do; who makes something to do wakes
/// afterwards. So either this is seen there, or the waker is found here. A panic of the clone is its
/// executor's, and passes through.
pub(super) fn register<S>(state: &Mutex<S>, slot: fn(&mut S) -> &mut Option<Waker>, waker: &Waker) {
    if slot(&mut lock(state)).as_ref().is_some_and(|kept| kept.will_wake(waker)) {
        return;
    }
    let waker = waker.clone();
    // A statement of its own: the lock is released at the end of it, before the drop.
    let before = slot(&mut lock(state)).replace(waker);
    forget(before);
}

/// Wakes a waker that was taken out from under its lock.
#[inline]
pub(super) fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        tell(|| waker.wake());
    }
}

/// Lets go of a waker that was taken out from under its lock.
#[inline]
pub(super) fn forget(waker: Option<Waker>) {
    if let Some(waker) = waker {
        tell(|| drop(waker));
    }
}
