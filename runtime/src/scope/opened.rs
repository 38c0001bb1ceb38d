//! The end of a scope.

use std::{sync::Arc, thread};

use http::StatusCode;
use tokio::time::Instant;

use super::{Entered, Inner, Launch, Origin, Policy, Server, current::InScope, enter, spare};
use crate::{
    outcome::{End, Outcome},
    phase::Place,
    request::Head,
};

/// The one who opened a scope and is bound to finish it: at the latest when this is dropped.
///
/// It cannot be cloned, so a scope is finished exactly once.
#[derive(Debug)]
pub(crate) struct Opened {
    /// `None` once the scope is finished.
    inner: Option<Arc<Inner>>,
}

/// How a response ended, before it is known whether it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) status: Option<StatusCode>,
    pub(crate) end: End,
    pub(crate) body_bytes: u64,
}

impl Opened {
    pub(crate) fn new(policy: Arc<Policy>, origin: Origin) -> Self {
        let scope = spare::open(|scope| {
            scope.occupy(policy, None);
            scope.origin = origin;
        });
        Self { inner: Some(scope) }
    }

    /// Opens the scope of a request, which `announced` serves and whose head `copy` writes.
    #[inline]
    pub(crate) fn request(
        policy: Arc<Policy>,
        announced: Option<Arc<Server>>,
        copy: impl FnOnce(&mut Head),
    ) -> Self {
        let scope = spare::open(|scope| {
            scope.occupy(policy, announced);
            scope.origin.request(copy);
        });
        Self { inner: Some(scope) }
    }

    pub(crate) fn scope(&self) -> Option<&Arc<Inner>> {
        self.inner.as_ref()
    }

    /// Makes the scope the current one; `place` is where its code stands.
    #[inline]
    pub(crate) fn enter(&mut self, place: Place) -> Entered<&mut Option<Arc<Inner>>> {
        enter(&mut self.inner, place)
    }

    /// Returns a future that runs `future` in the scope.
    pub(crate) fn run<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        InScope::new(self.inner.clone(), Place::UNANNOTATED, future)
    }

    /// Finishes the scope; one that has a response, once that is written.
    pub(crate) fn finish(&mut self, ending: Ending) {
        let Some(inner) = self.inner.take() else { return };
        // If nobody else holds it nothing is scheduled, and nobody could schedule or look.
        let Some(inner) = spare::close(inner) else { return };
        let Some(server) = inner.server().cloned() else { return inner.finish(ending) };
        server.finish_when_flushed(inner, ending);
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if self.inner.is_some() {
            let end = if thread::panicking() { End::Panicked } else { End::Cancelled };
            self.finish(Ending { status: None, end, body_bytes: 0 });
        }
    }
}

impl Ending {
    /// Returns the ending of a scope without a response whose function returned.
    pub(crate) fn returned() -> Self {
        Self { status: None, end: End::Completed, body_bytes: 0 }
    }

    /// Returns the ending of a response whose connection was lost before all of it was written.
    pub(crate) fn unwritten(mut self) -> Self {
        if self.end == End::Completed {
            self.end = End::Aborted;
        }
        self
    }
}

impl Inner {
    /// Lets the tasks start: the response is finished.
    #[inline]
    pub(crate) fn finish(&self, ending: Ending) {
        let now = Instant::now();
        let Ending { status, end, body_bytes } = ending;
        let outcome = Outcome { status, end, body_bytes, arrived: self.started, ended: now };
        if let Some(launch) = self.queue.finish(now, Some(outcome)) {
            launch.start(self.server());
        }
        self.finish_followers();
    }

    /// Keeps `launch` for the end of the response, if that is still to come.
    ///
    /// It holds the scope that holds it: a circle, which ends with the response.
    #[inline]
    pub(super) fn launch_when_finished(&self, launch: Launch) {
        if let Some(launch) = self.queue.launch_when_finished(launch) {
            launch.start(self.server());
        }
    }
}
