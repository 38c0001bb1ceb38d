//! Clients: hyper's for both protocols, and bare sockets for those that misbehave.

use std::net::SocketAddr;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::BodyExt as _;
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, task::JoinHandle};
pub(crate) use with_after_test_support::sockets::{raw, read_until};

use super::{server::Version, within};

/// One connection to a server.
pub(crate) struct Client {
    sender: Sender,
    connection: JoinHandle<()>,
}

enum Sender {
    Http1(http1::SendRequest<Body>),
    Http2(http2::SendRequest<Body>),
}

/// A response with all of its body.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: Option<HeaderMap>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, version: Version) -> Self {
        let io = TokioIo::new(TcpStream::connect(address).await.expect("it listens"));
        match version {
            Version::Http1 => {
                let (sender, connection) = http1::handshake(io).await.expect("no bytes are sent");
                // It fails when a test breaks the connection.
                let connection = tokio::spawn(async { drop(connection.with_upgrades().await) });
                Self { sender: Sender::Http1(sender), connection }
            }
            Version::Http2 => {
                let handshake = http2::handshake(TokioExecutor::new(), io);
                let (sender, connection) = within(handshake).await.expect("the server agrees");
                let connection = tokio::spawn(async { drop(connection.await) });
                Self { sender: Sender::Http2(sender), connection }
            }
        }
    }

    /// Sends `request`, and returns the response's head and stream.
    pub(crate) async fn send(
        &mut self,
        request: Request<Body>,
    ) -> hyper::Result<Response<Incoming>> {
        within(async {
            match &mut self.sender {
                Sender::Http1(sender) => {
                    sender.ready().await?;
                    sender.send_request(request).await
                }
                Sender::Http2(sender) => {
                    sender.ready().await?;
                    sender.send_request(request).await
                }
            }
        })
        .await
    }

    /// Sends `request`, and returns the whole response.
    pub(crate) async fn fetch(&mut self, request: Request<Body>) -> hyper::Result<Received> {
        let (head, body) = self.send(request).await?.into_parts();
        let body = within(body.collect()).await?;
        Ok(Received {
            status: head.status.as_u16(),
            headers: head.headers,
            trailers: body.trailers().cloned(),
            body: body.to_bytes(),
        })
    }

    /// Returns a handle of the same connection, for requests side by side.
    pub(crate) fn another(&self) -> Self {
        let Sender::Http2(sender) = &self.sender else { panic!("HTTP/1.1 has no streams") };
        Self { sender: Sender::Http2(sender.clone()), connection: tokio::spawn(async {}) }
    }

    /// Closes the connection at once.
    pub(crate) fn close(self) {
        self.connection.abort();
    }
}

/// Fetches `path` over a connection of its own.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Received {
    let mut client = Client::connect(address, Version::Http1).await;
    client.fetch(request(Method::GET, path)).await.expect("a whole response comes")
}

pub(crate) fn request(method: Method, path: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(format!("http://localhost{path}"));
    let request = request.header("host", "localhost");
    request.body(Body::empty()).expect("the path is valid")
}
