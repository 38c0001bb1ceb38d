//! What holds with every framework.

use std::{net::SocketAddr, sync::Arc};

use axum::Router;
use bytes::Bytes;
use http::{HeaderValue, Method};
use http_body_util::Full;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};
use with_after::{AfterLayer, End, after, cookies, headers, platform::DrainReport, serve};
use with_after_test_support::{
    client::{fetch, request},
    log::Log,
    outcomes::{Outcomes, Report, outcomes},
    sockets::{raw, read_until},
    within,
};

/// What the handlers of a framework share with its tests.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) report: Report,
    log: Log,
    gate: Arc<Semaphore>,
}

impl Shared {
    /// What the handler of `GET /order` does, which answers with `thank you`.
    pub(crate) async fn order(&self) -> &'static str {
        cookies().await.set(("last", "tea")).expect("a route writes cookies");
        self.report.schedule();
        let log = self.log.clone();
        after(async move {
            log.add(format!("order of {}", visitor().await));
            after(async move { log.add(format!("nested, for {}", visitor().await)) });
        });
        "thank you"
    }

    /// The second and last part of the response of `GET /stream`, whose first one is `first`. Its
    /// handler schedules [`Self::report`].
    pub(crate) async fn last_part(self) -> Bytes {
        self.gate.acquire().await.expect("it is open").forget();
        Bytes::from_static(b"last")
    }
}

async fn visitor() -> String {
    headers().await["visitor"].to_str().expect("it is text").to_owned()
}

/// Makes the tests of a framework, whose `app` is given.
macro_rules! hold {
    ($app:path) => {
        #[tokio::test]
        async fn tasks_read_the_request_and_a_drain_waits_for_nested_ones() {
            $crate::rules::tasks(Server::start($app).await).await;
        }

        #[tokio::test]
        async fn a_task_waits_for_the_end_of_a_streamed_body() {
            $crate::rules::stream(Server::start($app).await).await;
        }

        #[tokio::test]
        async fn a_client_that_goes_away_aborts_the_response() {
            $crate::rules::gone(Server::start($app).await).await;
        }

        #[tokio::test]
        async fn handlers_read_the_body_of_the_request() {
            $crate::rules::echo(Server::start($app).await).await;
        }

        use $crate::rules::Server;
    };
}
pub(crate) use hold;

/// A server of an application, around which stands the layer.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Shared,
    outcomes: Outcomes,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<DrainReport>>,
}

impl Server {
    pub(crate) async fn start(app: fn(Shared) -> Router) -> Self {
        let (report, outcomes) = outcomes();
        let shared = Shared { report, log: Log::default(), gate: Arc::new(Semaphore::new(0)) };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let (stop, stopped) = oneshot::channel::<()>();
        let app = AfterLayer::new().layer(app(shared.clone()));
        let server = serve(listener, app).shutdown_on(async { drop(stopped.await) });
        let ended = tokio::spawn(server.into_future());
        Self { address, shared, outcomes, stop, ended }
    }

    /// Stops the server, and returns what was logged.
    async fn stop(self) -> Vec<String> {
        self.stop.send(()).expect("the server runs");
        let report = within(self.ended).await.expect("it does not panic").expect("it drains");
        assert!(report.is_complete() && report.failed() == 0, "{report}");
        self.shared.log.entries()
    }
}

pub(crate) async fn tasks(mut server: Server) {
    let mut order = request(Method::GET, "/order");
    order.headers_mut().insert("visitor", HeaderValue::from_static("ada"));
    let response = fetch(server.address, order).await;
    assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"thank you"[..]));
    assert_eq!(response.headers()["set-cookie"], "last=tea; Path=/");
    assert_eq!(server.outcomes.next().await, (Some(200), End::Completed, 9));
    assert_eq!(server.stop().await, ["order of ada", "nested, for ada"]);
}

const STREAM: &str = "GET /stream HTTP/1.1\r\nhost: localhost\r\n\r\n";

pub(crate) async fn stream(mut server: Server) {
    let mut client = raw(server.address, STREAM).await;
    read_until(&mut client, "first").await;
    assert!(server.outcomes.is_empty(), "the response is not finished");
    server.shared.gate.add_permits(1);
    read_until(&mut client, "last").await;
    assert_eq!(server.outcomes.next().await, (Some(200), End::Completed, 9));
    server.stop().await;
}

pub(crate) async fn gone(mut server: Server) {
    let mut client = raw(server.address, STREAM).await;
    read_until(&mut client, "first").await;
    drop(client);
    assert_eq!(server.outcomes.next().await, (Some(200), End::Aborted, 5));
    server.stop().await;
}

pub(crate) async fn echo(server: Server) {
    let echo = request(Method::POST, "/echo").map(|_| Full::from("a pot of tea"));
    let response = fetch(server.address, echo).await;
    assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"a pot of tea"[..]));
    server.stop().await;
}
