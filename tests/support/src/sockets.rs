//! Bare sockets, for clients that misbehave.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::within;

/// Opens a bare socket and writes `bytes` to it.
///
/// # Panics
///
/// Panics if nobody listens or reads.
pub async fn raw(address: SocketAddr, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(bytes.as_ref()).await.expect("it reads");
    stream
}

/// Reads `stream` until `text` has come.
///
/// # Panics
///
/// Panics if the stream ends without it.
pub async fn read_until(stream: &mut TcpStream, text: &str) -> String {
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
