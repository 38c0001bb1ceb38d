//! Waits for what a connection has buffered to reach the kernel.

use std::mem;

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
    waiting: Vec<R>,
    gone: bool,
}

impl<R> Flush<R> {
    pub(crate) fn new() -> Self {
        let state = State { waiting: Vec::new(), gone: false };
        Self { state: Mutex::new(state), armed: AtomicBool::new(false) }
    }

    /// Keeps `response` until the next flush, or gives it back if the connection is gone.
    pub(crate) fn arm(&self, response: R) -> Option<R> {
        let mut state = lock(&self.state);
        if state.gone {
            return Some(response);
        }
        state.waiting.push(response);
        self.armed.store(true, Ordering::Release);
        None
    }

    /// Moves the responses of which every byte has been written to the empty `flushed`, and returns
    /// whether there may be any.
    ///
    /// Called by the connection when its buffer is empty. A response that another thread arms
    /// meanwhile is moved by the next call.
    pub(crate) fn flushed(&self, flushed: &mut Vec<R>) -> bool {
        if !self.armed.load(Ordering::Acquire) {
            return false;
        }
        let mut state = lock(&self.state);
        self.armed.store(false, Ordering::Release);
        // Exchanged, so that neither list is allocated for every response.
        mem::swap(&mut state.waiting, flushed);
        true
    }

    /// Returns the responses that were never written to the end.
    pub(crate) fn gone(&self) -> Vec<R> {
        let mut state = lock(&self.state);
        state.gone = true;
        mem::take(&mut state.waiting)
    }
}
