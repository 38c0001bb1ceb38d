//! See the [module docs](super).

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse},
    http::Method,
};

use super::{ResponseBody, ResponseFuture, head};
use crate::{
    connection::{Opened, WrittenBy},
    host::Policy,
    place::Context as _,
};

/// The service of [`AfterMiddleware`](super::AfterMiddleware).
#[derive(Clone, Debug)]
pub struct AfterService<S> {
    inner: S,
    policy: Arc<Policy>,
}

impl<S> AfterService<S> {
    pub(super) fn new(inner: S, policy: Arc<Policy>) -> Self {
        Self { inner, policy }
    }
}

impl<S, B> Service<ServiceRequest> for AfterService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<ResponseBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let without_body = request.method() == Method::HEAD;
        let copy = |head: &mut _| head::copy(&request, head);
        let policy = Arc::clone(&self.policy);
        let mut opened = Opened::request(policy, None, WrittenBy::Nobody, copy);
        opened.runs(true);
        let entered = opened.enter();
        let future = self.inner.call(request);
        drop(entered);
        opened.runs(false);
        ResponseFuture::new(future, opened, without_body)
    }
}
