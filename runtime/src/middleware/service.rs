//! See the [module docs](super).

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{Method, Request, Response, Version};
use http_body::Body;
use tower_service::Service;

use super::{ResponseFuture, future::Asked};
use crate::{
    connection::{Announced, Connection, Link, Opened, WrittenBy},
    host::{Platform, Policy},
    place::Context as _,
    request::Head,
    scope,
};

/// The service of [`AfterLayer`](super::AfterLayer).
#[derive(Clone, Debug)]
pub struct AfterService<S> {
    inner: S,
    policy: Arc<Policy>,
    /// The connection that has this service to itself, and writes its responses.
    connection: Option<Arc<Connection>>,
}

impl<S> AfterService<S> {
    pub(super) fn new(inner: S, policy: Arc<Policy>) -> Self {
        Self { inner, policy, connection: None }
    }

    /// Returns the inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns the inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Returns the inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }

    /// Has every response written by `connection`, whose server has this platform.
    ///
    /// The policy becomes a copy of the connection's own, so that no request counts references
    /// which other cores count too.
    #[cfg(feature = "axum")]
    pub(crate) fn serve_by(&mut self, platform: &Arc<dyn Platform>, connection: &Arc<Connection>) {
        Arc::make_mut(&mut self.policy).server = Some(Arc::clone(platform));
        self.connection = Some(Arc::clone(connection));
    }

    /// Returns the platform of the server, and who writes the response, from what the server has
    /// announced in the request, or else from a layer outside of this one.
    #[inline]
    fn announced<B>(&self, request: &mut Request<B>) -> (Option<Arc<dyn Platform>>, WrittenBy) {
        if let Some(connection) = &self.connection {
            return (None, WrittenBy::Connection(Arc::clone(connection)));
        }
        let announced = request.extensions_mut().get_mut::<Announced>();
        let platform = announced.as_ref().map(|announced| Arc::clone(&announced.platform));
        if let Some(connection) = announced.and_then(|announced| announced.connection.take()) {
            return (platform, WrittenBy::Connection(connection));
        }
        let Some(outer) = scope::current() else { return (platform, WrittenBy::Nobody) };
        (platform.or_else(|| outer.server().cloned()), WrittenBy::Outer(Link::default()))
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

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let asked = Asked {
            without_body: request.method() == Method::HEAD,
            maybe_grpc: request.version() == Version::HTTP_2,
        };
        let (platform, written_by) = self.announced(&mut request);
        let copy = |head: &mut Head| head.copy(request.method(), request.uri(), request.headers());
        let mut opened = Opened::request(Arc::clone(&self.policy), platform, written_by, copy);
        opened.runs(true);
        let entered = opened.enter();
        let future = self.inner.call(request);
        drop(entered);
        opened.runs(false);
        ResponseFuture::new(future, opened, asked)
    }
}
