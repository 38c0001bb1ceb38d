//! The user's code, run and dropped in its place and in a net.

use std::{pin::Pin, task::Poll};

use pin_project_lite::pin_project;

use crate::net::{contain, tell};

/// What is entered around each call of a user's code.
pub(crate) trait Context {
    /// Leaves the context when it is dropped.
    type Entered<'a>
    where
        Self: 'a;

    fn enter(&mut self) -> Self::Entered<'_>;

    /// Is told `true` before the code is called and `false` after it: `true` is left standing by a
    /// panic, which somebody outside may catch long before this is dropped.
    fn runs(&mut self, runs: bool) {
        let _ = runs;
    }
}

/// The context of code whose caller has entered already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here;

impl Context for Here {
    type Entered<'a> = ();

    fn enter(&mut self) {}
}

pin_project! {
    /// A value of the user's, each call of which, its drop included, is made in its context.
    ///
    /// A panic of a call passes through, as without this; one of the drop ends here.
    #[derive(Debug)]
    pub(crate) struct InPlace<T, C: Context> {
        // `None` once it has been dropped, in its place.
        #[pin]
        value: Option<T>,
        // Dropped after the value, whose end it may tell.
        context: C,
    }

    impl<T, C: Context> PinnedDrop for InPlace<T, C> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            // Nobody waits for the reason.
            drop(this.discard());
        }
    }
}

impl<T, C: Context> InPlace<T, C> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "spares a copy of a future of some hundred bytes")]
    pub(crate) fn new(value: T, context: C) -> Self {
        Self { value: Some(value), context }
    }

    /// Polls the value by `code`, and drops it where it is ready.
    ///
    /// Like a future it is not polled again after it was ready: it would then be pending for ever.
    #[inline]
    pub(crate) fn poll<R>(
        self: Pin<&mut Self>,
        code: impl FnOnce(Pin<&mut T>) -> Poll<R>,
    ) -> Poll<R> {
        let mut this = self.project();
        let Some(value) = this.value.as_mut().as_pin_mut() else { return Poll::Pending };
        this.context.runs(true);
        let entered = this.context.enter();
        let polled = code(value);
        if polled.is_ready() {
            tell(|| this.value.set(None));
        }
        drop(entered);
        this.context.runs(false);
        polled
    }

    /// Calls `code` with the value, unless that has been dropped, and drops it where `code` says
    /// that it is over.
    #[inline]
    pub(crate) fn call<R>(
        self: Pin<&mut Self>,
        code: impl FnOnce(Pin<&mut T>, &mut bool) -> R,
    ) -> Option<R> {
        let mut this = self.project();
        let value = this.value.as_mut().as_pin_mut()?;
        this.context.runs(true);
        let mut over = false;
        let result = {
            let _entered = this.context.enter();
            let result = code(value, &mut over);
            if over {
                tell(|| this.value.set(None));
            }
            result
        };
        this.context.runs(false);
        Some(result)
    }

    /// Drops the value, if that was not done before, and returns the message of its panic if it
    /// does.
    #[inline]
    pub(crate) fn discard(self: Pin<&mut Self>) -> Result<(), String> {
        let mut this = self.project();
        if this.value.is_none() {
            return Ok(());
        }
        let _entered = this.context.enter();
        contain(|| this.value.set(None))
    }

    /// Takes the value out, so that it is dropped by the caller.
    pub(crate) fn into_value(mut self) -> Option<T> {
        self.value.take()
    }

    pub(crate) fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    pub(crate) fn value_mut(&mut self) -> Option<&mut T> {
        self.value.as_mut()
    }

    pub(crate) fn context(&self) -> &C {
        &self.context
    }

    pub(crate) fn context_mut(self: Pin<&mut Self>) -> &mut C {
        self.project().context
    }
}
