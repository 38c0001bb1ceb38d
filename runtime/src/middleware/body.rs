//! See the [module docs](super).

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    thread,
};

use bytes::Buf;
use http::{HeaderMap, Response, StatusCode, header::CONTENT_LENGTH};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::{
    outcome::End,
    phase::Place,
    scope::{Ending, Opened},
};

pin_project! {
    /// The body of a response, whose end is the end of the response.
    ///
    /// Frames, size and end of the inner body pass unchanged. Its code runs in the scope of the
    /// request, also its drop.
    pub struct ResponseBody<C> {
        // `None` once it has ended or been dropped, in the scope.
        #[pin]
        body: Option<C>,
        opened: Opened,
        progress: Progress,
    }

    impl<C> PinnedDrop for ResponseBody<C> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.body.is_some() {
                let _entered = this.opened.enter(Place::UNANNOTATED);
                this.body.set(None);
            }
            this.opened.finish(this.progress.ending());
        }
    }
}

/// What of the body has passed.
#[derive(Debug)]
struct Progress {
    status: StatusCode,
    /// `None` while neither the end nor an error has been seen.
    end: Option<End>,
    body_bytes: u64,
    /// How many bytes there are, if the response says so.
    promised: Option<u64>,
}

impl<C: Body> ResponseBody<C> {
    /// Wraps the body of `response`; `without_body` says that none of it is ever sent.
    pub(super) fn wrap(
        response: Response<C>,
        opened: Opened,
        without_body: bool,
    ) -> Response<Self> {
        let (parts, body) = response.into_parts();
        let exact = body.size_hint().exact();
        let promised = exact.or_else(|| content_length(&parts.headers));
        let empty = exact.map_or_else(|| promised == Some(0) || body.is_end_stream(), |n| n == 0);
        let complete = without_body || empty;
        let progress = Progress {
            status: parts.status,
            end: complete.then_some(End::Completed),
            body_bytes: 0,
            promised,
        };
        Response::from_parts(parts, Self { body: Some(body), opened, progress })
    }
}

impl<C: Body> Body for ResponseBody<C> {
    type Data = C::Data;
    type Error = C::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<C::Data>, C::Error>>> {
        let mut this = self.project();
        let _entered = this.opened.enter(Place::UNANNOTATED);
        let Some(mut body) = this.body.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let frame = ready!(body.as_mut().poll_frame(cx));
        let ended = body.is_end_stream();
        this.progress.record(frame.as_ref(), ended);
        if ended {
            this.body.set(None);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<C> fmt::Debug for ResponseBody<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").field("progress", &self.progress).finish_non_exhaustive()
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
                frame.is_trailers() || ended || whole
            }
        };
        if complete {
            self.end.get_or_insert(End::Completed);
        }
    }

    fn ending(&self) -> Ending {
        let lost = || if thread::panicking() { End::Panicked } else { End::Aborted };
        let end = self.end.unwrap_or_else(lost);
        Ending { status: Some(self.status), end, body_bytes: self.body_bytes }
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
