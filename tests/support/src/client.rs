//! A client of HTTP/1.1 that keeps its connection.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{sockets::raw, within};

/// One connection to a server.
#[derive(Debug)]
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    /// Opens a connection.
    ///
    /// # Panics
    ///
    /// Panics if nobody listens.
    pub async fn connect(address: SocketAddr) -> Self {
        let io = TokioIo::new(TcpStream::connect(address).await.expect("it listens"));
        let (sender, connection) = http1::handshake(io).await.expect("no bytes are sent");
        // It fails when a test breaks the connection.
        tokio::spawn(async { drop(connection.await) });
        Self { sender }
    }

    /// Sends `request`, and returns the whole response.
    ///
    /// # Panics
    ///
    /// Panics if no whole response comes.
    pub async fn fetch(&mut self, request: Request<Full<Bytes>>) -> Response<Bytes> {
        let response = within(async {
            self.sender.ready().await.expect("the connection stands");
            let response = self.sender.send_request(request).await.expect("a head comes");
            let (head, body) = response.into_parts();
            let body = body.collect().await.expect("it does not fail");
            Response::from_parts(head, body.to_bytes())
        });
        response.await
    }
}

/// Sends `request` over a connection of its own, and returns the whole response.
///
/// # Panics
///
/// Panics if no whole response comes.
pub async fn fetch(address: SocketAddr, request: Request<Full<Bytes>>) -> Response<Bytes> {
    Client::connect(address).await.fetch(request).await
}

/// Fetches `path` over a connection of its own.
///
/// # Panics
///
/// Panics if no whole response comes.
pub async fn get(address: SocketAddr, path: &str) -> Response<Bytes> {
    fetch(address, request(Method::GET, path)).await
}

/// Makes a request without a body.
///
/// # Panics
///
/// Panics if `path` is none.
#[must_use]
pub fn request(method: Method, path: &str) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(path).header("host", "localhost");
    request.body(Full::default()).expect("the path is valid")
}

/// Opens a bare socket and asks for `path`.
///
/// # Panics
///
/// Panics if nobody listens or reads.
pub async fn ask(address: SocketAddr, path: &str) -> TcpStream {
    raw(address, format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await
}
