//! Servers on ephemeral ports.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    service::TowerToHyperService,
};
use tokio::net::TcpListener;
use tower::{Service, service_fn};
use with_after::AfterLayer;

/// Which server stands around the layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Host {
    /// `axum::serve`.
    Axum,
    /// hyper's own connections.
    Hyper,
}

/// Which protocol is spoken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Version {
    Http1,
    Http2,
}

/// Every server with every protocol.
pub(crate) const EVERYWHERE: [(Host, Version); 4] = [
    (Host::Axum, Version::Http1),
    (Host::Axum, Version::Http2),
    (Host::Hyper, Version::Http1),
    (Host::Hyper, Version::Http2),
];

/// Answers every request by `handler` under `layer`.
pub(crate) async fn start<H, F, R>(
    (host, version): (Host, Version),
    layer: AfterLayer,
    handler: H,
) -> SocketAddr
where
    H: Fn(Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = R> + Send + 'static,
    R: IntoResponse,
{
    match host {
        Host::Axum => axum(Router::new().fallback(handler).layer(layer)).await,
        Host::Hyper => {
            let service = service_fn(move |request: hyper::Request<Incoming>| {
                let response = handler(request.map(Body::new));
                async move { Ok::<Response, Infallible>(response.await.into_response()) }
            });
            hyper(version, layer.layer(service)).await
        }
    }
}

/// Serves `app` by `axum::serve`, which speaks both protocols.
pub(crate) async fn axum(app: Router) -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Serves `service` by hyper's own connections.
pub(crate) async fn hyper<S, B>(version: Version, service: S) -> SocketAddr
where
    S: Service<
            hyper::Request<Incoming>,
            Response = http::Response<B>,
            Error: std::error::Error + Send + Sync,
            Future: Send,
        > + Clone
        + Send
        + 'static,
    B: http_body::Body<Data: Send, Error: Into<axum::BoxError>> + Send + 'static,
{
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(service.clone()));
            tokio::spawn(async move {
                match version {
                    Version::Http1 => {
                        http1::Builder::new().serve_connection(io, service).with_upgrades().await
                    }
                    Version::Http2 => {
                        http2::Builder::new(TokioExecutor::new())
                            .serve_connection(io, service)
                            .await
                    }
                }
            });
        }
    });
    address
}

pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    (listener, address)
}
