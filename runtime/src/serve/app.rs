//! What can be served.

use std::convert::Infallible;

use axum::extract::Request;
use bytes::Bytes;
use http::Response;
use http_body::Body;
use tower_service::Service;

use crate::error::BoxError;

/// A service that [`serve`](crate::serve()) can serve: a `Router`, a `prerender::Site`, one of these
/// in an [`AfterLayer`](crate::AfterLayer), or any other tower service for the requests of axum that
/// never fails.
///
/// It is implemented for all of them, and cannot be implemented otherwise.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be served",
    label = "not a service that answers requests",
    note = "pass the application itself: `serve(listener, app)`; there is no `into_make_service`",
    note = "for the address of the client: `serve(listener, app).connect_info()`",
    note = "a router with a state is one when it has got the state: `app.with_state(state)`"
)]
pub trait App:
    Service<Request, Response = Response<Self::Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
    /// The body of its responses.
    type Body: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static;
}

#[diagnostic::do_not_recommend]
impl<S, B> App for S
where
    S: Service<Request, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Body = B;
}
