//! Wakers of whoever drives a work. Their code may be the user's: none of it is called under a lock,
//! and each call stands in a net.

use std::task::Waker;

use crate::net::tell;

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
