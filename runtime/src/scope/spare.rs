//! The memory of a scope that has ended, kept for the next one of the thread.

use std::{cell::Cell, sync::Arc};

use super::Inner;

thread_local! {
    /// Vacant, and held by nobody else. Most requests end on the thread on which the next begins.
    static SPARE: Cell<Option<Arc<Inner>>> = const { Cell::new(None) };
}

/// Opens a scope by `occupy`, in the memory of an earlier one if there is any.
#[inline]
pub(super) fn open(occupy: impl FnOnce(&mut Inner)) -> Arc<Inner> {
    // Fails while the thread ends.
    let spare = SPARE.try_with(Cell::take).ok().flatten();
    let mut scope = spare.unwrap_or_else(|| Arc::new(Inner::vacant()));
    if let Some(vacant) = Arc::get_mut(&mut scope) {
        occupy(vacant);
    }
    scope
}

impl Inner {
    /// Lets go of a scope, and keeps its memory if nobody else holds it.
    pub(crate) fn close(self: Arc<Self>) {
        drop(close(self));
    }
}

/// Drops all that `scope` holds, and keeps its memory; gives it back if others hold it.
#[inline]
pub(super) fn close(mut scope: Arc<Inner>) -> Option<Arc<Inner>> {
    let Some(inner) = Arc::get_mut(&mut scope) else { return Some(scope) };
    inner.vacate();
    // Fails while the thread ends.
    let _ = SPARE.try_with(|spare| spare.set(Some(scope)));
    None
}
