//! A server that waits for the work.

mod alongside;
mod connection;
mod connections;
mod flushed_io;
mod signal;

use std::{any::Any, convert::Infallible, fmt, io, mem, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    serve::Listener,
};
use bytes::Bytes;
use http::Response;
use http_body::Body;
use tokio::{
    join,
    runtime::Handle,
    select,
    time::{Instant, sleep_until, timeout_at},
};
use tower_service::Service;

use self::{
    alongside::{Alongside, Running},
    connection::{Answers, serve_connection},
    connections::{Connections, Order},
    flushed_io::FlushedIo,
    signal::Signals,
};
use crate::{
    error::BoxError,
    middleware::AfterService,
    platform::{DrainReport, InProcess, Platform},
    scope,
};

/// Unless told otherwise, the whole shutdown fits into the 30 s that Kubernetes grants.
const DRAIN_WITHIN: Duration = Duration::from_secs(30);

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Serves `app` until the process is told to stop, then waits for the work.
///
/// It is `axum::serve` with three things added:
///
/// - On SIGTERM or SIGINT it stops accepting connections, finishes the requests in flight, then
///   drains the tasks, nested ones included. All of it ends within 30 seconds, or within
///   [`drain_within`](Serve::drain_within): after half of that time the connections that still
///   have a request are closed, and their tasks run. A second signal ends it at once.
/// - A response is finished when its last byte has been handed to the kernel. This is exact over
///   HTTP/1.1. Over HTTP/2 it is the next flush of the connection after the body has ended, which
///   can be early while the client's window is closed.
/// - With [`connect_info`](Serve::connect_info) every request carries the client's address.
///
/// Over HTTP/1.1 the tasks of all requests of one connection run in one tokio task: one of them
/// that blocks its thread holds up the others, but see [`blocking`](crate::TaskBuilder::blocking).
/// Over HTTP/2, where a connection may be that of many clients, each request has its own.
///
/// It speaks HTTP/1.1 and HTTP/2 without TLS, and works as process 1 of a container. Connections
/// that were upgraded (`WebSocket`s) are not waited for.
///
/// # Errors
///
/// The returned value resolves to an error if the signal handlers cannot be installed.
///
/// # Examples
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use with_after::{AfterLayer, serve};
///
/// #[tokio::main]
/// async fn main() -> std::io::Result<()> {
///     let app = Router::new().route("/", get(|| async { "hello" })).layer(AfterLayer::new());
///     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
///     let report = serve(listener, app).await?;
///     println!("{report}");
///     Ok(())
/// }
/// ```
pub fn serve<L, S, B>(listener: L, app: S) -> Serve<L, S>
where
    L: Listener,
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    Serve {
        listener,
        app: prepare(app),
        shutdown: None,
        drain_within: DRAIN_WITHIN,
        connect_info: false,
        alongside: Alongside::default(),
    }
}

/// Has a router do once what it would otherwise do for each request, as `axum::serve` does.
fn prepare<S: 'static>(mut app: S) -> S {
    let any = &mut app as &mut dyn Any;
    let router = match any.downcast_mut::<AfterService<Router>>() {
        Some(layered) => Some(layered.inner_mut()),
        None => any.downcast_mut::<Router>(),
    };
    if let Some(router) = router {
        *router = mem::take(router).with_state(());
    }
    app
}

/// A server that is about to run: see [`serve`].
#[must_use = "a server does nothing unless it is awaited"]
pub struct Serve<L, S> {
    listener: L,
    app: S,
    /// `None` to stop on signals.
    shutdown: Option<BoxFuture<()>>,
    drain_within: Duration,
    connect_info: bool,
    alongside: Alongside,
}

impl<L, S> Serve<L, S> {
    /// Stops when `future` is done, and leaves all signals to the application.
    pub fn shutdown_on(mut self, future: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown = Some(Box::pin(future));
        self
    }

    /// Limits the time from the signal to the end, 30 seconds by default: half of it at most for
    /// the requests in flight, and what is left for the tasks.
    pub fn drain_within(mut self, time: Duration) -> Self {
        self.drain_within = time;
        self
    }

    /// Gives each request an `axum::extract::ConnectInfo` with the client's address.
    pub fn connect_info(mut self) -> Self {
        self.connect_info = true;
        self
    }

    /// Runs a future beside the server, on a task of its own: the workers of a queue, a metrics
    /// exporter.
    ///
    /// `run` gets a future that is ready when the server is told to stop. What it returns has then
    /// the time of [`drain_within`](Self::drain_within) to come to its end, and is dropped after
    /// that. The server does not stop where it ends earlier.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use axum::Router;
    /// # use with_after::serve;
    /// # async fn send_statistics() {}
    /// # async fn example(listener: tokio::net::TcpListener, app: Router) -> std::io::Result<()> {
    /// serve(listener, app)
    ///     .alongside(|stop| async {
    ///         stop.await;
    ///         send_statistics().await;
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn alongside<F>(mut self, run: impl FnOnce(Stop) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.alongside.add(run);
        self
    }
}

/// A future that is ready when a server is told to stop: see [`Serve::alongside`].
pub type Stop = BoxFuture<()>;

impl<L, S, B> IntoFuture for Serve<L, S>
where
    L: Listener<Addr: Clone + Sync + 'static>,
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Output = io::Result<DrainReport>;
    type IntoFuture = BoxFuture<io::Result<DrainReport>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { listener, app, shutdown, drain_within, connect_info, alongside } = self;
            let server = Server::new(drain_within, connect_info);
            let Some(shutdown) = shutdown else {
                let mut signals = Signals::install()?;
                let alongside = alongside.start();
                server.accept(listener, app, signals.next()).await;
                return Ok(server.stop(alongside, signals.next()).await);
            };
            let alongside = alongside.start();
            server.accept(listener, app, shutdown).await;
            Ok(server.stop(alongside, std::future::pending()).await)
        })
    }
}

impl<L: fmt::Debug, S> fmt::Debug for Serve<L, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve")
            .field("listener", &self.listener)
            .field("drain_within", &self.drain_within)
            .finish_non_exhaustive()
    }
}

struct Server {
    platform: InProcess,
    drain_within: Duration,
    connections: Arc<Connections>,
    /// Whether each request is told its client's address.
    connect_info: bool,
}

impl Server {
    fn new(drain_within: Duration, connect_info: bool) -> Self {
        Self {
            platform: InProcess::of_server(Handle::current()),
            drain_within,
            connections: Connections::new(),
            connect_info,
        }
    }

    async fn accept<L, S, B>(&self, mut listener: L, app: S, shutdown: impl Future<Output = ()>)
    where
        L: Listener<Addr: Clone + Sync + 'static>,
        S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let platform: Arc<dyn Platform> = Arc::new(self.platform.clone());
        let runtime = Handle::current();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let (io, address) = select! {
                () = &mut shutdown => return,
                accepted = listener.accept() => accepted,
            };
            let address = self.connect_info.then_some(ConnectInfo(address));
            let server = Arc::new(scope::Server::new(Arc::clone(&platform), runtime.clone()));
            let open = self.connections.add(Arc::clone(&server));
            let io = FlushedIo::new(io, Arc::clone(&server));
            let app = Answers::new(app.clone(), server, address);
            tokio::spawn(serve_connection(io, app, open));
        }
    }

    async fn stop(self, mut alongside: Running, hurry: impl Future<Output = ()>) -> DrainReport {
        let deadline = Instant::now() + self.drain_within;
        let drain = self.platform.begin_drain();
        self.connections.tell(Order::Finish);
        let requests = async {
            let half = deadline - self.drain_within / 2;
            if timeout_at(half, self.connections.wait_until_empty()).await.is_err() {
                let open = self.connections.len();
                tracing::warn!(open, "connections with a request in flight are closed");
                self.connections.tell(Order::Close);
                self.connections.wait_until_empty().await;
            }
        };
        let tasks = async {
            requests.await;
            self.platform.wait_until_empty().await;
        };
        let all = async { join!(tasks, alongside.stop()) };
        let time_is_over = select! {
            _ = all => false,
            () = sleep_until(deadline) => true,
            () = hurry => true,
        };
        let report = drain.finish(time_is_over);
        self.connections.tell(Order::Close);
        report
    }
}
