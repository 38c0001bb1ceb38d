//! The scope of the running code.

use std::{borrow::BorrowMut, cell::Cell, mem::ManuallyDrop, sync::Arc};

use super::state::ScopeState;
use crate::place::{self, EnteredPlace, Handler, Place};

thread_local! {
    /// Empty whenever a thread ends, since whoever enters a scope leaves it: so nothing is to be
    /// dropped, and each access is spared the question whether that was done.
    static CURRENT: ManuallyDrop<Cell<Option<Arc<ScopeState>>>> =
        const { ManuallyDrop::new(Cell::new(None)) };
}

/// Tells the current scope that `handler` is called in it, and returns whether there is one.
pub(crate) fn called(handler: &'static Handler) -> bool {
    current().inspect(|scope| scope.origin.called(handler)).is_some()
}

#[inline]
pub(crate) fn current() -> Option<Arc<ScopeState>> {
    CURRENT.with(|current| {
        let scope = current.take();
        current.set(scope.clone());
        scope
    })
}

/// Makes the scope in `slot` the current one, and `place` the current place, until the guard is
/// dropped.
#[inline]
pub(crate) fn enter<S: Slot>(mut slot: S, place: Place) -> EnteredScope<S> {
    swap(slot.borrow_mut());
    EnteredScope { slot, _place: place::enter(place) }
}

/// Exchanged and not cloned: the count of references is written by no poll.
#[inline]
fn swap(slot: &mut Option<Arc<ScopeState>>) {
    CURRENT.with(|current| *slot = current.replace(slot.take()));
}

/// Where a scope is kept while it is not current, and the outer one while it is.
pub(crate) trait Slot: BorrowMut<Option<Arc<ScopeState>>> {}

impl<S: BorrowMut<Option<Arc<ScopeState>>>> Slot for S {}

#[must_use = "the scope is left when the guard is dropped"]
#[derive(Debug)]
pub(crate) struct EnteredScope<S: Slot> {
    slot: S,
    _place: EnteredPlace,
}

impl<S: Slot> Drop for EnteredScope<S> {
    #[inline]
    fn drop(&mut self) {
        swap(self.slot.borrow_mut());
    }
}
