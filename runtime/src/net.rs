//! The net under all code of the user that the library calls by itself.
//!
//! Such code is: polls and drops of tasks and of what they captured, values kept by `#[cache]`,
//! hooks, `Display` of errors, wakers, and whatever a `tracing` subscriber or a `metrics` recorder
//! does when it is told something. A panic there ends the one thing it belongs to. It has been
//! printed by the panic hook, and is said again only where somebody waits for a reason.

use std::{
    any::Any,
    cell::Cell,
    mem,
    panic::{self, AssertUnwindSafe},
    thread::LocalKey,
};

use tracing::Span;

/// Calls a user's code, and returns the message of its panic if it does.
#[inline]
pub(crate) fn contain<R>(code: impl FnOnce() -> R) -> Result<R, String> {
    panic::catch_unwind(AssertUnwindSafe(code)).map_err(into_message)
}

/// Returns what a panic says, and drops what it carries: a panic of that drop is not reported again.
///
/// Apart from [`contain`], of which there is one for each code that it calls: users compile them all.
#[cold]
fn into_message(payload: Box<dyn Any + Send>) -> String {
    let message = panic_message(payload.as_ref());
    let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
    dropped.unwrap_or_else(mem::forget);
    message
}

/// Tells a subscriber, a recorder or a waker something. If it panics, it does not hear of it.
#[inline]
pub(crate) fn tell(code: impl FnOnce()) {
    drop(contain(code));
}

/// Calls a platform's code, and says so if it panics.
#[inline]
pub(crate) fn call_platform(code: impl FnOnce()) {
    if let Err(panic) = contain(code) {
        tell(
            || tracing::error!(target: "with_after", panic, "the platform panicked (see with_after::guide::troubleshooting)"),
        );
    }
}

/// Calls `code`, which does not panic, in `span`: a subscriber that panics before or after it takes
/// neither the code nor its result along.
#[inline]
pub(crate) fn in_span<R>(span: &Span, code: impl FnOnce() -> R) -> R {
    let (mut code, mut result) = (Some(code), None);
    tell(|| span.in_scope(|| result = code.take().map(|code| code())));
    match (result, code) {
        (Some(result), _) => result,
        (None, Some(code)) => {
            // It has panicked on the way in, and may keep the span as the current one of this thread,
            // for whoever asks when it has long been closed.
            tell(|| {
                span.with_subscriber(|(id, subscriber)| subscriber.exit(id));
            });
            code()
        }
        (None, None) => unreachable!("code in a span does not panic"),
    }
}

/// While it exists a user's code is not called again on its thread: what that does itself may give
/// occasion to.
pub(crate) struct NotAgain {
    runs: &'static LocalKey<Cell<bool>>,
}

impl NotAgain {
    /// Returns `None` where the code runs already.
    pub(crate) fn enter(runs: &'static LocalKey<Cell<bool>>) -> Option<Self> {
        // Made only where it is returned: the drop of one that is not would end the outer one.
        (!runs.replace(true)).then(|| Self { runs })
    }
}

impl Drop for NotAgain {
    fn drop(&mut self) {
        self.runs.set(false);
    }
}

/// A value of the user's, whose drop cannot unwind into whoever drops it.
#[derive(Debug)]
pub(crate) struct Netted<T> {
    /// `None` only in the drop.
    value: Option<T>,
}

impl<T> Netted<T> {
    #[inline]
    pub(crate) fn new(value: T) -> Self {
        Self { value: Some(value) }
    }

    pub(crate) fn get(&self) -> &T {
        self.value.as_ref().expect("it is there until the drop")
    }
}

impl<T> Drop for Netted<T> {
    #[inline]
    fn drop(&mut self) {
        if mem::needs_drop::<T>() {
            let value = self.value.take();
            tell(|| drop(value));
        }
    }
}

/// Returns what a panic says; payloads other than text say nothing.
fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
