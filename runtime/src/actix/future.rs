//! See the [module docs](super).

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    Error, HttpResponse, body::MessageBody, dev::ServiceResponse, error::InternalError,
    http::StatusCode,
};
use pin_project_lite::pin_project;

use super::{ResponseBody, head};
use crate::{phase::Place, scope::Opened};

pin_project! {
    /// The future of [`AfterService`](super::AfterService).
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is ready drops the handler and finishes the response as
    /// [`Cancelled`](crate::End::Cancelled).
    pub struct ResponseFuture<F> {
        // `None` once it has been dropped, in the scope.
        #[pin]
        future: Option<F>,
        // `None` once it was handed to the response's body.
        opened: Option<Opened>,
        // The response to a HEAD request has no body, whatever it holds.
        without_body: bool,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.opened.as_mut().map(|opened| opened.enter(Place::UNANNOTATED));
            this.future.set(None);
        }
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: F, opened: Opened, without_body: bool) -> Self {
        Self { future: Some(future), opened: Some(opened), without_body }
    }
}

impl<F, B> Future for ResponseFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<ResponseBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // Both are gone only after the future was ready.
        let Some(opened) = this.opened.as_mut() else { return Poll::Pending };
        let result = {
            let _entered = opened.enter(Place::UNANNOTATED);
            let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
            let result = ready!(future.poll(cx));
            this.future.set(None);
            // An error becomes a response only outside of all middleware: it is made here, so that
            // its end is seen, and its head carries the cookies.
            result.map_err(|error| (error.error_response(), error))
        };
        let Some(opened) = this.opened.take() else { return Poll::Pending };
        let without_body = *this.without_body;
        Poll::Ready(match result {
            Ok(response) => {
                let (request, response) = response.into_parts();
                Ok(ServiceResponse::new(request, wrap(response, opened, without_body)))
            }
            Err((response, error)) => {
                let response = wrap(response, opened, without_body).map_into_boxed_body();
                Err(InternalError::from_response(error, response).into())
            }
        })
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("opened", &self.opened).finish_non_exhaustive()
    }
}

fn wrap<B: MessageBody>(
    mut response: HttpResponse<B>,
    opened: Opened,
    without_body: bool,
) -> HttpResponse<ResponseBody<B>> {
    if let Some(scope) = opened.scope() {
        head::seal(scope, response.headers_mut());
    }
    let status = response.status();
    let without_body = without_body || forbids_body(status);
    response.map_body(|_, body| ResponseBody::new(body, opened, status, without_body))
}

/// Returns whether a response with this status is sent without a body (RFC 9110 §6.4.1).
fn forbids_body(status: StatusCode) -> bool {
    status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
}
