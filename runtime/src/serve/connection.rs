//! One connection.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
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
use tokio::{
    io::{AsyncRead, AsyncWrite},
    select,
};
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use super::flushed_io::FlushedIo;
use crate::{error::BoxError, platform::Platform, scope::Server};

/// Serves one connection to its end, which comes soon once `stopping` is cancelled.
pub(super) async fn serve_connection<I, A, S, B>(
    io: I,
    address: A,
    app: S,
    platform: Arc<dyn Platform>,
    stopping: CancellationToken,
) where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    A: Clone + Send + Sync + 'static,
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let server = Arc::new(Server::new(platform));
    let io = TokioIo::new(FlushedIo::new(io, Arc::clone(&server)));
    let app = TowerToHyperService::new(Announce { app, server, address });

    let mut builder = Builder::new(TokioExecutor::new());
    builder.http2().enable_connect_protocol();
    let mut connection = pin!(builder.serve_connection_with_upgrades(io, app));
    let result = select! {
        result = connection.as_mut() => result,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::trace!(%error, "connection failed");
    }
}

/// Tells each request of a connection where it comes from and who keeps its work alive.
#[derive(Clone, Debug)]
struct Announce<S, A> {
    app: S,
    server: Arc<Server>,
    address: A,
}

impl<S, A> Service<hyper::Request<Incoming>> for Announce<S, A>
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

    fn call(&mut self, request: hyper::Request<Incoming>) -> S::Future {
        if request.version() == Version::HTTP_2 {
            self.server.multiplexed.store(true, Ordering::Relaxed);
        }
        let mut request = request.map(Body::new);
        let extensions = request.extensions_mut();
        extensions.insert(Arc::clone(&self.server));
        extensions.insert(ConnectInfo(self.address.clone()));
        self.app.call(request)
    }
}
