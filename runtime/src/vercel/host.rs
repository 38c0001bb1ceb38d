//! Keeps an invocation open.

use tokio::{runtime::Handle, sync::oneshot};
use vercel_runtime::AppState;

use crate::platform::{Platform, Work};

/// The invocation of one request.
pub(super) struct Host {
    invocation: AppState,
    runtime: Handle,
}

/// Keeps the invocation open until it is dropped.
pub(super) struct Open {
    _closed: oneshot::Sender<()>,
}

impl Host {
    pub(super) fn new(invocation: AppState) -> Self {
        Self { invocation, runtime: Handle::current() }
    }

    /// Holds the invocation while the response is sent: the runtime looks for work once, when the
    /// handler has returned, and what a body schedules would come too late.
    pub(super) fn hold(&self) -> Open {
        let (closed, is_closed) = oneshot::channel();
        // Dropped: this is what is waited for.
        self.invocation.wait_until(async { drop(is_closed.await) });
        Open { _closed: closed }
    }
}

impl Platform for Host {
    fn wait_until(&self, work: Work) {
        // The scope may be current in a thread that is none of the runtime's.
        let _entered = self.runtime.enter();
        self.invocation.wait_until(work);
    }
}
