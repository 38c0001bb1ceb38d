//! The scope as the user's code holds it.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
};

use pin_project_lite::pin_project;

use super::{
    current::{EnteredScope, current, enter},
    state::ScopeState,
};
use crate::place::{self, Context, InPlace, Place};

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
    state: Arc<ScopeState>,
    place: Place,
}

impl Scope {
    /// Returns the scope of the running code, or `None` outside of any.
    #[must_use]
    pub fn current() -> Option<Self> {
        current().map(|state| Self { state, place: place::current() })
    }

    /// Returns a future that runs `future` in this scope.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future`, in the scope; the scope itself is not finished by it.
    pub fn run<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        in_scope(Some(Arc::clone(&self.state)), self.place, future)
    }

    /// Calls `f` in this scope.
    pub fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let _entered = enter(Some(Arc::clone(&self.state)), self.place);
        f()
    }

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
        self.state.cancel(|info| info.is_named(name))
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("request", &self.state.route()).finish_non_exhaustive()
    }
}

/// Returns a future that runs `future` in a scope.
pub(crate) fn in_scope<F: Future>(
    scope: Option<Arc<ScopeState>>,
    place: Place,
    future: F,
) -> impl Future<Output = F::Output> + use<F> {
    InScope { future: InPlace::new(future, ScopePlace { scope, place }) }
}

pin_project! {
    struct InScope<F> {
        #[pin]
        future: InPlace<F, ScopePlace>,
    }
}

struct ScopePlace {
    scope: Option<Arc<ScopeState>>,
    place: Place,
}

impl Context for ScopePlace {
    type Entered<'a> = EnteredScope<&'a mut Option<Arc<ScopeState>>>;

    fn enter(&mut self) -> Self::Entered<'_> {
        enter(&mut self.scope, self.place)
    }
}

impl<F: Future> Future for InScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(|future| future.poll(cx))
    }
}
