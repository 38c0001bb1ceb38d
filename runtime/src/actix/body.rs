//! See the [module docs](super).

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    thread,
};

use actix_web::{
    body::{BodySize, MessageBody},
    http::StatusCode,
};
use bytes::Bytes;
use pin_project_lite::pin_project;

use crate::{
    outcome::End,
    phase::Place,
    scope::{Ending, Opened},
};

pin_project! {
    /// The body of a response, whose end is the end of the response.
    ///
    /// Chunks and size of the inner body pass unchanged. Its code runs in the scope of the
    /// request, also its drop.
    pub struct ResponseBody<B> {
        // `None` once it has been dropped, in the scope.
        #[pin]
        body: Option<B>,
        opened: Opened,
        status: StatusCode,
        // `None` while neither the end nor an error has been seen.
        end: Option<End>,
        body_bytes: u64,
    }

    impl<B> PinnedDrop for ResponseBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let entered = this.opened.enter(Place::UNANNOTATED);
            this.body.set(None);
            drop(entered);
            let lost = if thread::panicking() { End::Panicked } else { End::Aborted };
            this.opened.finish(Ending {
                status: http::StatusCode::from_u16(this.status.as_u16()).ok(),
                end: this.end.unwrap_or(lost),
                body_bytes: *this.body_bytes,
            });
        }
    }
}

impl<B: MessageBody> ResponseBody<B> {
    /// Wraps the body of a response; `without_body` says that none of it is ever sent.
    pub(super) fn new(body: B, opened: Opened, status: StatusCode, without_body: bool) -> Self {
        // Such a body is dropped without having been polled.
        let empty = matches!(body.size(), BodySize::None | BodySize::Sized(0));
        let end = (without_body || empty).then_some(End::Completed);
        Self { body: Some(body), opened, status, end, body_bytes: 0 }
    }
}

impl<B: MessageBody> MessageBody for ResponseBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.as_ref().map_or(BodySize::None, MessageBody::size)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        let mut this = self.project();
        let chunk = {
            let _entered = this.opened.enter(Place::UNANNOTATED);
            // `None` only in the drop.
            let Some(body) = this.body.as_mut().as_pin_mut() else { return Poll::Ready(None) };
            ready!(body.poll_next(cx))
        };
        match &chunk {
            // actix-web asks every body for its end, also one of known size.
            Some(Ok(bytes)) => *this.body_bytes += bytes.len() as u64,
            Some(Err(_)) => *this.end = Some(End::BodyError),
            None => {
                this.end.get_or_insert(End::Completed);
            }
        }
        Poll::Ready(chunk)
    }
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").field("end", &self.end).finish_non_exhaustive()
    }
}
