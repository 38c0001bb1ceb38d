//! The primitives whose order matters, replaced by loom's when the models are checked.

#[cfg(not(all(test, with_after_loom)))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};

#[cfg(all(test, with_after_loom))]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, Ordering},
};

use std::sync::PoisonError;

/// Locks, whatever a thread that panicked left behind.
///
/// No user code runs under a lock of this crate but that of a memo, which is a map that stands it,
/// so the data is whole even then.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
