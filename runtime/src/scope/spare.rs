//! The memory of scopes that have ended, kept for the next ones of the thread.

use std::{cell::RefCell, sync::Arc};

use super::{current::enter, memo::Memo, origin::Origin, state::ScopeState};
use crate::{
    host::{Platform, Policy},
    place::Place,
    request::Head,
};

/// How many are kept a thread: as many as a busy one has at work at the same time. Each is about a
/// kilobyte, and has to be found again in the heap otherwise, block by block.
const KEPT: usize = 64;

thread_local! {
    /// Vacant, and held by nobody else. Most requests end on the thread on which the next begins.
    static SPARE: RefCell<Vec<Arc<ScopeState>>> = const { RefCell::new(Vec::new()) };
}

/// Opens a scope for `origin`.
pub(crate) fn open(policy: Arc<Policy>, origin: Origin) -> Arc<ScopeState> {
    occupy(|scope| {
        scope.occupy(policy, None);
        scope.origin = origin;
    })
}

/// Opens the scope of a request which a server with the platform `announced` serves, and whose head
/// `copy` writes.
#[inline]
pub(crate) fn open_request(
    policy: Arc<Policy>,
    announced: Option<Arc<dyn Platform>>,
    copy: impl FnOnce(&mut Head),
) -> Arc<ScopeState> {
    occupy(|scope| {
        scope.occupy(policy, announced);
        scope.origin.request(copy);
    })
}

/// Opens a scope, in the memory of an earlier one if there is any.
#[inline]
fn occupy(occupy: impl FnOnce(&mut ScopeState)) -> Arc<ScopeState> {
    // Fails while the thread ends.
    let spare = SPARE.try_with(|spare| spare.borrow_mut().pop()).ok().flatten();
    let mut scope = spare.unwrap_or_else(|| Arc::new(ScopeState::vacant()));
    if let Some(vacant) = Arc::get_mut(&mut scope) {
        occupy(vacant);
        #[cfg(feature = "observe")]
        vacant.announce();
    }
    scope
}

/// Drops all that `scope` holds, and keeps its memory; gives it back if others hold it.
///
/// What was cached is dropped in the scope: a drop may call `after`, which then is of it.
#[inline]
pub(crate) fn close(mut scope: Arc<ScopeState>) -> Option<Arc<ScopeState>> {
    let Some(state) = Arc::get_mut(&mut scope) else { return Some(scope) };
    if let Some(memo) = state.take_memo() {
        forget(memo, &scope);
        // Others hold it again if one of those drops has carried it away.
        return close(scope);
    }
    state.vacate();
    // Fails while the thread ends. No code of a user is called in it: a vacant scope holds nothing.
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < KEPT {
            spare.push(scope);
        }
    });
    None
}

/// Drops what was cached in the scope.
#[cold]
fn forget(memo: Memo, scope: &Arc<ScopeState>) {
    let _entered = enter(Some(Arc::clone(scope)), Place::UNANNOTATED);
    drop(memo);
}
