//! How a response ended.

use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

/// How the response ended, as its tasks see it: see [`outcome`](crate::outcome()).
///
/// What is known is what left the server. That the client received it is never known: a body that
/// was handed to the kernel may still be lost on the way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Outcome {
    pub(crate) status: Option<StatusCode>,
    pub(crate) grpc: Grpc,
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

    /// Returns whether the response was a success, as [`RunOn`](crate::RunOn) understands it: it
    /// was completed, with a status below 400, and with `grpc-status` 0 if it speaks gRPC.
    ///
    /// In a scope without a response, success is that the function returned.
    #[must_use]
    pub fn is_success(&self) -> bool {
        let failed = |status: StatusCode| status.is_client_error() || status.is_server_error();
        let grpc = match self.grpc {
            Grpc::No => true,
            Grpc::Status(status) => status == 0,
            Grpc::Unknown => false,
        };
        self.end == End::Completed && !self.status.is_some_and(failed) && grpc
    }

    /// Returns the status of a gRPC response, which stands in its trailers or, where it has no
    /// body, in its head: 0 is success, the others are errors, all of them with the HTTP status
    /// 200. `None` for other responses, and where none was sent.
    #[must_use]
    pub fn grpc_status(&self) -> Option<u16> {
        match self.grpc {
            Grpc::Status(status) => Some(status),
            Grpc::No | Grpc::Unknown => None,
        }
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

/// What is known of a response as one of gRPC.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Grpc {
    /// It is none.
    #[default]
    No,
    /// It is one whose status was not seen.
    Unknown,
    Status(u16),
}

/// How a response ended, before it is known whether it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) status: Option<StatusCode>,
    pub(crate) grpc: Grpc,
    pub(crate) end: End,
    pub(crate) body_bytes: u64,
}

impl Ending {
    /// Returns the ending of a response of which nothing was produced.
    pub(crate) fn without_response(end: End) -> Self {
        Self { status: None, grpc: Grpc::No, end, body_bytes: 0 }
    }

    /// Returns the ending of a scope without a response whose function returned.
    pub(crate) fn returned() -> Self {
        Self::without_response(End::Completed)
    }

    /// Returns the ending of a response whose connection was lost before all of it was written.
    pub(crate) fn unwritten(mut self) -> Self {
        if self.end == End::Completed {
            self.end = End::Aborted;
        }
        self
    }

    pub(crate) fn outcome(self, arrived: Instant, ended: Instant) -> Outcome {
        let Self { status, grpc, end, body_bytes } = self;
        Outcome { status, grpc, end, body_bytes, arrived, ended }
    }
}
