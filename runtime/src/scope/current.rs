//! The scope of the running code.

use std::{
    borrow::BorrowMut,
    cell::Cell,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::Inner;
use crate::phase::{self, Handler, Place};

thread_local! {
    static CURRENT: Cell<Option<Arc<Inner>>> = const { Cell::new(None) };
}

/// Tells the current scope that `handler` is called in it, and returns whether there is one.
pub(crate) fn called(handler: &'static Handler) -> bool {
    current().inspect(|scope| scope.origin.called(handler)).is_some()
}

#[inline]
pub(crate) fn current() -> Option<Arc<Inner>> {
    let look = |current: &Cell<Option<Arc<Inner>>>| {
        let scope = current.take();
        current.set(scope.clone());
        scope
    };
    CURRENT.try_with(look).ok().flatten()
}

/// Makes the scope in `slot` the current one, and `place` the current place, until the guard is
/// dropped.
#[inline]
pub(crate) fn enter<S: Slot>(mut slot: S, place: Place) -> Entered<S> {
    swap(slot.borrow_mut());
    Entered { slot, _place: phase::enter(place) }
}

/// Exchanged and not cloned: the count of references is written by no poll.
#[inline]
fn swap(slot: &mut Option<Arc<Inner>>) {
    // Fails while the thread ends, when there is nobody left to look for a scope.
    let _: Result<(), _> = CURRENT.try_with(|current| *slot = current.replace(slot.take()));
}

/// Where a scope is kept while it is not current, and the outer one while it is.
pub(crate) trait Slot: BorrowMut<Option<Arc<Inner>>> {}

impl<S: BorrowMut<Option<Arc<Inner>>>> Slot for S {}

#[must_use = "the scope is left when the guard is dropped"]
#[derive(Debug)]
pub(crate) struct Entered<S: Slot> {
    slot: S,
    _place: phase::Entered,
}

impl<S: Slot> Drop for Entered<S> {
    #[inline]
    fn drop(&mut self) {
        swap(self.slot.borrow_mut());
    }
}

/// The scope of the current request, to be carried into spawned tasks and foreign executors.
///
/// Code finds its scope through a task-local, which a new task does not inherit. What is scheduled
/// through a carried scope is of the kind of the function in which [`current`](Self::current) was
/// called, and waits for the same end of the response; if that is over it runs at once.
///
/// # Examples
///
/// ```
/// use with_after::{Scope, after, with_after};
///
/// #[with_after]
/// async fn handler() {
///     let scope = Scope::current().expect("a handler has a scope");
///     tokio::spawn(scope.run(async {
///         after(|| println!("after the response, scheduled by a spawned task"));
///     }));
/// }
/// ```
#[derive(Clone)]
pub struct Scope {
    inner: Arc<Inner>,
    place: Place,
}

impl Scope {
    /// Returns the scope of the running code, or `None` outside of any.
    #[must_use]
    pub fn current() -> Option<Self> {
        current().map(|inner| Self { inner, place: phase::current() })
    }

    /// Returns a future that runs `future` in this scope.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future`, in the scope; the scope itself is not finished by it.
    pub fn run<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        InScope::new(Some(Arc::clone(&self.inner)), self.place, future)
    }

    /// Calls `f` in this scope.
    pub fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let _entered = enter(Some(Arc::clone(&self.inner)), self.place);
        f()
    }
}

impl Scope {
    /// Drops the tasks called `name` that have not started, and returns whether there were any.
    ///
    /// # Examples
    ///
    /// ```
    /// use with_after::{Scope, task, with_after};
    ///
    /// #[with_after]
    /// async fn order() {
    ///     task("reminder").schedule(async { /* … */ });
    ///     // Later, the order is paid at once:
    ///     let cancelled = Scope::current().is_some_and(|scope| scope.cancel("reminder"));
    ///     assert!(cancelled);
    /// }
    /// ```
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn cancel(&self, name: &str) -> bool {
        self.inner.cancel(|info| info.is_named(name))
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("request", &self.inner.route()).finish_non_exhaustive()
    }
}

pin_project! {
    /// A future that runs in a scope.
    pub(crate) struct InScope<F> {
        scope: Option<Arc<Inner>>,
        place: Place,
        // `None` once it has been dropped, in the scope.
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for InScope<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = enter(this.scope, *this.place);
            this.future.set(None);
        }
    }
}

impl<F> InScope<F> {
    pub(crate) fn new(scope: Option<Arc<Inner>>, place: Place, future: F) -> Self {
        Self { scope, place, future: Some(future) }
    }
}

impl<F: Future> Future for InScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = enter(this.scope, *this.place);
        // `None` only in the drop.
        this.future.as_pin_mut().map_or(Poll::Pending, |future| future.poll(cx))
    }
}
