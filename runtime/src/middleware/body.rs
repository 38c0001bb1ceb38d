//! See the [module docs](super).

use std::{
    fmt,
    pin::Pin,
    task::{self, Poll, ready},
};

use bytes::Buf;
use http::{
    HeaderMap, Response, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::future::Asked;
use crate::{
    connection::Opened,
    outcome::{End, Ending, Grpc},
    place::{Context, InPlace},
};

pin_project! {
    /// The body of a response, whose end is the end of the response.
    ///
    /// Frames, size and end of the inner body pass unchanged. Its code runs in the scope of the
    /// request, also its drop.
    pub struct ResponseBody<C> {
        // Gone once it has ended.
        #[pin]
        body: InPlace<C, Sending>,
    }
}

/// A response that is being sent, and that is finished when this is dropped.
#[derive(Debug)]
struct Sending {
    opened: Opened,
    progress: Progress,
}

/// What of the body has passed.
#[derive(Debug, Default)]
struct Progress {
    status: StatusCode,
    grpc: Grpc,
    /// `None` while neither the end nor an error has been seen.
    end: Option<End>,
    body_bytes: u64,
    /// How many bytes there are, if the response says so.
    promised: Option<u64>,
}

impl<C: Body> ResponseBody<C> {
    #[inline]
    pub(super) fn wrap(response: Response<C>, opened: Opened, asked: Asked) -> Response<Self> {
        let (body, headers) = (response.body(), response.headers());
        let exact = body.size_hint().exact();
        let promised = exact.or_else(|| content_length(headers));
        let empty = exact.map_or_else(|| promised == Some(0) || body.is_end_stream(), |n| n == 0);
        let complete = asked.without_body || empty;
        let progress = Progress {
            status: response.status(),
            grpc: if asked.maybe_grpc { grpc_of_head(headers) } else { Grpc::No },
            end: complete.then_some(End::Completed),
            body_bytes: 0,
            promised,
        };
        let sending = Sending { opened, progress };
        response.map(|body| Self { body: InPlace::new(body, sending) })
    }
}

impl<C> ResponseBody<C> {
    /// Returns the inner body, or `None` once that has ended, after which it is dropped.
    #[must_use]
    pub fn get_ref(&self) -> Option<&C> {
        self.body.value()
    }

    /// Returns the inner body, as [`get_ref`](Self::get_ref) does.
    pub fn get_mut(&mut self) -> Option<&mut C> {
        self.body.value_mut()
    }

    /// Returns the inner body, as [`get_ref`](Self::get_ref) does.
    ///
    /// The response is finished by it, as one whose body was dropped: what becomes of the inner
    /// body is not seen any more.
    #[must_use]
    pub fn into_inner(self) -> Option<C> {
        self.body.into_value()
    }
}

/// A body of no request, as some layers make one in place of another.
impl<C: Default> Default for ResponseBody<C> {
    fn default() -> Self {
        let sending = Sending { opened: Opened::default(), progress: Progress::default() };
        Self { body: InPlace::new(C::default(), sending) }
    }
}

impl Context for Sending {
    type Entered<'a> = <Opened as Context>::Entered<'a>;

    #[inline]
    fn enter(&mut self) -> Self::Entered<'_> {
        self.opened.enter()
    }

    #[inline]
    fn runs(&mut self, runs: bool) {
        self.opened.runs(runs);
    }
}

impl Drop for Sending {
    #[inline]
    fn drop(&mut self) {
        let Progress { status, grpc, end, body_bytes, .. } = self.progress;
        let end = end.unwrap_or_else(|| self.opened.lost(End::Aborted));
        self.opened.finish(Ending { status: Some(status), grpc, end, body_bytes });
    }
}

impl<C: Body> Body for ResponseBody<C> {
    type Data = C::Data;
    type Error = C::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<C::Data>, C::Error>>> {
        let mut body = self.project().body;
        let mut ended = false;
        let polled = body.as_mut().call(|mut inner, over| {
            let frame = ready!(inner.as_mut().poll_frame(cx));
            ended = inner.is_end_stream();
            *over = ended;
            Poll::Ready(frame)
        });
        // Gone once it has ended.
        let frame = ready!(polled.unwrap_or(Poll::Ready(None)));
        body.context_mut().progress.record(frame.as_ref(), ended);
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.value().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.value().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<C> fmt::Debug for ResponseBody<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody")
            .field("progress", &self.body.context().progress)
            .finish_non_exhaustive()
    }
}

impl Progress {
    fn record<D: Buf, E>(&mut self, frame: Option<&Result<Frame<D>, E>>, ended: bool) {
        let complete = match frame {
            None => true,
            Some(Err(_)) => {
                self.end = Some(End::BodyError);
                return;
            }
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Buf::remaining);
                self.body_bytes += bytes as u64;
                let whole = self.promised.is_some_and(|promised| self.body_bytes >= promised);
                if let (Some(trailers), Grpc::Unknown) = (frame.trailers_ref(), self.grpc) {
                    self.grpc = grpc_status(trailers);
                }
                frame.is_trailers() || ended || whole
            }
        };
        if complete {
            self.end.get_or_insert(End::Completed);
        }
    }
}

/// Returns what the head of a response says of it as one of gRPC: its status stands there if it
/// has no body.
fn grpc_of_head(headers: &HeaderMap) -> Grpc {
    let content_type = headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    if content_type.starts_with(b"application/grpc") { grpc_status(headers) } else { Grpc::No }
}

fn grpc_status(headers: &HeaderMap) -> Grpc {
    let status = headers.get("grpc-status").and_then(|value| value.to_str().ok()?.parse().ok());
    status.map_or(Grpc::Unknown, Grpc::Status)
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
