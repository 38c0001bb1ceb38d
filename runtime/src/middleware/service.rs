//! See the [module docs](super).

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{Method, Request, Response};
use http_body::Body;
use tower_service::Service;

use super::ResponseFuture;
use crate::{
    phase::Place,
    request::Head,
    scope::{self, Opened, Policy, Server},
};

/// The service of [`AfterLayer`](super::AfterLayer).
#[derive(Clone, Debug)]
pub struct AfterService<S> {
    inner: S,
    policy: Arc<Policy>,
}

impl<S> AfterService<S> {
    pub(super) fn new(inner: S, policy: Arc<Policy>) -> Self {
        Self { inner, policy }
    }

    #[cfg(feature = "axum")]
    pub(crate) fn inner_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Has every request served by `server`.
    ///
    /// The policy becomes a copy of the connection's own, so that no request counts references
    /// which other cores count too.
    #[cfg(feature = "axum")]
    pub(crate) fn serve_by(&mut self, server: &Arc<Server>) {
        Arc::make_mut(&mut self.policy).server = Some(Arc::clone(server));
    }

    /// Returns the server that announced itself in the request, or to a layer around this one.
    ///
    /// A request that is made within a task is not part of a response that is still to be flushed.
    fn announced(&self, request: &Request<impl Sized>) -> Option<Arc<Server>> {
        if self.policy.server.is_some() {
            return None;
        }
        let outer = || scope::current().filter(|outer| outer.is_open())?.server().cloned();
        request.extensions().get().cloned().or_else(outer)
    }
}

impl<S, B, C> Service<Request<B>> for AfterService<S>
where
    S: Service<Request<B>, Response = Response<C>>,
    C: Body,
{
    type Response = Response<super::ResponseBody<C>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let without_body = request.method() == Method::HEAD;
        let copy = |head: &mut Head| head.copy(request.method(), request.uri(), request.headers());
        let mut opened = Opened::request(Arc::clone(&self.policy), self.announced(&request), copy);
        let entered = opened.enter(Place::UNANNOTATED);
        let future = self.inner.call(request);
        drop(entered);
        ResponseFuture::new(future, opened, without_body)
    }
}
