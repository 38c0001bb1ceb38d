//! One connection.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request},
};
use bytes::Bytes;
use http::{Response, Version};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use super::connections::{Open, Order};
use crate::{error::BoxError, scope::Server};

/// Serves one connection to its end.
pub(super) async fn serve_connection<I, S, B>(io: I, app: S, mut open: Open)
where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    S: Service<http::Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http2().enable_connect_protocol();
    let app = TowerToHyperService::new(app);
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

/// Tells each request of a connection who keeps its work alive, and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Announce<S, A> {
    app: S,
    server: Arc<Server>,
    address: Option<ConnectInfo<A>>,
}

impl<S, A> Announce<S, A> {
    pub(super) fn new(app: S, server: Arc<Server>, address: Option<ConnectInfo<A>>) -> Self {
        Self { app, server, address }
    }
}

impl<S, A> Service<http::Request<Incoming>> for Announce<S, A>
where
    A: Clone + Send + Sync + 'static,
    S: Service<Request>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.app.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Incoming>) -> S::Future {
        if request.version() == Version::HTTP_2 {
            self.server.multiplexed.store(true, Ordering::Relaxed);
        }
        let mut request = request.map(Body::new);
        let extensions = request.extensions_mut();
        extensions.insert(Arc::clone(&self.server));
        if let Some(address) = &self.address {
            extensions.insert(address.clone());
        }
        self.app.call(request)
    }
}
