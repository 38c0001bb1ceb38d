//! A connection that knows when a response has been written.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::connection::Connection;

/// Finishes the responses of a connection when their last byte has been handed to the kernel, and
/// sees when the head of a request begins to arrive.
///
/// hyper flushes the connection only when its own buffer is empty, so a flush after the end of a
/// body means that all of it was written.
#[derive(Debug)]
pub(super) struct FlushedIo<I> {
    io: I,
    connection: Arc<Connection>,
    /// What the client speaks, once its first bytes have come.
    protocol: Option<Protocol>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Protocol {
    Http1,
    /// Its connections may read for long without a request.
    Http2,
}

impl Protocol {
    /// Tells by the first bytes: HTTP/2 begins with `PRI * HTTP/2.0` (RFC 9113 §3.4).
    fn of(first: &[u8]) -> Self {
        if first.starts_with(b"PRI ") { Self::Http2 } else { Self::Http1 }
    }
}

impl<I> FlushedIo<I> {
    pub(super) fn new(io: I, connection: Arc<Connection>) -> Self {
        Self { io, connection, protocol: None }
    }
}

impl<I> Drop for FlushedIo<I> {
    fn drop(&mut self) {
        self.connection.gone();
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for FlushedIo<I> {
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_flush(cx))?;
        self.connection.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for FlushedIo<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buffer))?;
        let read = &buffer.filled()[before..];
        if !read.is_empty() {
            let protocol = *self.protocol.get_or_insert_with(|| Protocol::of(read));
            if protocol == Protocol::Http1 {
                self.connection.has_read();
            }
        }
        Poll::Ready(Ok(()))
    }
}
