//! How the work after a response starts.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::{Server, Work};

/// How the work starts at the end of the response.
pub(crate) enum Launch {
    Call(Box<dyn FnOnce() + Send>),
    /// By the runner of the request's connection.
    Serve(Work),
    /// On this runtime.
    Spawn(Work, Handle),
}

impl Launch {
    #[inline]
    pub(super) fn start(self, server: Option<&Arc<Server>>) {
        match (self, server) {
            (Self::Call(start), _) => start(),
            (Self::Serve(work), Some(server)) => server.run(work),
            // Not made without a server.
            (Self::Serve(work), None) => drop(work),
            (Self::Spawn(work, runtime), _) => drop(runtime.spawn(work)),
        }
    }
}
