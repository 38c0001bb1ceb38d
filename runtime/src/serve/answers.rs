//! The answers of one connection.

use std::{
    any::Any,
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use hyper::body::{Body as _, Incoming};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    connection::{Announced, Connection},
    middleware::AfterService,
    platform::Platform,
};

/// Answers the requests of one connection, and tells each who keeps its work alive and where it
/// comes from.
#[derive(Debug)]
pub(super) struct Answers<S, A> {
    app: S,
    connection: Arc<Connection>,
    address: Option<ConnectInfo<A>>,
    /// What each request carries, unless the application was told.
    announced: Option<Announced>,
}

impl<S: 'static, A> Answers<S, A> {
    pub(super) fn new(
        mut app: S,
        platform: Arc<dyn Platform>,
        connection: Arc<Connection>,
        address: Option<ConnectInfo<A>>,
    ) -> Self {
        let layered = (&mut app as &mut dyn Any).downcast_mut::<AfterService<Router>>();
        let announced = match layered {
            Some(layered) => {
                layered.serve_by(&platform, &connection);
                None
            }
            None => Some(Announced { platform, connection: Some(Arc::clone(&connection)) }),
        };
        Self { app, connection, address, announced }
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

    #[inline]
    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        // The layer that holds the connection tells of the end. Without one there is none: the
        // connection then counts as one with a request for good.
        self.connection.request_began();
        // An empty body needs no box.
        let body =
            |body: Incoming| if body.is_end_stream() { Body::empty() } else { Body::new(body) };
        let mut request = request.map(body);
        if let Some(announced) = &self.announced {
            request.extensions_mut().insert(announced.clone());
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

    #[inline]
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
