//! A server from its first connection to its report.

use std::{any::Any, convert::Infallible, future::Future, pin::pin, sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, Request},
    serve::Listener,
};
use bytes::Bytes;
use http::Response;
use http_body::Body;
use hyper_util::{rt::TokioExecutor, server::conn::auto::Builder};
use tokio::{
    join,
    net::TcpStream,
    runtime::Handle,
    select,
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tower_service::Service;

use super::{
    alongside::Companions,
    answers::Answers,
    connection::serve_connection,
    connections::{Connections, Order},
    flushed_io::FlushedIo,
};
use crate::{
    connection::Connection,
    error::BoxError,
    net::tell,
    platform::{DrainReport, InProcess, Platform},
};

/// How long a stop waits for the rest of a request's head.
const HEAD_WITHIN: Duration = Duration::from_secs(1);

/// What was chosen for a server.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) platform: InProcess,
    pub(super) drain_within: Duration,
    /// Whether each request is told its client's address.
    pub(super) connect_info: bool,
    pub(super) tcp_nodelay: bool,
    pub(super) max_connections: usize,
    pub(super) http: Builder<TokioExecutor>,
}

/// A server that runs. Dropped before its report, it closes its connections and abandons the work.
pub(super) struct Server {
    settings: Settings,
    connections: Arc<Connections>,
    /// One permit for each connection that may be open.
    places: Arc<Semaphore>,
    /// Looks at the heads that arrive.
    _heads: JoinSet<()>,
    reported: bool,
}

impl Server {
    pub(super) fn new(settings: Settings) -> Self {
        settings.platform.serve_on(&Handle::current());
        let places = settings.max_connections.min(Semaphore::MAX_PERMITS);
        let (connections, places) = (Connections::new(), Arc::new(Semaphore::new(places)));
        let looking = Arc::clone(&connections);
        let mut heads = JoinSet::new();
        heads.spawn(async move { looking.look_at_heads().await });
        Self { settings, connections, places, _heads: heads, reported: false }
    }

    pub(super) async fn accept<L, S, B>(
        &self,
        mut listener: L,
        app: S,
        shutdown: impl Future<Output = ()>,
    ) where
        L: Listener<Addr: Clone + Sync + 'static>,
        S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let Settings { platform, connect_info, tcp_nodelay, http, .. } = &self.settings;
        let platform: Arc<dyn Platform> = Arc::new(platform.clone());
        let http = Arc::new(http.clone());
        let mut shutdown = pin!(shutdown);
        loop {
            let accept = async {
                // Never closed.
                let place = Arc::clone(&self.places).acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, (io, address)) = select! {
                () = &mut shutdown => return,
                accepted = accept => accepted,
            };
            if *tcp_nodelay {
                set_nodelay(&io);
            }
            let address = connect_info.then_some(ConnectInfo(address));
            let connection = Connection::new();
            let open = self.connections.add(Arc::clone(&connection));
            let io = FlushedIo::new(io, Arc::clone(&connection));
            let app = Answers::new(app.clone(), Arc::clone(&platform), connection, address);
            let serving = serve_connection(Arc::clone(&http), io, app, open);
            tokio::spawn(async move {
                serving.await;
                drop(place);
            });
        }
    }

    /// Finishes the requests in flight, then the work. All of it ends when the time is over, or
    /// when `hurry` is ready.
    pub(super) async fn stop(
        mut self,
        mut companions: Companions,
        hurry: impl Future<Output = ()>,
    ) -> DrainReport {
        let Settings { platform, drain_within, .. } = &self.settings;
        let drain = platform.begin_drain();
        let all = async {
            let tasks = async {
                self.finish_requests().await;
                platform.wait_until_empty().await;
            };
            join!(tasks, companions.stop())
        };
        let time_is_over = select! {
            _ = all => false,
            () = sleep(*drain_within) => true,
            () = hurry => true,
        };
        let report = drain.finish(time_is_over);
        self.reported = true;
        report
    }

    async fn finish_requests(&self) {
        let half = self.settings.drain_within / 2;
        let for_heads = HEAD_WITHIN.min(half);
        self.connections.tell(Order::Finish);
        if timeout(for_heads, self.connections.wait_until_empty()).await.is_ok() {
            return;
        }
        self.connections.tell(Order::DropHeads);
        if timeout(half.saturating_sub(for_heads), self.connections.wait_until_empty())
            .await
            .is_err()
        {
            let open = self.connections.len();
            tell(|| {
                tracing::warn!(
                    open,
                    "connections with a request in flight are closed (see with_after::guide::troubleshooting)"
                );
            });
            self.connections.tell(Order::Close);
            self.connections.wait_until_empty().await;
        }
    }
}

/// Has small writes leave at once: a body in several frames would otherwise wait for the client's
/// delayed acknowledgement of the first. A transport that is no TCP, or around it, is left as it is.
fn set_nodelay<I: 'static>(io: &I) {
    if let Some(stream) = (io as &dyn Any).downcast_ref::<TcpStream>() {
        if let Err(error) = stream.set_nodelay(true) {
            tell(|| tracing::trace!(%error, "TCP_NODELAY was not set"));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.connections.tell(Order::Close);
        if !self.reported {
            self.settings.platform.abandon();
        }
    }
}
