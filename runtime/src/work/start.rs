//! How the work starts at the end of the response.

use std::sync::{Arc, atomic::AtomicUsize};

use super::drive::Work;

/// How many tasks outlive their responses.
pub(crate) type Meter = Arc<AtomicUsize>;

/// Starts work whose response is finished.
pub(crate) enum Start {
    Call(Box<dyn FnOnce(Work) + Send>),
    Host(Pending),
}

/// Work that its host keeps an account of, for as long as this lives.
pub(crate) struct Pending {
    host: Arc<dyn Host>,
    key: usize,
}

/// One who keeps an account of pending work, and starts it when its response is finished.
pub(crate) trait Host: Send + Sync {
    /// Starts work of which `pending` is the account.
    fn start(&self, work: Work, pending: Pending);

    /// Closes the account of the work that has this key.
    fn ended(&self, key: usize);
}

impl Pending {
    pub(crate) fn new(host: Arc<dyn Host>, key: usize) -> Self {
        Self { host, key }
    }

    pub(crate) fn key(&self) -> usize {
        self.key
    }
}

impl Drop for Pending {
    #[inline]
    fn drop(&mut self) {
        self.host.ended(self.key);
    }
}

impl Start {
    #[inline]
    pub(super) fn call(self, work: Work) {
        match self {
            Self::Call(start) => start(work),
            Self::Host(pending) => {
                let host = Arc::clone(&pending.host);
                host.start(work, pending);
            }
        }
    }
}
