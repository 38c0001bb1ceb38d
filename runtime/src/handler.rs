//! What `#[with_after]` makes of a function.

use std::{
    pin::Pin,
    sync::{Arc, LazyLock, Once},
    task::{Context, Poll, ready},
    thread,
};

use pin_project_lite::pin_project;

use crate::{
    phase::{self, Handler},
    platform,
    scope::{self, Ending, Hosting, Inner, Opened, Origin, Policy},
};

static WITHOUT_LAYER: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let hosting = Hosting::Announced { otherwise: platform::shared };
    Arc::new(Policy::new(hosting))
});

/// Marks all that `future` does as done by `handler`.
///
/// What is no future is refused where the function says that it returns one, and only there.
pub fn future<F>(handler: &'static Handler, future: F) -> Annotated<F> {
    Annotated { handler, opened: None, begun: false, future: Some(future) }
}

pin_project! {
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Annotated<F> {
        handler: &'static Handler,
        // `Some` from the first poll to the end, if there was no scope then.
        opened: Option<Opened>,
        begun: bool,
        // `None` once it has been dropped, in its place.
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Annotated<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = enter_place(this.handler, this.opened);
            this.future.set(None);
        }
    }
}

impl<F: Future> Future for Annotated<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if !*this.begun {
            *this.begun = true;
            *this.opened = open_unless_current(this.handler);
        }
        let output = {
            let _entered = enter_place(this.handler, this.opened);
            // `None` only after the future was ready.
            let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
            let output = ready!(future.poll(cx));
            this.future.set(None);
            output
        };
        if let Some(mut opened) = this.opened.take() {
            opened.finish(Ending::returned());
        }
        Poll::Ready(output)
    }
}

/// Calls what is called once, so that what it returns may borrow from what it captured.
pub fn call<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Stands for a value of any type where none is needed, since the code is never run.
pub fn never<T>() -> T {
    unreachable!("an expansion never calls it")
}

/// Marks all that the caller does from now on as done by `handler`, until the guard is dropped.
pub fn enter(handler: &'static Handler) -> EnteredHandler {
    let place = phase::current().calling(handler);
    let opened = open_unless_current(handler);
    let scope = opened.as_ref().and_then(Opened::scope).cloned();
    EnteredHandler {
        scope: scope.map(|scope| scope::enter(Some(scope), place)),
        _place: phase::enter(place),
        opened,
    }
}

#[derive(Debug)]
#[must_use = "the handler is left when the guard is dropped"]
#[expect(unnameable_types, reason = "only expansions hold it")]
pub struct EnteredHandler {
    scope: Option<scope::Entered<Option<Arc<Inner>>>>,
    _place: phase::Entered,
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

type InPlace<'a> = (Option<scope::Entered<&'a mut Option<Arc<Inner>>>>, phase::Entered);

fn enter_place<'a>(handler: &'static Handler, opened: &'a mut Option<Opened>) -> InPlace<'a> {
    let place = phase::current().calling(handler);
    let entered = phase::enter(place);
    (opened.as_mut().map(|opened| opened.enter(place)), entered)
}

/// Opens a scope for a handler that no layer stands around.
fn open_unless_current(handler: &'static Handler) -> Option<Opened> {
    static WARNED: Once = Once::new();
    if scope::called(handler) {
        return None;
    }
    WARNED.call_once(|| {
        tracing::warn!(
            handler = handler.name,
            "`#[with_after]` runs without `AfterLayer`: tasks start when the function returns, a \
             moment before its response is sent, and cannot read the request; add `AfterLayer` as \
             the outermost layer (this is said once)"
        );
    });
    Some(Opened::new(Arc::clone(&WITHOUT_LAYER), Origin::Call))
}
