//! A server that waits for the work.

mod alongside;
mod answers;
mod app;
mod connection;
mod connections;
mod flushed_io;
mod server;
mod signal;

use std::{any::Any, fmt, io, mem, pin::Pin, time::Duration};

use axum::{Router, serve::Listener};
use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::conn::auto::Builder,
};

use self::{
    alongside::Alongside,
    server::{Server, Settings},
    signal::Signals,
};
pub use self::{alongside::Stop, app::App};
#[cfg(feature = "observe")]
use crate::host::Observer;
use crate::{
    middleware::AfterService,
    platform::{DrainReport, InProcess},
};

/// Unless told otherwise, the whole shutdown fits into the 30 s that Kubernetes grants.
const DRAIN_WITHIN: Duration = Duration::from_secs(30);

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Serves `app` until the process is told to stop, then waits for the work.
///
/// It is `axum::serve` with these things added:
///
/// - On SIGTERM or SIGINT it stops accepting connections, finishes the requests in flight, then
///   drains the tasks, nested ones included. All of it ends within 30 seconds, or within
///   [`drain_within`](Serve::drain_within): after half of that time the connections that still
///   have a request are closed, and their tasks run; one that has not sent the whole head of a
///   request is closed after a second. A second signal, if it comes half a second or more after
///   the first, ends it at once.
/// - A response is finished when its last byte has been handed to the kernel. This is exact over
///   HTTP/1.1. Over HTTP/2 it is the next flush of the connection after the body has ended, which
///   can be early while the client's window is closed. Only the response that the connection itself
///   writes waits for it: one of a request made inside of the process is finished with its body.
/// - With [`connect_info`](Serve::connect_info) every request carries the client's address.
/// - `TCP_NODELAY` is set, and the head of a request has 30 seconds to arrive.
///
/// It speaks HTTP/1.1, and with the feature `http2` HTTP/2, both without TLS. It works as process 1
/// of a container. Connections that were upgraded (`WebSocket`s) are not waited for.
///
/// # The end of the process
///
/// A task that blocks its thread cannot be stopped. It is named in the report when the time is
/// over, but tokio's runtime waits for such a thread at the end of `main`: for ever where it is in
/// the pool of [`blocking`](crate::TaskBuilder::blocking). Call [`DrainReport::exit`] with the
/// report, or end the runtime by its `shutdown_background`, if the process must end all the same.
///
/// # Cancel safety
///
/// If the future is dropped before its report, the connections are closed and what is pending on
/// the server's platform is abandoned, each task with a report of its own.
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
#[doc(alias = "axum::serve")]
#[doc(alias = "into_make_service")]
pub fn serve<L, S>(listener: L, app: S) -> Serve<L, S>
where
    L: Listener<Addr: Clone + Sync + 'static>,
    S: App,
{
    #[cfg_attr(not(feature = "http2"), expect(unused_mut, reason = "HTTP/1.1 is served as it is"))]
    let mut http = Builder::new(TokioExecutor::new());
    #[cfg(feature = "http2")]
    http.http2().enable_connect_protocol();
    let settings = Settings {
        platform: InProcess::process_wide(),
        drain_within: DRAIN_WITHIN,
        connect_info: false,
        tcp_nodelay: true,
        max_connections: usize::MAX,
        http,
    };
    Serve {
        listener,
        app: prepare(app),
        shutdown: None,
        settings,
        alongside: Alongside::default(),
        #[cfg(feature = "observe")]
        observers: Vec::new(),
        run: |serve| Box::pin(run(serve)),
    }
}

/// Has a router do once what it would otherwise do for each request, as `axum::serve` does.
fn prepare<S: 'static>(mut app: S) -> S {
    let any = &mut app as &mut dyn Any;
    let router = match any.downcast_mut::<AfterService<Router>>() {
        Some(layered) => Some(layered.get_mut()),
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
    settings: Settings,
    alongside: Alongside,
    #[cfg(feature = "observe")]
    observers: Vec<Box<dyn Observer>>,
    /// Known since [`serve`], so that what cannot be served is told there, and there alone.
    run: fn(Self) -> BoxFuture<io::Result<DrainReport>>,
}

impl<L, S> Serve<L, S> {
    /// Stops when `future` is done, and leaves all signals to the application.
    pub fn shutdown_on(mut self, future: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown = Some(Box::pin(future));
        self
    }

    /// What `axum::serve` calls [`shutdown_on`](Self::shutdown_on).
    #[doc(hidden)]
    #[deprecated(note = "it is called `shutdown_on` here; without it the server stops on SIGTERM \
                         and Ctrl-C")]
    pub fn with_graceful_shutdown(self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown_on(signal)
    }

    /// Limits the time from the signal to the end, 30 seconds by default: half of it at most for
    /// the requests in flight, and what is left for the tasks.
    #[doc(alias = "graceful_shutdown_timeout")]
    pub fn drain_within(mut self, time: Duration) -> Self {
        self.settings.drain_within = time;
        self
    }

    /// Keeps the work alive by `platform`: with its limits, its default `max_duration`, its
    /// runtime.
    ///
    /// It becomes the server's: it is drained when the server stops, whoever else has given it
    /// work, and its handle still answers questions meanwhile. Layers made by
    /// [`AfterLayer::new`](crate::AfterLayer::new) find it; one made `with_platform` has another,
    /// which the server does not drain.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use axum::Router;
    /// # async fn example(listener: tokio::net::TcpListener, app: Router) -> std::io::Result<()> {
    /// use std::time::Duration;
    /// use with_after::{platform::InProcess, serve};
    ///
    /// let platform = InProcess::builder()
    ///     .max_tasks(10_000)
    ///     .max_duration(Duration::from_secs(60))
    ///     .build();
    /// println!("{}", serve(listener, app).platform(platform).await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn platform(mut self, platform: InProcess) -> Self {
        self.settings.platform = platform;
        self
    }

    /// Tells `observer` what happens in the requests of this server, and of its platform.
    ///
    /// There can be several; each is told everything. See the [module docs](crate::observe).
    #[cfg(feature = "observe")]
    pub fn observe(mut self, observer: impl Observer) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Gives each request an `axum::extract::ConnectInfo` with the client's address.
    #[doc(alias = "into_make_service_with_connect_info")]
    pub fn connect_info(mut self) -> Self {
        self.settings.connect_info = true;
        self
    }

    /// Sets whether connections that a `TcpListener` accepts get `TCP_NODELAY`, as they do by
    /// default.
    ///
    /// Without it, each response in several frames waits up to 48 ms for the client's delayed
    /// acknowledgement of the first. Streams of other listeners are left as they are: see axum's
    /// `ListenerExt::tap_io`.
    pub fn tcp_nodelay(mut self, nodelay: bool) -> Self {
        self.settings.tcp_nodelay = nodelay;
        self
    }

    /// Limits how many connections are open at the same time; more wait in the listener's backlog.
    /// The default is no limit.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.settings.max_connections = connections;
        self
    }

    /// Changes how HTTP is spoken, by hyper-util's own description of it: header limits and
    /// timeouts, keep-alive of HTTP/2, its number of streams.
    ///
    /// A timer is set already, and with the feature `http2` extended CONNECT is enabled. The 30 seconds that a head has to
    /// arrive are counted from its first byte, by looks every five seconds; hyper's own
    /// `header_read_timeout` counts from the end of the response before it, so that it closes idle
    /// connections too, and costs a timer for each request.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use axum::Router;
    /// # async fn example(listener: tokio::net::TcpListener, app: Router) -> std::io::Result<()> {
    /// use std::time::Duration;
    /// use with_after::serve;
    ///
    /// let report = serve(listener, app)
    ///     .http(|http| {
    ///         http.http1().header_read_timeout(Duration::from_secs(10));
    ///         http.http2().keep_alive_interval(Duration::from_secs(20));
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "http1")]
    #[doc(alias = "http2")]
    pub fn http(mut self, change: impl FnOnce(&mut Builder<TokioExecutor>)) -> Self {
        let http = &mut self.settings.http;
        // hyper panics where a time is set and no timer; where both are not, it takes 30 seconds.
        http.http1().timer(TokioTimer::new()).header_read_timeout(None);
        #[cfg(feature = "http2")]
        http.http2().timer(TokioTimer::new());
        change(http);
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

impl<L, S> IntoFuture for Serve<L, S> {
    type Output = io::Result<DrainReport>;
    type IntoFuture = BoxFuture<io::Result<DrainReport>>;

    fn into_future(self) -> Self::IntoFuture {
        (self.run)(self)
    }
}

async fn run<L, S>(serve: Serve<L, S>) -> io::Result<DrainReport>
where
    L: Listener<Addr: Clone + Sync + 'static>,
    S: App,
{
    #[cfg(feature = "observe")]
    serve.observers.into_iter().for_each(|one| serve.settings.platform.add_observer(one));
    let Serve { listener, app, shutdown, settings, alongside, .. } = serve;
    let Some(shutdown) = shutdown else {
        let mut signals = Signals::install()?;
        let (server, companions) = (Server::new(settings), alongside.start());
        server.accept(listener, app, signals.next()).await;
        return Ok(server.stop(companions, signals.next()).await);
    };
    let (server, companions) = (Server::new(settings), alongside.start());
    server.accept(listener, app, shutdown).await;
    Ok(server.stop(companions, std::future::pending()).await)
}

impl<L: fmt::Debug, S> fmt::Debug for Serve<L, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve")
            .field("listener", &self.listener)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
