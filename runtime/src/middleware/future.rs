//! See the [module docs](super).

use std::{
    fmt, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;

use super::ResponseBody;
use crate::{
    connection::Opened,
    outcome::{End, Ending},
    place::InPlace,
};

pin_project! {
    /// The future of [`AfterService`](super::AfterService).
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is ready drops the handler and finishes the response as
    /// [`Cancelled`](End::Cancelled).
    pub struct ResponseFuture<F> {
        // Holds the scope until that is handed to the response's body.
        #[pin]
        future: InPlace<F, Opened>,
        asked: Asked,
    }
}

/// What of the request decides how its response is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// The response has no body, whatever it holds: it answers HEAD.
    pub(super) without_body: bool,
    /// It may be one of gRPC, which needs HTTP/2.
    pub(super) maybe_grpc: bool,
}

impl<F> ResponseFuture<F> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "spares a copy of a future of some hundred bytes")]
    pub(super) fn new(future: F, opened: Opened, asked: Asked) -> Self {
        Self { future: InPlace::new(future, opened), asked }
    }
}

impl<F, C, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<C>, E>>,
    C: Body,
{
    type Output = Result<Response<ResponseBody<C>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (mut future, mut asked) = (this.future, *this.asked);
        let result = ready!(future.as_mut().poll(|future| future.poll(cx)));
        let mut opened = mem::take(future.context_mut());
        Poll::Ready(match result {
            Ok(mut response) => {
                opened.seal(response.headers_mut());
                opened.head(response.status());
                opened.link(response.extensions_mut());
                asked.without_body |= forbids_body(response.status());
                Ok(ResponseBody::wrap(response, opened, asked))
            }
            Err(error) => {
                opened.finish(Ending::without_response(End::Aborted));
                Err(error)
            }
        })
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("asked", &self.asked).finish_non_exhaustive()
    }
}

/// Returns whether a response with this status is sent without a body (RFC 9110 §6.4.1).
fn forbids_body(status: StatusCode) -> bool {
    status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
}
