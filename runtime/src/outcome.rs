//! How a response ended.

use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

/// How the response ended, as its tasks see it: see [`outcome`](crate::outcome()).
///
/// What is known is what left the server. That the client received it is never known: a body that
/// was handed to the kernel may still be lost on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    pub(crate) status: Option<StatusCode>,
    pub(crate) end: End,
    pub(crate) body_bytes: u64,
    pub(crate) arrived: Instant,
    pub(crate) ended: Instant,
}

impl Outcome {
    /// Returns the status of the response, or `None` if no response was produced.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// Returns how the response ended.
    #[must_use]
    pub fn end(&self) -> End {
        self.end
    }

    pub(crate) fn is_success(self) -> bool {
        let failed = |status: StatusCode| status.is_client_error() || status.is_server_error();
        self.end == End::Completed && !self.status.is_some_and(failed)
    }

    /// Returns how many bytes of data the body yielded, before any compression or framing that
    /// is applied outside the layer.
    #[must_use]
    pub fn body_bytes(&self) -> u64 {
        self.body_bytes
    }

    /// Returns the time from the request's arrival at the layer to the end of the response.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.ended - self.arrived
    }
}

/// How a response ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum End {
    /// The whole response was produced, whatever its status.
    Completed,
    /// The connection was lost, or the body dropped, before the body had ended.
    Aborted,
    /// The body reported an error.
    BodyError,
    /// The handler was dropped before it had produced a response: its client went away, or a
    /// timeout outside the layer cut it.
    Cancelled,
    /// The handler or the body panicked.
    Panicked,
}
