//! The end of a scope.

use std::{
    sync::{Arc, OnceLock},
    thread,
};

use http::{HeaderMap, StatusCode};

use super::connection::Connection;
use crate::{
    host::{Platform, Policy},
    outcome::{End, Ending},
    place::{Context, Place},
    request::Head,
    scope::{self, EnteredScope, Origin, ScopeState, in_scope},
};

/// The one who opened a scope and is bound to finish it: at the latest when this is dropped.
///
/// It cannot be cloned, so a scope is finished exactly once.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    /// `None` once the scope is finished.
    scope: Option<Arc<ScopeState>>,
    written_by: WrittenBy,
    /// Left set by a call that panics: who catches that may drop this later.
    runs: bool,
}

/// Who writes the response of a scope.
#[derive(Clone, Debug, Default)]
pub(crate) enum WrittenBy {
    /// Nobody whom the scope waits for: it ends with the response's body.
    #[default]
    Nobody,
    Connection(Arc<Connection>),
    /// The connection of the layer outside of this one, if the response gets there.
    Outer(Link),
}

/// Told its connection by the outermost layer through which a response passes on its way out. A
/// response that is used up within the process is never told one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    connection: Arc<OnceLock<Arc<Connection>>>,
}

impl Opened {
    pub(crate) fn new(policy: Arc<Policy>, origin: Origin) -> Self {
        let scope = Some(scope::open(policy, origin));
        Self { scope, written_by: WrittenBy::Nobody, runs: false }
    }

    /// Opens the scope of a request which a server with the platform `announced` serves, and whose
    /// head `copy` writes.
    #[inline]
    pub(crate) fn request(
        policy: Arc<Policy>,
        announced: Option<Arc<dyn Platform>>,
        written_by: WrittenBy,
        copy: impl FnOnce(&mut Head),
    ) -> Self {
        let scope = scope::open_request(policy, announced, copy);
        Self { scope: Some(scope), written_by, runs: false }
    }

    pub(crate) fn scope(&self) -> Option<&Arc<ScopeState>> {
        self.scope.as_ref()
    }

    /// Makes the scope the current one; `place` is where its code stands.
    #[inline]
    pub(crate) fn enter_at(&mut self, place: Place) -> EnteredScope<&mut Option<Arc<ScopeState>>> {
        scope::enter(&mut self.scope, place)
    }

    /// Returns a future that runs `future` in the scope.
    pub(crate) fn run<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        in_scope(self.scope.clone(), Place::UNANNOTATED, future)
    }

    /// Writes the handler's cookies into the response's head, and refuses every later one.
    #[inline]
    pub(crate) fn seal(&mut self, headers: &mut HeaderMap) {
        if let Some(scope) = &mut self.scope {
            scope.seal(headers);
        }
    }

    /// Takes note of the head of the response.
    #[inline]
    pub(crate) fn head(&self, status: StatusCode) {
        if let Some(scope) = &self.scope {
            scope.head(status);
        }
    }

    /// Tells a layer inside of this one who writes its response, which has come out here; and one
    /// outside, that this response is to be told the same.
    #[inline]
    pub(crate) fn link(&mut self, extensions: &mut http::Extensions) {
        match &mut self.written_by {
            WrittenBy::Nobody => {}
            WrittenBy::Connection(connection) => {
                if let Some(Link { connection: inner }) = extensions.remove() {
                    drop(inner.set(Arc::clone(connection)));
                }
            }
            WrittenBy::Outer(link) => match extensions.get::<Link>() {
                Some(inner) => link.clone_from(inner),
                None => drop(extensions.insert(link.clone())),
            },
        }
    }

    /// Finishes the scope; one that has a response, once that is written.
    pub(crate) fn finish(&mut self, ending: Ending) {
        let Some(scope) = self.scope.take() else { return };
        if let WrittenBy::Connection(connection) = &self.written_by {
            connection.response_ended();
        }
        // If nobody else holds it nothing is scheduled, and nobody could schedule or look.
        let kept = if scope.is_observed() { Some(scope) } else { scope::close(scope) };
        let Some(scope) = kept else { return };
        match std::mem::take(&mut self.written_by) {
            WrittenBy::Connection(connection) => connection.finish_when_flushed(scope, ending),
            WrittenBy::Outer(link) => match link.connection.get() {
                Some(connection) => connection.finish_when_flushed(scope, ending),
                None => scope.finish(ending),
            },
            WrittenBy::Nobody => scope.finish(ending),
        }
    }
}

impl Context for Opened {
    type Entered<'a> = EnteredScope<&'a mut Option<Arc<ScopeState>>>;

    #[inline]
    fn enter(&mut self) -> Self::Entered<'_> {
        self.enter_at(Place::UNANNOTATED)
    }

    #[inline]
    fn runs(&mut self, runs: bool) {
        self.runs = runs;
    }
}

impl Opened {
    /// Returns how a response ends whose code is dropped before its end.
    pub(crate) fn lost(&self, otherwise: End) -> End {
        if self.runs || thread::panicking() { End::Panicked } else { otherwise }
    }
}

impl Drop for Opened {
    #[inline]
    fn drop(&mut self) {
        if self.scope.is_some() {
            self.finish(Ending::without_response(self.lost(End::Cancelled)));
        }
    }
}
