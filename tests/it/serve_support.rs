//! What the tests of `serve` share: servers that can be stopped, and connections that are watched.

use std::{
    convert::Infallible,
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use axum::{Router, extract::Request, serve::Listener};
use bytes::Bytes;
use http::Response;
use http_body::Body;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::{JoinHandle, yield_now},
    time::timeout,
};
use tower::Service;
use with_after::{platform::DrainReport, serve};

use crate::support::{server::listen, within};

/// Longer than any test: what it bounds must not take effect.
pub(crate) const AGES: Duration = Duration::from_hours(24);

/// A server that runs until it is told to stop.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    served: JoinHandle<io::Result<DrainReport>>,
}

impl Running {
    /// Serves `app` on an ephemeral port.
    pub(crate) async fn start<S, B>(app: S) -> (Self, SocketAddr)
    where
        S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        B: Body<Data = Bytes, Error = axum::Error> + Send + 'static,
    {
        let (listener, address) = listen().await;
        (Self::start_on(listener, app, AGES), address)
    }

    /// Serves `app` on an ephemeral port, with this time for its shutdown.
    pub(crate) async fn start_within(app: Router, time: Duration) -> (Self, SocketAddr) {
        let (listener, address) = listen().await;
        (Self::start_on(listener, app, time), address)
    }

    pub(crate) fn start_on<L, S, B>(listener: L, app: S, time: Duration) -> Self
    where
        L: Listener<Addr: Clone + Sync + 'static>,
        S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        B: Body<Data = Bytes, Error = axum::Error> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { drop(stopped.await) };
        let serve = serve(listener, app).connect_info().shutdown_on(shutdown).drain_within(time);
        Self { stop, served: tokio::spawn(serve.into_future()) }
    }

    /// Begins the shutdown, and returns what ends with it.
    pub(crate) fn begin_to_stop(self) -> JoinHandle<io::Result<DrainReport>> {
        self.stop.send(()).expect("the server runs");
        self.served
    }

    /// Stops the server, and waits for its end.
    pub(crate) async fn stop(self) -> DrainReport {
        report(patiently(self.begin_to_stop()).await)
    }

    /// Stops the server, which leaves nothing undone.
    pub(crate) async fn end(self) {
        let report = self.stop().await;
        assert!(report.is_complete(), "{report}");
    }
}

/// Awaits `future` as [`within`] does, with a bound for much work on few cores.
pub(crate) async fn patiently<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_mins(2), future).await.expect("it ends within two minutes")
}

/// Unwraps the end of a server.
pub(crate) fn report(
    ended: Result<io::Result<DrainReport>, tokio::task::JoinError>,
) -> DrainReport {
    ended.expect("the server does not panic").expect("there is no signal handler to install")
}

/// Waits until nothing listens at `address` any more.
pub(crate) async fn refused(address: SocketAddr) {
    within(async { while TcpStream::connect(address).await.is_ok() {} }).await;
}

/// Lets everything run that is ready, in a runtime of one thread.
pub(crate) async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

/// What is known of a watched connection.
#[derive(Debug)]
pub(crate) struct Watch {
    how: How,
    written: AtomicU64,
    /// Called when the kernel takes no more bytes.
    pub(crate) stalled: Notify,
    /// Called when a flush is held back.
    pub(crate) flushing: Notify,
    flush: Mutex<HeldFlush>,
}

/// How a watched connection behaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum How {
    /// As TCP does.
    Vectored,
    /// As TLS does: each write takes one buffer.
    Flat,
    /// As TCP, but what was written is flushed only after [`Watch::let_flush`].
    HoldFlush,
}

#[derive(Debug, Default)]
struct HeldFlush {
    released: bool,
    waker: Option<Waker>,
}

impl Watch {
    /// Binds a listener of which all connections are watched together.
    pub(crate) async fn listen(how: How) -> (WatchedListener, SocketAddr, Arc<Self>) {
        let (listener, address) = listen().await;
        let watch = Arc::new(Self {
            how,
            written: AtomicU64::new(0),
            stalled: Notify::new(),
            flushing: Notify::new(),
            flush: Mutex::default(),
        });
        (WatchedListener { listener, watch: Arc::clone(&watch) }, address, watch)
    }

    /// Returns how many bytes the kernel has taken.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }

    /// Lets flushes pass from now on.
    pub(crate) fn let_flush(&self) {
        let mut flush = self.flush.lock().expect("nobody panics");
        flush.released = true;
        if let Some(waker) = flush.waker.take() {
            waker.wake();
        }
    }

    fn poll_held(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut flush = self.flush.lock().expect("nobody panics");
        if self.how != How::HoldFlush || self.written() == 0 || flush.released {
            return Poll::Ready(());
        }
        flush.waker = Some(cx.waker().clone());
        self.flushing.notify_one();
        Poll::Pending
    }

    fn record(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(count)) => {
                self.written.fetch_add(*count as u64, Ordering::SeqCst);
            }
            Poll::Ready(Err(_)) => (),
            Poll::Pending => self.stalled.notify_one(),
        }
        written
    }
}

/// A listener whose connections are watched.
#[derive(Debug)]
pub(crate) struct WatchedListener {
    listener: TcpListener,
    watch: Arc<Watch>,
}

impl Listener for WatchedListener {
    type Io = Watched;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Watched, SocketAddr) {
        let (io, address) = Listener::accept(&mut self.listener).await;
        (Watched { io, watch: Arc::clone(&self.watch) }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that is watched.
#[derive(Debug)]
pub(crate) struct Watched {
    io: TcpStream,
    watch: Arc<Watch>,
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.watch.record(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.watch.record(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.watch.how != How::Flat
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.watch.poll_held(cx));
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}
