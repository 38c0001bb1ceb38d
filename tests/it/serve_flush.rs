//! Under `serve` a response is finished when its last byte has been handed to the kernel.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{Router, routing::get};
use bytes::Bytes;
use http::Method;
use tokio::{
    io::AsyncReadExt as _,
    net::TcpStream,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};
use with_after::{AfterLayer, End, after};

use crate::{
    serve_support::{AGES, How, Running, Watch, patiently},
    support::{
        client::{Client, get as fetch, raw, read_until, request},
        outcomes::outcomes,
        server::Version,
        within,
    },
};

const SIZE: usize = 64 << 20;

/// More than a kernel keeps of one connection on both of its ends.
const KERNEL_KEEPS: u64 = 32 << 20;

const REQUEST: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Answers with [`SIZE`] bytes, and tells what `count` says when the task starts.
fn big(
    count: impl Fn() -> u64 + Clone + Send + Sync + 'static,
) -> (Router, UnboundedReceiver<u64>) {
    let (sender, counts) = unbounded_channel();
    let app = Router::new().route(
        "/",
        get(move || async move {
            after(move || sender.send(count()));
            Bytes::from(vec![0; SIZE])
        }),
    );
    (app.layer(AfterLayer::new()), counts)
}

/// Asks for the response, reads its head and what comes along, and returns how long all of it is.
async fn read_head(address: SocketAddr, read: &AtomicU64) -> (TcpStream, u64) {
    let mut client = raw(address, REQUEST).await;
    let start = read_until(&mut client, "\r\n\r\n").await;
    let head = start.find("\r\n\r\n").expect("it was read") + 4;
    read.store(start.len() as u64, Ordering::SeqCst);
    (client, (head + SIZE) as u64)
}

/// Reads on until there are `all` bytes.
async fn read_rest(mut client: TcpStream, all: u64, read: &AtomicU64) {
    let mut buffer = vec![0; 1 << 16];
    patiently(async {
        while read.load(Ordering::SeqCst) < all {
            let now = client.read(&mut buffer).await.expect("the connection stands");
            assert_ne!(now, 0, "the response is cut");
            read.fetch_add(now as u64, Ordering::SeqCst);
        }
    })
    .await;
}

async fn a_stalled_client_holds_the_task(how: How) {
    let (listener, address, watch) = Watch::listen(how).await;
    let written = Arc::clone(&watch);
    let (app, mut counts) = big(move || written.written());
    let server = Running::start_on(listener, app, AGES);

    let read = AtomicU64::new(0);
    let (client, all) = read_head(address, &read).await;
    within(watch.stalled.notified()).await;
    assert!(watch.written() < SIZE as u64, "the kernel took all, so nothing is proven");
    assert!(counts.is_empty(), "the task did not wait");

    read_rest(client, all, &read).await;
    assert_eq!(within(counts.recv()).await, Some(all));
    server.end().await;
    assert_eq!(counts.recv().await, None, "there was one task");
}

#[tokio::test]
async fn a_stalled_client_holds_the_tasks_of_its_response() {
    a_stalled_client_holds_the_task(How::Vectored).await;
}

#[tokio::test]
async fn a_stalled_client_holds_the_tasks_without_vectored_writes() {
    a_stalled_client_holds_the_task(How::Flat).await;
}

#[tokio::test]
async fn without_serve_a_task_starts_while_its_response_is_written() {
    let (listener, address, watch) = Watch::listen(How::Vectored).await;
    let written = Arc::clone(&watch);
    let (app, mut counts) = big(move || written.written());
    tokio::spawn(async move { axum::serve(listener, app).await });

    let (_stalled, _) = read_head(address, &AtomicU64::new(0)).await;
    let at_start = within(counts.recv()).await.expect("the task runs");
    assert!(at_start < SIZE as u64, "the task waited: {at_start}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_most_the_kernel_has_bytes_left_when_a_task_starts() {
    let read = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&read);
    let (app, mut counts) = big(move || seen.load(Ordering::SeqCst));
    let (server, address) = Running::start(app).await;

    let (client, all) = read_head(address, &read).await;
    read_rest(client, all, &read).await;
    let at_start = within(counts.recv()).await.expect("the task runs");
    assert!(at_start + KERNEL_KEEPS >= all, "the task started after {at_start} of {all} bytes");
    server.end().await;
}

#[tokio::test]
async fn a_task_waits_for_the_flush() {
    let (listener, address, watch) = Watch::listen(How::HoldFlush).await;
    let (report, mut outcomes) = outcomes();
    let app = Router::new().route("/", get(async move || report.schedule()));
    let server = Running::start_on(listener, app.layer(AfterLayer::new()), AGES);

    assert_eq!(fetch(address, "/").await.status, 200);
    within(watch.flushing.notified()).await;
    assert!(outcomes.is_empty(), "the task did not wait");
    watch.let_flush();
    assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0));
    server.end().await;
}

#[tokio::test]
async fn a_client_that_closes_without_reading_aborts_its_response() {
    let (listener, address, watch) = Watch::listen(How::Vectored).await;
    let (report, mut outcomes) = outcomes();
    let app = Router::new().route(
        "/",
        get(async move || {
            report.schedule();
            Bytes::from(vec![0; SIZE])
        }),
    );
    let server = Running::start_on(listener, app.layer(AfterLayer::new()), AGES);

    let client = raw(address, REQUEST).await;
    within(watch.stalled.notified()).await;
    assert!(outcomes.is_empty(), "the task did not wait");
    drop(client);
    assert_eq!(outcomes.next().await, (Some(200), End::Aborted, SIZE as u64));
    server.end().await;
    assert!(outcomes.is_empty());
}

#[tokio::test]
async fn tasks_run_while_the_connection_is_kept() {
    let (report, mut outcomes) = outcomes();
    let app = Router::new().route("/", get(async move || report.schedule()));
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;
    let mut client = Client::connect(address, Version::Http1).await;
    for _ in 0..3 {
        client.fetch(request(Method::GET, "/")).await.expect("the connection is kept");
        assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0));
    }
    server.end().await;
}
