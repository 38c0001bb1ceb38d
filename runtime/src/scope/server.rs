//! One connection of a server that knows of the work.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::Waker,
};

use tokio::runtime::Handle;

use super::{
    Flush, Inner, Platform, Work,
    opened::Ending,
    runner::{Given, Runner, Running},
};

/// What a server tells each request of itself: through the layer around its application, or else in
/// the request's extensions.
pub(crate) struct Server {
    pub(crate) platform: Arc<dyn Platform>,
    /// On which the connection runs.
    runtime: Handle,
    /// That of the request's connection.
    flush: Flush<(Arc<Inner>, Ending)>,
    /// That of the request's connection.
    pub(crate) runner: Runner<Work>,
    /// Whether other tasks than the connection's own drop bodies, as over HTTP/2. The connection
    /// may then have flushed before, and is woken to do so again.
    pub(crate) multiplexed: AtomicBool,
    connection: OnceLock<Waker>,
}

impl Server {
    pub(crate) fn new(platform: Arc<dyn Platform>, runtime: Handle) -> Self {
        Self {
            platform,
            runtime,
            flush: Flush::new(),
            runner: Runner::new(),
            multiplexed: AtomicBool::new(false),
            connection: OnceLock::new(),
        }
    }

    /// Keeps the waker of the task that drives the connection, which is one for its life.
    pub(crate) fn set_connection(&self, waker: &Waker) {
        self.connection.get_or_init(|| waker.clone());
    }

    pub(crate) fn wake_connection(&self) {
        if let Some(waker) = self.connection.get() {
            waker.wake_by_ref();
        }
    }

    /// Runs `work`, whose response is finished.
    ///
    /// The requests of a multiplexed connection may be those of many clients (as of a proxy's), so
    /// there each has a task of its own.
    #[inline]
    pub(super) fn run(self: &Arc<Self>, work: Work) {
        if self.multiplexed.load(Ordering::Relaxed) {
            return drop(self.runtime.spawn(work));
        }
        match self.runner.give(work) {
            Given::Taken => {}
            Given::First => drop(self.runtime.spawn(Running::new(Arc::clone(self)))),
            Given::Refused(work) => drop(self.runtime.spawn(work)),
        }
    }

    /// Has `scope` finish when the connection has written all of its response.
    #[inline]
    pub(super) fn finish_when_flushed(&self, scope: Arc<Inner>, ending: Ending) {
        if let Some((scope, ending)) = self.flush.arm((scope, ending)) {
            return scope.finish(ending.unwritten());
        }
        if self.multiplexed.load(Ordering::Relaxed) {
            self.wake_connection();
        }
    }

    /// Finishes the responses that the connection has written: its buffer is empty.
    #[inline]
    pub(crate) fn flushed(&self) {
        while let Some((scope, ending)) = self.flush.flushed() {
            scope.finish(ending);
        }
    }

    /// Finishes the responses that will never be written: the connection is gone.
    pub(crate) fn gone(&self) {
        for (scope, ending) in self.flush.gone() {
            scope.finish(ending.unwritten());
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}
