//! A page that is rendered before any request for it.

use std::{mem, time::Duration};

use tokio::sync::Notify;

use crate::{
    error::{Caller, RequestApiErrorKind},
    place::{self, Handler},
    sync::{Mutex, lock},
};

/// What is asked of a request, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lookup {
    pub(crate) api: &'static str,
    pub(crate) caller: Caller,
}

/// What the render of a page without a request finds out about it.
///
/// # Invariants
///
/// - A render either asks for the request or is committed, never both: each is done under the
///   lock, and refused after the other.
pub(crate) struct Prerender {
    path: String,
    state: Mutex<State>,
    /// Notified when the page asks for the request.
    asks: Notify,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// The first annotated function that was called.
    handler: Option<&'static Handler>,
    /// Where the tasks were scheduled.
    tasks: Vec<Caller>,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Rendering,
    /// The page has asked for the request: the render is abandoned.
    Asked(Lookup),
    /// The render is over.
    Over,
}

impl Prerender {
    pub(crate) fn new(path: String) -> Self {
        let state = State { phase: Phase::Rendering, handler: None, tasks: Vec::new() };
        Self { path, state: Mutex::new(state), asks: Notify::new() }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Waits until the page asks for the request.
    pub(crate) async fn asks(&self) {
        self.asks.notified().await;
    }

    /// Ends the render, and returns what it has asked of the request, if anything.
    pub(crate) fn end(&self) -> Option<Lookup> {
        match mem::replace(&mut lock(&self.state).phase, Phase::Over) {
            Phase::Asked(lookup) => Some(lookup),
            Phase::Rendering | Phase::Over => None,
        }
    }

    /// Returns the limit of the annotated function that renders, if it has one.
    pub(crate) fn max_duration(&self) -> Option<Duration> {
        lock(&self.state).handler?.max_duration
    }

    /// Returns where tasks were scheduled so far.
    pub(crate) fn tasks(&self) -> Vec<Caller> {
        lock(&self.state).tasks.clone()
    }

    /// Refuses the request, which the page has asked for: unless the render is over, the page
    /// depends on the request from now on.
    pub(super) fn refuse(&self, lookup: Lookup) -> RequestApiErrorKind {
        let path = self.path.clone();
        let in_task = place::current().task().is_some();
        let mut state = lock(&self.state);
        let waits = !in_task && !matches!(state.phase, Phase::Over);
        let first = waits && matches!(state.phase, Phase::Rendering);
        if first {
            state.phase = Phase::Asked(lookup);
        }
        drop(state);
        if first {
            self.asks.notify_one();
        }
        RequestApiErrorKind::Prerender { path, waits }
    }

    pub(super) fn scheduled(&self, caller: Caller) {
        lock(&self.state).tasks.push(caller);
    }

    pub(super) fn called(&self, handler: &'static Handler) {
        lock(&self.state).handler.get_or_insert(handler);
    }
}

impl std::fmt::Debug for Prerender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prerender").field("path", &self.path).finish_non_exhaustive()
    }
}
