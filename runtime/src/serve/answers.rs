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
use bytes::Bytes;
use http::Response;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
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

impl<S, A, B> hyper::service::Service<http::Request<Incoming>> for Answers<S, A>
where
    A: Clone + Send + Sync + 'static,
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone,
{
    type Response = Response<AnswerBody<B>>;
    type Error = Infallible;
    type Future = Answer<S, S::Future>;

    #[inline]
    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        // An empty body needs no box.
        let body = |body: Incoming| match http_body::Body::is_end_stream(&body) {
            true => Body::empty(),
            false => Body::new(body),
        };
        let mut request = request.map(body);
        if let Some(announced) = &self.announced {
            request.extensions_mut().insert(announced.clone());
        }
        if let Some(address) = &self.address {
            request.extensions_mut().insert(address.clone());
        }
        let answering = Answering::new(&self.connection);
        let mut app = self.app.clone();
        // Most applications are always ready, and are called without a detour.
        let state = match app.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => AnswerState::Called { future: app.call(request) },
            Poll::Ready(Err(never)) => match never {},
            Poll::Pending => AnswerState::Waiting { app, request: Some(request) },
        };
        Answer { state, answering: Some(answering) }
    }
}

/// A request that is being answered, until this is dropped.
#[derive(Debug)]
struct Answering {
    connection: Arc<Connection>,
}

impl Answering {
    #[inline]
    fn new(connection: &Arc<Connection>) -> Self {
        connection.request_began();
        Self { connection: Arc::clone(connection) }
    }
}

impl Drop for Answering {
    #[inline]
    fn drop(&mut self) {
        self.connection.request_ended();
    }
}

pin_project! {
    /// The answer to one request.
    pub(super) struct Answer<S, F> {
        #[pin]
        state: AnswerState<S, F>,
        // `None` once it was handed to the body.
        answering: Option<Answering>,
    }
}

pin_project! {
    /// A call of the application, and before it the application that is not ready for it.
    #[project = AnswerProjection]
    enum AnswerState<S, F> {
        Waiting { app: S, request: Option<Request> },
        Called { #[pin] future: F },
    }
}

impl<S, B> Future for Answer<S, S::Future>
where
    S: Service<Request, Response = Response<B>, Error = Infallible>,
{
    type Output = Result<Response<AnswerBody<B>>, Infallible>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut state = this.state;
        loop {
            match state.as_mut().project() {
                AnswerProjection::Called { future } => {
                    let Ok(response) = ready!(future.poll(cx));
                    let answering = this.answering.take();
                    return Poll::Ready(Ok(response.map(|body| AnswerBody { body, answering })));
                }
                AnswerProjection::Waiting { app, request } => {
                    let Ok(()) = ready!(app.poll_ready(cx));
                    // Gone only if the application panicked, after which nobody polls again.
                    let Some(request) = request.take() else { return Poll::Pending };
                    let future = app.call(request);
                    state.set(AnswerState::Called { future });
                }
            }
        }
    }
}

pin_project! {
    /// The body of an answer, which is being given until this is dropped.
    pub(super) struct AnswerBody<B> {
        #[pin]
        body: B,
        answering: Option<Answering>,
    }
}

impl<B: http_body::Body<Data = Bytes>> http_body::Body for AnswerBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    #[inline]
    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.project().body.poll_frame(cx)
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
