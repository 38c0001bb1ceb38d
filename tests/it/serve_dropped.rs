//! The future of a server that is dropped.

use std::{future::pending, io, sync::Arc};

use axum::{Router, routing::get};
use http::Method;
use tokio::{
    io::AsyncReadExt as _,
    net::TcpStream,
    sync::Notify,
    task::{JoinHandle, yield_now},
};
use with_after::{
    AfterLayer, Cause,
    platform::{DrainReport, InProcess},
    serve, task,
};

use crate::support::{
    bodies,
    client::{Client, get as fetch, raw, read_until, request},
    log::{Log, OnDrop},
    server::{Version, listen},
    within,
};

/// A server whose future can be dropped, and what its hook heard.
struct Droppable {
    serving: JoinHandle<io::Result<DrainReport>>,
    address: std::net::SocketAddr,
    platform: InProcess,
    hook: Log,
    dropped: Log,
}

impl Droppable {
    async fn start() -> Self {
        let (hook, dropped) = (Log::default(), Log::default());
        let (hooks_log, tasks_log) = (hook.clone(), dropped.clone());
        let layer = AfterLayer::new().on_failure(move |failure| {
            assert!(matches!(failure.cause(), Cause::Abandoned), "{failure}");
            hooks_log.add(failure.name());
        });
        let beside = tasks_log.clone();
        let hanging = async move || {
            let held = OnDrop(tasks_log, "running");
            task("running").schedule(async move {
                let _held = held;
                pending::<()>().await;
            });
        };
        let streaming = async move || {
            let held = OnDrop(beside, "waiting");
            task("waiting").schedule(move || drop(held));
            bodies::stalled("start", pending())
        };
        let app = Router::new()
            .route("/hanging", get(hanging))
            .route("/streaming", get(streaming))
            .layer(layer);
        let (listener, address) = listen().await;
        let platform = InProcess::new();
        let serving =
            serve(listener, app).platform(platform.clone()).shutdown_on(pending()).into_future();
        Self { serving: tokio::spawn(serving), address, platform, hook, dropped }
    }

    /// Drops the future, and waits until no task is left.
    async fn drop_future(&mut self) {
        self.serving.abort();
        let ended = within(&mut self.serving).await;
        assert!(ended.expect_err("it has not ended").is_cancelled());
    }
}

#[tokio::test]
async fn a_server_that_is_dropped_closes_its_connections_and_reports_each_task_once() {
    let mut server = Droppable::start().await;
    let mut idle = Client::connect(server.address, Version::Http1).await;
    idle.fetch(request(Method::GET, "/hanging")).await.expect("it is answered");
    fetch(server.address, "/hanging").await;
    let get = "GET /streaming HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut streaming = raw(server.address, get).await;
    read_until(&mut streaming, "start").await;
    while server.platform.pending() < 3 {
        yield_now().await;
    }

    server.drop_future().await;
    let mut abandoned = server.hook.entries();
    abandoned.sort_unstable();
    assert_eq!(abandoned, ["running", "running", "waiting"]);
    let mut rest = Vec::new();
    within(streaming.read_to_end(&mut rest)).await.expect("the connection is closed");
    idle.fetch(request(Method::GET, "/hanging")).await.expect_err("the connection is closed");
    assert!(TcpStream::connect(server.address).await.is_err(), "it still listens");
    within(async {
        while server.platform.pending() > 0 {
            yield_now().await;
        }
    })
    .await;
    let mut dropped = server.dropped.entries();
    dropped.sort_unstable();
    assert_eq!(dropped, ["running", "running", "waiting"]);
    assert_eq!(server.hook.entries().len(), 3, "a task is reported twice");
}

#[tokio::test]
async fn a_server_that_is_dropped_while_it_stops_reports_each_task_once() {
    let stop = Arc::new(Notify::new());
    let (hook, platform) = (Log::default(), InProcess::new());
    let hooks_log = hook.clone();
    let layer = AfterLayer::new().on_failure(move |failure| hooks_log.add(failure.name()));
    let hanging = async || task("running").schedule(pending::<()>());
    let app = Router::new().route("/", get(hanging)).layer(layer);
    let (listener, address) = listen().await;
    let (stopped, server) = (Arc::clone(&stop), serve(listener, app).platform(platform.clone()));
    let server = server.shutdown_on(async move { stopped.notified().await });
    let serving = tokio::spawn(server.into_future());
    fetch(address, "/").await;
    stop.notify_one();
    crate::serve_support::refused(address).await;
    serving.abort();
    assert!(within(serving).await.expect_err("it drains for long").is_cancelled());
    assert_eq!(hook.entries(), ["running"]);
    within(async {
        while platform.pending() > 0 {
            yield_now().await;
        }
    })
    .await;
    assert_eq!(hook.entries(), ["running"]);
}
