//! Stands between the response of an invocation and the next one.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use lambda_http::{Error, lambda_runtime::LambdaInvocation};
use tower_layer::Layer;
use tower_service::Service;

use super::invocation::Current;

/// Around the service of the runtime, which ends when it has posted the response.
pub(super) struct WorkLayer {
    current: Current,
}

impl WorkLayer {
    pub(super) fn new(current: Current) -> Self {
        Self { current }
    }
}

impl<S> Layer<S> for WorkLayer {
    type Service = WorkService<S>;

    fn layer(&self, inner: S) -> WorkService<S> {
        WorkService { inner, current: self.current.clone() }
    }
}

pub(super) struct WorkService<S> {
    inner: S,
    current: Current,
}

impl<S> Service<LambdaInvocation> for WorkService<S>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
    S::Future: 'static,
{
    type Response = ();
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<(), Error>>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let posted = self.inner.call(invocation);
        let current = self.current.clone();
        Box::pin(async move {
            let result = posted.await;
            current.finish(result.is_ok()).await;
            result
        })
    }
}
