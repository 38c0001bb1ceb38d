//! A client, and collectors of what tasks see.

use std::{
    net::SocketAddr,
    panic::Location,
    sync::{Arc, Mutex},
    time::Duration,
};

pub(crate) use self::outcomes::{Outcomes, Report, outcomes};
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

#[path = "../../it/support/outcomes.rs"]
mod outcomes;

/// Awaits `future`, and fails where it would hang.
///
/// The limit is a bound and no expectation: no test relies on it passing.
#[track_caller]
pub(crate) fn within<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let caller = Location::caller();
    async move {
        let output = timeout(Duration::from_secs(30), future).await;
        output.unwrap_or_else(|_| panic!("nothing came of it within 30 s, at {caller}"))
    }
}

/// One connection to a server.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let io = TokioIo::new(TcpStream::connect(address).await.expect("it listens"));
        let (sender, connection) = http1::handshake(io).await.expect("no bytes are sent");
        // It fails when a test breaks the connection.
        tokio::spawn(async { drop(connection.await) });
        Self { sender }
    }

    /// Sends `request`, and returns the whole response.
    pub(crate) async fn fetch(&mut self, request: Request<Full<Bytes>>) -> Response<Bytes> {
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

/// Fetches `path` over a connection of its own.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Response<Bytes> {
    Client::connect(address).await.fetch(request(Method::GET, path)).await
}

pub(crate) fn request(method: Method, path: &str) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(path).header("host", "localhost");
    request.body(Full::default()).expect("the path is valid")
}

/// Opens a bare socket and asks for `path`.
pub(crate) async fn ask(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("it reads");
    stream
}

/// Reads `stream` until `text` has come.
pub(crate) async fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut read = Vec::new();
    within(async {
        while !String::from_utf8_lossy(&read).contains(text) {
            let read_now = stream.read_buf(&mut read).await.expect("the connection stands");
            assert_ne!(read_now, 0, "it ended without {text:?}: {}", read.escape_ascii());
        }
    })
    .await;
    String::from_utf8_lossy(&read).into_owned()
}

/// A list of what happened, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    entries: Arc<Mutex<Vec<String>>>,
}

impl Log {
    pub(crate) fn add(&self, entry: impl Into<String>) {
        self.entries.lock().expect("nobody panics under it").push(entry.into());
    }

    /// Returns the entries so far.
    pub(crate) fn entries(&self) -> Vec<String> {
        self.entries.lock().expect("nobody panics under it").clone()
    }
}
