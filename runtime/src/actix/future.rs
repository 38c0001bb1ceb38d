//! See the [module docs](super).

use std::{
    fmt, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    Error, HttpResponse, body::MessageBody, dev::ServiceResponse, error::InternalError,
    http::StatusCode,
};
use pin_project_lite::pin_project;

use super::{ResponseBody, head};
use crate::{connection::Opened, place::InPlace};

pin_project! {
    /// The future of [`AfterService`](super::AfterService).
    ///
    /// # Cancel safety
    ///
    /// Dropping it before it is ready drops the handler and finishes the response as
    /// [`Cancelled`](crate::End::Cancelled).
    pub struct ResponseFuture<F> {
        // Holds the scope until that is handed to the response's body.
        #[pin]
        future: InPlace<F, Opened>,
        // The response to a HEAD request has no body, whatever it holds.
        without_body: bool,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: F, opened: Opened, without_body: bool) -> Self {
        Self { future: InPlace::new(future, opened), without_body }
    }
}

impl<F, B> Future for ResponseFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<ResponseBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (mut future, without_body) = (this.future, *this.without_body);
        let result = ready!(future.as_mut().poll(|future| {
            // An error becomes a response only outside of all middleware: it is made here, so that
            // its end is seen, and its head carries the cookies.
            future.poll(cx).map_err(|error| (error.error_response(), error))
        }));
        let opened = mem::take(future.context_mut());
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
        f.debug_struct("ResponseFuture")
            .field("without_body", &self.without_body)
            .finish_non_exhaustive()
    }
}

fn wrap<B: MessageBody>(
    mut response: HttpResponse<B>,
    mut opened: Opened,
    without_body: bool,
) -> HttpResponse<ResponseBody<B>> {
    head::seal(&mut opened, response.headers_mut());
    let status = response.status();
    if let Ok(status) = http::StatusCode::from_u16(status.as_u16()) {
        opened.head(status);
    }
    let without_body = without_body || forbids_body(status);
    response.map_body(|_, body| ResponseBody::new(body, opened, status, without_body))
}

/// Returns whether a response with this status is sent without a body (RFC 9110 §6.4.1).
fn forbids_body(status: StatusCode) -> bool {
    status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
}
