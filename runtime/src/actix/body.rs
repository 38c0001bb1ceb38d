//! See the [module docs](super).

use std::{
    fmt,
    pin::Pin,
    task::{self, Poll, ready},
};

use actix_web::{
    body::{BodySize, MessageBody},
    http::StatusCode,
};
use bytes::Bytes;
use pin_project_lite::pin_project;

use crate::{
    connection::Opened,
    outcome::{End, Ending, Grpc},
    place::{Context, InPlace},
};

pin_project! {
    /// The body of a response, whose end is the end of the response.
    ///
    /// Chunks and size of the inner body pass unchanged. Its code runs in the scope of the
    /// request, also its drop.
    pub struct ResponseBody<B> {
        // Gone once it has ended.
        #[pin]
        body: InPlace<B, Sending>,
    }
}

/// A response that is being sent, and that is finished when this is dropped.
struct Sending {
    opened: Opened,
    status: StatusCode,
    /// `None` while neither the end nor an error has been seen.
    end: Option<End>,
    body_bytes: u64,
}

impl<B: MessageBody> ResponseBody<B> {
    /// Wraps the body of a response; `without_body` says that none of it is ever sent.
    pub(super) fn new(body: B, opened: Opened, status: StatusCode, without_body: bool) -> Self {
        // Such a body is dropped without having been polled.
        let empty = matches!(body.size(), BodySize::None | BodySize::Sized(0));
        let end = (without_body || empty).then_some(End::Completed);
        Self { body: InPlace::new(body, Sending { opened, status, end, body_bytes: 0 }) }
    }
}

impl Context for Sending {
    type Entered<'a> = <Opened as Context>::Entered<'a>;

    fn enter(&mut self) -> Self::Entered<'_> {
        self.opened.enter()
    }

    fn runs(&mut self, runs: bool) {
        self.opened.runs(runs);
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.opened.finish(Ending {
            status: http::StatusCode::from_u16(self.status.as_u16()).ok(),
            // Its HTTP/2 has no trailers.
            grpc: Grpc::No,
            end: self.end.unwrap_or_else(|| self.opened.lost(End::Aborted)),
            body_bytes: self.body_bytes,
        });
    }
}

impl<B: MessageBody> MessageBody for ResponseBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.value().map_or(BodySize::None, MessageBody::size)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        let mut body = self.project().body;
        let polled = body.as_mut().call(|body, over| {
            let chunk = ready!(body.poll_next(cx));
            *over = chunk.is_none();
            Poll::Ready(chunk)
        });
        // Gone once it has ended.
        let chunk = ready!(polled.unwrap_or(Poll::Ready(None)));
        let sending = body.context_mut();
        match &chunk {
            // actix-web asks every body for its end, also one of known size.
            Some(Ok(bytes)) => sending.body_bytes += bytes.len() as u64,
            Some(Err(_)) => sending.end = Some(End::BodyError),
            None => {
                sending.end.get_or_insert(End::Completed);
            }
        }
        Poll::Ready(chunk)
    }
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody")
            .field("end", &self.body.context().end)
            .finish_non_exhaustive()
    }
}
