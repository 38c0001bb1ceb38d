//! See the [module docs](super).

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;

use super::ResponseBody;
use crate::{
    outcome::End,
    phase::Place,
    scope::{Ending, Opened},
};

pin_project! {
    /// The future of [`AfterService`](super::AfterService).
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is ready drops the handler and finishes the response as
    /// [`Cancelled`](End::Cancelled).
    pub struct ResponseFuture<F> {
        // `None` once it has been dropped, in the scope.
        #[pin]
        future: Option<F>,
        // `None` once it was handed to the response's body.
        opened: Option<Opened>,
        // The response to a HEAD request has no body, whatever it holds.
        without_body: bool,
        // Left set by a poll that panics: who catches that may drop this later.
        polling: bool,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // Gone together with the future, when that was ready.
            let Some(opened) = this.opened.as_mut() else { return };
            let entered = opened.enter(Place::UNANNOTATED);
            this.future.set(None);
            drop(entered);
            if *this.polling {
                opened.finish(Ending { status: None, end: End::Panicked, body_bytes: 0 });
            }
        }
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: F, opened: Opened, without_body: bool) -> Self {
        Self { future: Some(future), opened: Some(opened), without_body, polling: false }
    }
}

impl<F, C, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<C>, E>>,
    C: Body,
{
    type Output = Result<Response<ResponseBody<C>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // Both are gone only after the future was ready.
        let Some(opened) = this.opened.as_mut() else { return Poll::Pending };
        let entered = opened.enter(Place::UNANNOTATED);
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        *this.polling = true;
        let polled = future.poll(cx);
        *this.polling = false;
        let result = ready!(polled);
        this.future.set(None);
        drop(entered);
        let Some(mut opened) = this.opened.take() else { return Poll::Pending };
        let mut response = match result {
            Ok(response) => response,
            Err(error) => {
                opened.finish(Ending { status: None, end: End::Aborted, body_bytes: 0 });
                return Poll::Ready(Err(error));
            }
        };
        if let Some(scope) = opened.scope() {
            scope.seal(response.headers_mut());
        }
        let without_body = *this.without_body || forbids_body(response.status());
        Poll::Ready(Ok(ResponseBody::wrap(response, opened, without_body)))
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("opened", &self.opened).finish_non_exhaustive()
    }
}

/// Returns whether a response with this status is sent without a body (RFC 9110 §6.4.1).
fn forbids_body(status: StatusCode) -> bool {
    status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
}
