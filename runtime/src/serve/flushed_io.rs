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
    protocol: Protocol,
}

/// What the client speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Protocol {
    Http1,
    /// Its connections may read for long without a request.
    Http2,
    /// So many bytes have come, all of them as in HTTP/2.
    Unknown(usize),
}

impl Protocol {
    /// How HTTP/2 begins (RFC 9113 §3.4).
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    /// Tells by the first bytes, which may come one by one.
    #[inline]
    fn after(self, read: &[u8]) -> Self {
        let Self::Unknown(before) = self else { return self };
        let expected = &Self::PREFACE[before..];
        let len = read.len().min(expected.len());
        match before + len {
            _ if read[..len] != expected[..len] => Self::Http1,
            whole if whole == Self::PREFACE.len() => Self::Http2,
            part => Self::Unknown(part),
        }
    }
}

impl<I> FlushedIo<I> {
    pub(super) fn new(io: I, connection: Arc<Connection>) -> Self {
        Self { io, connection, protocol: Protocol::Unknown(0) }
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
            let protocol = self.protocol.after(read);
            match protocol {
                Protocol::Http1 | Protocol::Unknown(_) => self.connection.has_read(),
                Protocol::Http2 if self.protocol != protocol => self.connection.has_read_preface(),
                Protocol::Http2 => {}
            }
            self.protocol = protocol;
        }
        Poll::Ready(Ok(()))
    }
}
