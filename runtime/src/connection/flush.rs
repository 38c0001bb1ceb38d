//! Waits for what a connection has buffered to reach the kernel.

use std::{collections::VecDeque, mem};

use crate::sync::{AtomicBool, Mutex, Ordering, lock};

/// The responses of one connection whose bodies have ended but may not have been written yet.
///
/// # Invariants
///
/// - Each response is returned exactly once: by [`arm`](Self::arm), [`flushed`](Self::flushed) or
///   [`gone`](Self::gone).
/// - None is left behind once the connection is gone: `arm` looks at `gone` under the lock under
///   which `gone` takes what is waiting.
#[derive(Debug)]
pub(crate) struct Flush<R> {
    state: Mutex<State<R>>,
    /// Whether something may be waiting: spares each flush the lock. Written under it.
    armed: AtomicBool,
}

#[derive(Debug)]
struct State<R> {
    waiting: VecDeque<R>,
    gone: bool,
}

impl<R> Default for Flush<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> Flush<R> {
    pub(crate) fn new() -> Self {
        let state = State { waiting: VecDeque::new(), gone: false };
        Self { state: Mutex::new(state), armed: AtomicBool::new(false) }
    }

    /// Keeps `response` until the next flush, or gives it back if the connection is gone.
    #[inline]
    pub(crate) fn arm(&self, response: R) -> Option<R> {
        let mut state = lock(&self.state);
        if state.gone {
            return Some(response);
        }
        state.waiting.push_back(response);
        self.armed.store(true, Ordering::Release);
        None
    }

    /// Returns a response of which every byte has been written, the oldest first; `None` if there
    /// is no other.
    ///
    /// Called by the connection when its buffer is empty. A response that another thread arms
    /// meanwhile is returned at this flush or at the next.
    #[inline]
    pub(crate) fn flushed(&self) -> Option<R> {
        if self.armed.load(Ordering::Acquire) { self.pop() } else { None }
    }

    #[inline]
    fn pop(&self) -> Option<R> {
        let mut state = lock(&self.state);
        let response = state.waiting.pop_front();
        self.armed.store(!state.waiting.is_empty(), Ordering::Release);
        response
    }

    /// Returns the responses that were never written to the end.
    pub(crate) fn gone(&self) -> VecDeque<R> {
        let mut state = lock(&self.state);
        state.gone = true;
        mem::take(&mut state.waiting)
    }
}
