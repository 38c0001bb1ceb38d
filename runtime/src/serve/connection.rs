//! One connection.

use std::{
    any::Any,
    convert::Infallible,
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, Waker, ready},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use bytes::Bytes;
use http::{Response, Version};
use hyper::body::{Body as _, Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use super::connections::{Open, Order};
use crate::{error::BoxError, middleware::AfterService, scope::Server};

/// Serves one connection to its end.
pub(super) async fn serve_connection<I, S, A, B>(io: I, app: Answers<S, A>, mut open: Open)
where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    A: Clone + Send + Sync + 'static,
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http2().enable_connect_protocol();
    let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(io), app));
    let mut finishing = false;
    poll_fn(|cx| {
        match open.order(cx) {
            Order::Serve => (),
            Order::Finish if finishing => (),
            Order::Finish => {
                finishing = true;
                connection.as_mut().graceful_shutdown();
            }
            Order::Close => return Poll::Ready(()),
        }
        if let Err(error) = ready!(connection.as_mut().poll(cx)) {
            tracing::trace!(error, "connection failed");
        }
        Poll::Ready(())
    })
    .await;
}

/// Answers the requests of one connection, and tells each who keeps its work alive and where it
/// comes from.
#[derive(Debug)]
pub(super) struct Answers<S, A> {
    app: S,
    server: Arc<Server>,
    address: Option<ConnectInfo<A>>,
    /// Whether the application knows its server, so that the requests need not carry it.
    told: bool,
}

impl<S: 'static, A> Answers<S, A> {
    pub(super) fn new(mut app: S, server: Arc<Server>, address: Option<ConnectInfo<A>>) -> Self {
        let layered = (&mut app as &mut dyn Any).downcast_mut::<AfterService<Router>>();
        let told = layered.map(|layered| layered.serve_by(&server)).is_some();
        Self { app, server, address, told }
    }
}

impl<S, A> hyper::service::Service<http::Request<Incoming>> for Answers<S, A>
where
    A: Clone + Send + Sync + 'static,
    S: Service<Request, Error = Infallible> + Clone,
{
    type Response = S::Response;
    type Error = Infallible;
    type Future = Answer<S, S::Future>;

    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        if request.version() == Version::HTTP_2 {
            self.server.multiplexed.store(true, Ordering::Relaxed);
        }
        // An empty body needs no box.
        let body =
            |body: Incoming| if body.is_end_stream() { Body::empty() } else { Body::new(body) };
        let mut request = request.map(body);
        if !self.told {
            request.extensions_mut().insert(Arc::clone(&self.server));
        }
        if let Some(address) = &self.address {
            request.extensions_mut().insert(address.clone());
        }
        let mut app = self.app.clone();
        // Most applications are always ready, and are called without a detour.
        match app.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => Answer::Called { future: app.call(request) },
            Poll::Ready(Err(never)) => match never {},
            Poll::Pending => Answer::Waiting { app, request: Some(request) },
        }
    }
}

pin_project! {
    /// The answer to one request, and before it the application that is not ready for it.
    #[project = AnswerProjection]
    pub(super) enum Answer<S, F> {
        Waiting { app: S, request: Option<Request> },
        Called { #[pin] future: F },
    }
}

impl<S> Future for Answer<S, S::Future>
where
    S: Service<Request, Error = Infallible>,
{
    type Output = Result<S::Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match self.as_mut().project() {
                AnswerProjection::Called { future } => return future.poll(cx),
                AnswerProjection::Waiting { app, request } => {
                    let Ok(()) = ready!(app.poll_ready(cx));
                    // Gone only if the application panicked, after which nobody polls again.
                    let Some(request) = request.take() else { return Poll::Pending };
                    let future = app.call(request);
                    self.set(Self::Called { future });
                }
            }
        }
    }
}
