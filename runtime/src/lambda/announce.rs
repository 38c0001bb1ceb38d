//! Tells each request who keeps its work alive.

use std::task::{Context, Poll};

use lambda_http::{Request, RequestExt as _};
use tower_service::Service;

use super::invocation::Current;

/// The application, whose requests know of their invocation.
#[derive(Clone)]
pub(super) struct Announce<S> {
    app: S,
    current: Current,
}

impl<S> Announce<S> {
    pub(super) fn new(app: S, current: Current) -> Self {
        Self { app, current }
    }
}

impl<S: Service<Request>> Service<Request> for Announce<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.app.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        let context = request.lambda_context_ref();
        if let Some(announced) = context.map(|context| self.current.begin(context)) {
            request.extensions_mut().insert(announced);
        }
        self.app.call(request)
    }
}
