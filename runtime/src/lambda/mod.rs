//! Functions of AWS Lambda, by way of `lambda_http`.
//!
//! Its page in the guide, with setup and limits:
//! [`guide::hosts::lambda`](crate::guide::hosts::lambda).

mod announce;
mod buffered;
mod invocation;
mod layer;

use std::fmt::Debug;

use bytes::Bytes;
use http::Response;
use http_body::Body;
use lambda_http::{
    Error, IntoResponse, Request,
    lambda_runtime::{Diagnostic, layers::TracingLayer},
    tower::ServiceExt as _,
};
use tower_service::Service;

use self::{announce::Announce, buffered::Buffered, invocation::Current, layer::WorkLayer};

/// Runs a function whose work after the response is done before the next invocation is asked for.
///
/// It is `lambda_http::run` with this added: what an [`AfterLayer`](crate::AfterLayer) in `app`
/// schedules starts when the runtime has posted the response, and the runtime asks for the next
/// invocation when all of it has ended. Until it asks, Lambda does not freeze the process. Shortly
/// before the invocation's deadline, what has not ended is cut and reported.
///
/// # Errors
///
/// Returns an error if Lambda's runtime API cannot be reached.
///
/// # Panics
///
/// Panics outside of a tokio runtime, and where the environment is not that of a function.
///
/// # Examples
///
/// ```no_run
/// use axum::{Router, routing::post};
/// use with_after::{AfterLayer, after, lambda, with_after};
///
/// #[with_after(route)]
/// async fn order() -> &'static str {
///     after(async { println!("the response is posted") });
///     "thank you"
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), lambda_http::Error> {
///     lambda::run(Router::new().route("/orders", post(order)).layer(AfterLayer::new())).await
/// }
/// ```
pub async fn run<S, R, E>(app: S) -> Result<(), Error>
where
    S: Service<Request, Response = R, Error = E> + Send + 'static,
    S::Future: Send + 'static,
    R: IntoResponse + Send + 'static,
    E: Debug + Into<Diagnostic> + Send + 'static,
{
    let current = Current::new();
    let app = Announce::new(app, current.clone()).map_response(Buffered::new);
    let runtime = lambda_http::runtime(app);
    runtime.layer(WorkLayer::new(current)).layer(TracingLayer::new()).run().await
}

/// Runs a function that streams its responses, as [`run`] does: its work starts when the end of
/// the response has been posted.
///
/// # Errors
///
/// Returns an error if Lambda's runtime API cannot be reached.
///
/// # Panics
///
/// Panics outside of a tokio runtime, and where the environment is not that of a function.
pub async fn run_with_streaming_response<S, B, E>(app: S) -> Result<(), Error>
where
    S: Service<Request, Response = Response<B>, Error = E> + Send + 'static,
    S::Future: Send + 'static,
    E: Debug + Into<Diagnostic> + Send + 'static,
    B: Body<Data: Into<Bytes> + Send, Error: Into<Error> + Send + Debug> + Unpin + Send + 'static,
{
    let current = Current::new();
    let runtime = lambda_http::streaming_runtime(Announce::new(app, current.clone()));
    runtime.layer(WorkLayer::new(current)).layer(TracingLayer::new()).run().await
}
