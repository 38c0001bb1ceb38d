//! One connection of a server that knows when a response was written.

use std::{
    cell::Cell,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    task::Waker,
};

use super::flush::Flush;
use crate::{host::Platform, net::tell, outcome::Ending, scope::ScopeState};

/// One connection, whose responses are finished when they were written.
#[derive(Default)]
pub(crate) struct Connection {
    flush: Flush<(Arc<ScopeState>, Ending)>,
    /// That of the task which drives the connection.
    waker: OnceLock<Waker>,
    /// What arrives from the client of HTTP/1.1, looked at now and then: so no request needs a timer
    /// of its own.
    arriving: Arriving,
}

/// What arrives on a connection.
#[derive(Debug, Default)]
struct Arriving {
    /// One of the states below, or one more than the number of looks at the head that arrives.
    state: AtomicU32,
}

impl Arriving {
    const NOTHING: u32 = 0;
    /// The rest of a request whose head has arrived, until its response has ended.
    const REST: u32 = u32::MAX;
    const TOO_OLD: u32 = u32::MAX - 1;

    #[inline]
    fn set(&self, state: u32) {
        self.state.store(state, Ordering::Relaxed);
    }

    #[inline]
    fn get(&self) -> u32 {
        self.state.load(Ordering::Relaxed)
    }

    fn is_head(&self) -> bool {
        (1..Self::TOO_OLD).contains(&self.get())
    }

    /// Looks at the head that arrives, and returns whether it was still arriving at so many looks
    /// before.
    fn look(&self, limit: u32) -> bool {
        let looks = self.get();
        if !self.is_head() {
            return false;
        }
        let next = if looks > limit { Self::TOO_OLD } else { looks + 1 };
        // Unless it has ended meanwhile.
        let kept = self.state.compare_exchange(looks, next, Ordering::Relaxed, Ordering::Relaxed);
        kept.is_ok() && next == Self::TOO_OLD
    }
}

/// What a server tells a request of itself, in the request's extensions.
///
/// Its platform is that of every layer which sees it; its connection that of the first one alone,
/// whose response is the one that the connection writes.
#[derive(Clone)]
pub(crate) struct Announced {
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) connection: Option<Arc<Connection>>,
}

thread_local! {
    /// The address of the connection that this thread polls, or 0.
    static POLLED: Cell<usize> = const { Cell::new(0) };
}

impl Connection {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Calls `poll`, which drives the connection.
    #[inline]
    pub(crate) fn poll<R>(&self, poll: impl FnOnce() -> R) -> R {
        struct Outer(usize);
        impl Drop for Outer {
            fn drop(&mut self) {
                POLLED.set(self.0);
            }
        }
        let _outer = Outer(POLLED.replace(self.address()));
        poll()
    }

    /// Keeps the waker of the task that drives the connection, which is one for its life.
    pub(crate) fn set_waker(&self, waker: &Waker) {
        self.waker.get_or_init(|| waker.clone());
    }

    /// Has the connection polled: it then flushes what it can.
    pub(crate) fn wake(&self) {
        if let Some(waker) = self.waker.get() {
            tell(|| waker.wake_by_ref());
        }
    }

    /// Takes note of a request whose head has arrived.
    #[inline]
    pub(crate) fn request_began(&self) {
        self.arriving.set(Arriving::REST);
    }

    /// Takes note of the end of its response: what comes then is the head of another one.
    #[inline]
    pub(crate) fn response_ended(&self) {
        self.arriving.set(Arriving::NOTHING);
    }

    /// Takes note that bytes of the client have come.
    #[inline]
    pub(crate) fn has_read(&self) {
        if self.arriving.get() == Arriving::NOTHING {
            self.arriving.set(1);
        }
    }

    /// Takes note that what has come was no head but the preface of HTTP/2.
    pub(crate) fn has_read_preface(&self) {
        self.arriving.set(Arriving::NOTHING);
    }

    /// Looks whether the head of a request arrives, and closes the connection where it does so
    /// since more than `limit` looks.
    pub(crate) fn look_at_head(&self, limit: u32) {
        if self.arriving.look(limit) {
            self.wake();
        }
    }

    /// Returns whether the head of a request is arriving.
    #[inline]
    pub(crate) fn head_is_arriving(&self) -> bool {
        self.arriving.is_head()
    }

    /// Returns whether the head of a request has been arriving for too long.
    #[inline]
    pub(crate) fn head_is_too_old(&self) -> bool {
        self.arriving.get() == Arriving::TOO_OLD
    }

    /// Has `scope` finish when the connection has written all of its response.
    ///
    /// A body that ends while the connection is polled is followed by a flush in the same poll.
    /// One that ends anywhere else (over HTTP/2, or in a task through which a middleware pumps it)
    /// may have been flushed before, and nothing else may come: the connection is woken, and
    /// flushes again.
    #[inline]
    pub(super) fn finish_when_flushed(&self, scope: Arc<ScopeState>, ending: Ending) {
        if let Some((scope, ending)) = self.flush.arm((scope, ending)) {
            return scope.finish(ending.unwritten());
        }
        if POLLED.get() != self.address() {
            self.wake();
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

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl fmt::Debug for Announced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Announced").field("connection", &self.connection).finish_non_exhaustive()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("arriving", &self.arriving).finish_non_exhaustive()
    }
}
