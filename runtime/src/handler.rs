//! What `#[with_after]` makes of a function.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, LazyLock, Once},
    task::{self, Poll, ready},
    thread,
};

use pin_project_lite::pin_project;

use crate::{
    connection::Opened,
    host::{Hosting, Policy},
    net::tell,
    outcome::Ending,
    place::{self, Context, EnteredPlace, Handler, InPlace, Place},
    platform,
    scope::{self, EnteredScope, Origin, ScopeState},
};

static WITHOUT_LAYER: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let hosting = Hosting::Announced { otherwise: platform::shared };
    Arc::new(Policy::new(hosting))
});

/// Marks all that `future` does as done by `handler`.
///
/// What is no future is refused where the function says that it returns one, and only there.
pub fn future<F>(handler: &'static Handler, future: F) -> Annotated<F> {
    let annotation = Annotation { handler, opened: None, begun: false };
    Annotated { future: InPlace::new(future, annotation) }
}

pin_project! {
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Annotated<F> {
        #[pin]
        future: InPlace<F, Annotation>,
    }
}

/// Where the code of an annotated function stands.
struct Annotation {
    handler: &'static Handler,
    /// `Some` from the first poll to the end, if there was no scope then. That is rare, and is to
    /// make no future larger.
    opened: Option<Box<Opened>>,
    begun: bool,
}

impl Context for Annotation {
    type Entered<'a> = (Option<EnteredScope<&'a mut Option<Arc<ScopeState>>>>, EnteredPlace);

    #[inline]
    fn enter(&mut self) -> Self::Entered<'_> {
        let place = place::current().calling(self.handler);
        let entered = place::enter(place);
        (self.opened.as_mut().map(|opened| opened.enter_at(place)), entered)
    }

    #[inline]
    fn runs(&mut self, runs: bool) {
        if let Some(opened) = &mut self.opened {
            opened.runs(runs);
        }
    }
}

impl<F: Future> Future for Annotated<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let mut future = self.project().future;
        let annotation = future.as_mut().context_mut();
        if !annotation.begun {
            annotation.begun = true;
            annotation.opened = open_unless_current(annotation.handler).map(Box::new);
        }
        let output = ready!(future.as_mut().poll(|future| future.poll(cx)));
        if let Some(mut opened) = future.context_mut().opened.take() {
            opened.finish(Ending::returned());
        }
        Poll::Ready(output)
    }
}

/// Returns a future that runs what a middleware calls: what it schedules is not the middleware's.
pub fn inner<F: Future>(future: F) -> impl Future<Output = F::Output> + use<F> {
    Called { future: InPlace::new(future, Unannotated) }
}

pin_project! {
    struct Called<F> {
        #[pin]
        future: InPlace<F, Unannotated>,
    }
}

/// Where code stands of which nothing is known; in a task, that task.
struct Unannotated;

impl Context for Unannotated {
    type Entered<'a> = EnteredPlace;

    fn enter(&mut self) -> EnteredPlace {
        place::enter(match place::current() {
            Place::Handler(_) => Place::UNANNOTATED,
            task @ Place::Task(_) => task,
        })
    }
}

impl<F: Future> Future for Called<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(|future| future.poll(cx))
    }
}

impl<F> fmt::Debug for Annotated<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Annotated").finish_non_exhaustive()
    }
}

/// Calls what is called once, so that what it returns may borrow from what it captured.
pub fn call<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Stands for a value of any type where none is needed, since the code is never run.
#[must_use]
pub fn never<T>() -> T {
    unreachable!("an expansion never calls it")
}

/// Marks all that the caller does from now on as done by `handler`, until the guard is dropped.
pub fn enter(handler: &'static Handler) -> EnteredHandler {
    let place = place::called(handler);
    let opened = open_unless_current(handler);
    let scope = opened.as_ref().and_then(Opened::scope).cloned();
    EnteredHandler {
        scope: scope.map(|scope| scope::enter(Some(scope), place)),
        _place: place::enter(place),
        opened,
    }
}

#[derive(Debug)]
#[must_use = "the handler is left when the guard is dropped"]
#[expect(unnameable_types, reason = "only expansions hold it")]
pub struct EnteredHandler {
    scope: Option<EnteredScope<Option<Arc<ScopeState>>>>,
    _place: EnteredPlace,
    opened: Option<Opened>,
}

impl Drop for EnteredHandler {
    fn drop(&mut self) {
        self.scope = None;
        if let Some(opened) = self.opened.as_mut().filter(|_| !thread::panicking()) {
            opened.finish(Ending::returned());
        }
    }
}

/// Opens a scope for a handler that no layer stands around.
fn open_unless_current(handler: &'static Handler) -> Option<Opened> {
    static WARNED: Once = Once::new();
    if scope::called(handler) {
        return None;
    }
    WARNED.call_once(|| {
        tell(|| {
            tracing::warn!(
                handler = handler.name,
                "`#[with_after]` runs without `AfterLayer`: tasks start when the function returns, \
                 a moment before its response is sent, and cannot read the request; add \
                 `AfterLayer` as the outermost layer; this is said once (see \
                 with_after::guide::troubleshooting)"
            );
        });
    });
    Some(Opened::new(Arc::clone(&WITHOUT_LAYER), Origin::Function))
}
