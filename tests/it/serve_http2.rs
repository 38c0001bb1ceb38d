//! HTTP/2 under `serve`: the end of the response is best effort, that its tasks run is not.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Path,
    routing::get,
};
use bytes::Bytes;
use http::Method;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{copy_bidirectional, duplex},
    net::TcpStream,
    sync::Notify,
    task::{JoinSet, block_in_place},
};
use with_after::{AfterLayer, End, after};

use crate::{
    serve_support::Running,
    support::{
        bodies::{probe, stalled},
        client::{Client, request},
        outcomes::outcomes,
        server::Version,
        within,
    },
};

#[tokio::test]
async fn each_task_of_many_streams_runs_once() {
    let ran = Arc::new(Mutex::new(Vec::new()));
    let tasks = Arc::clone(&ran);
    let app = Router::new().route(
        "/{size}",
        get(async move |Path(size): Path<usize>| {
            after(move || tasks.lock().expect("no task panics").push(size));
            Bytes::from(vec![0; size])
        }),
    );
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;
    let sizes = || (0..6).flat_map(|power| (0..8).map(move |more| (1 << (4 * power)) + more));

    let mut client = Client::connect(address, Version::Http2).await;
    let mut fetches = JoinSet::new();
    for size in sizes() {
        let response = client.send(request(Method::GET, &format!("/{size}"))).await;
        let response = response.expect("the head comes");
        fetches.spawn(async move {
            let body = within(to_bytes(Body::new(response.into_body()), 1 << 30)).await;
            assert_eq!(body.expect("all of it comes").len(), size);
        });
    }
    within(fetches.join_all()).await;
    server.end().await;

    let mut ran = ran.lock().expect("no task panics").clone();
    ran.sort_unstable();
    assert_eq!(ran, sizes().collect::<Vec<_>>());
}

/// The stream's own task drops the body, and may do so after the connection's has flushed it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_dropped_after_the_last_flush_does_not_strand_its_tasks() {
    let (report, mut outcomes) = outcomes();
    let (received, gate) = mpsc::channel::<()>();
    let gate = Arc::new(Mutex::new(Some(gate)));
    let app = Router::new().route(
        "/",
        get(async move || {
            report.schedule();
            let gate = gate.lock().expect("nobody panics").take();
            dropped_after(gate.expect("there is one request"))
        }),
    );
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;

    let mut client = Client::connect(address, Version::Http2).await;
    let response = client.fetch(request(Method::GET, "/")).await.expect("all of it comes");
    assert_eq!(response.body, "body");
    received.send(()).expect("the body is being dropped");
    assert_eq!(outcomes.next().await, (Some(200), End::Completed, 4));
    server.end().await;
}

/// A body whose drop waits for `gate`.
fn dropped_after(gate: Receiver<()>) -> Body {
    let mut data = Some("body");
    let wait = move || {
        let opened = block_in_place(|| gate.recv_timeout(Duration::from_secs(10)));
        opened.expect("the client has received all of it");
    };
    probe(move || data.take(), wait)
}

#[tokio::test]
async fn a_lost_connection_ends_all_of_its_streams() {
    let (report, mut outcomes) = outcomes();
    let app = Router::new().route(
        "/",
        get(async move || {
            report.schedule();
            stalled("start", pending())
        }),
    );
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;

    let (near, mut far) = duplex(1 << 16);
    let mut wire = TcpStream::connect(address).await.expect("it listens");
    let wire = tokio::spawn(async move { copy_bidirectional(&mut far, &mut wire).await });
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(near));
    let (mut client, connection) = handshake.await.expect("the server agrees");
    tokio::spawn(connection);
    let mut responses = Vec::new();
    for _ in 0..3 {
        let response = within(client.send_request(request(Method::GET, "/"))).await;
        responses.push(response.expect("the head comes"));
    }
    assert!(outcomes.is_empty(), "the tasks did not wait");
    wire.abort();
    for _ in 0..3 {
        assert_eq!(outcomes.next().await, (Some(200), End::Aborted, 5));
    }
    server.end().await;
    assert!(outcomes.is_empty());
}

#[tokio::test]
async fn a_handler_cut_by_a_reset_ends_cancelled() {
    let (report, mut outcomes) = outcomes();
    let begun = Arc::new(Notify::new());
    let entered = Arc::clone(&begun);
    let app = Router::new().route(
        "/",
        get(async move || {
            report.schedule();
            entered.notify_one();
            pending::<()>().await;
        }),
    );
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;
    let mut client = Client::connect(address, Version::Http2).await;
    tokio::select! {
        response = client.send(request(Method::GET, "/")) => panic!("it is answered: {response:?}"),
        () = begun.notified() => (),
    }
    assert_eq!(outcomes.next().await, (None, End::Cancelled, 0));
    server.end().await;
}
