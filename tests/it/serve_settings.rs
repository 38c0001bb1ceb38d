//! What can be chosen for a server.

use std::{
    io,
    net::{self, SocketAddr},
    os::fd::AsFd as _,
    sync::Arc,
    time::Duration,
};

use axum::{Router, routing::get, serve::Listener};
use http::Method;
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
    runtime::{self, Handle},
    sync::{Notify, mpsc, oneshot},
    time::{Instant, pause, resume, sleep},
};
use with_after::{AfterLayer, after, deadline, platform::InProcess, serve, task, try_after};

use crate::{
    serve_support::{AGES, patiently, report, settle},
    support::{
        client::{Client, get as fetch, raw, read_until, request},
        server::{Version, listen},
        within,
    },
};

#[tokio::test]
async fn the_limits_of_a_platform_hold_under_the_server_which_drains_it() {
    let hour = Duration::from_hours(1);
    let platform = InProcess::builder().max_tasks_per_request(2).max_duration(hour).build();
    let (sender, mut seen) = mpsc::unbounded_channel();
    let handler = async move || {
        let ends = move || deadline().map(|end| Instant::from_std(end) - Instant::now());
        task("first").schedule(move || sender.send(ends()));
        task("second").schedule(async { sleep(Duration::from_mins(1)).await });
        let refused = try_after(|| ()).expect_err("there is room for two");
        assert!(refused.is_overloaded(), "{refused}");
    };
    let app = Router::new().route("/", get(handler)).layer(AfterLayer::new());
    let (listener, address) = listen().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = serve(listener, app)
        .platform(platform.clone())
        .drain_within(AGES)
        .shutdown_on(async { drop(stopped.await) });
    let serving = tokio::spawn(server.into_future());
    assert_eq!(fetch(address, "/").await.status, 200);
    let left = within(seen.recv()).await.flatten().expect("there is a limit");
    assert!(left <= hour && left > hour / 2, "{left:?}");
    assert_eq!(platform.pending(), 1, "the handle still answers");
    pause();
    stop.send(()).expect("the server runs");
    let report = report(patiently(serving).await);
    assert_eq!((report.completed(), report.is_complete()), (1, true), "{report}");
    assert_eq!(platform.pending(), 0);
}

#[test]
fn work_runs_on_the_runtime_of_the_platform_and_requests_on_that_of_the_server() {
    let work = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("work")
        .enable_all()
        .build()
        .expect("a thread can be started");
    let requests = runtime::Builder::new_current_thread().enable_all().build();
    let requests = requests.expect("it has what it needs");
    requests.block_on(async {
        let (sender, mut threads) = mpsc::unbounded_channel();
        let handler = async move || {
            after(move || sender.send(std::thread::current().name().map(str::to_owned)));
        };
        let app = Router::new().route("/", get(handler)).layer(AfterLayer::new());
        let (listener, address) = listen().await;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = serve(listener, app)
            .platform(InProcess::on(work.handle().clone()))
            .shutdown_on(async { drop(stopped.await) });
        let serving = Handle::current().spawn(server.into_future());
        fetch(address, "/").await;
        assert_eq!(within(threads.recv()).await, Some(Some("work".to_owned())));
        stop.send(()).expect("the server runs");
        let report = report(within(serving).await);
        assert!(report.is_complete(), "{report}");
    });
}

#[tokio::test]
async fn more_connections_than_are_allowed_wait_until_others_are_closed() {
    let app = Router::new().route("/", get(async || "hello"));
    let (listener, address) = listen().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = serve(listener, app).max_connections(2).shutdown_on(async { drop(stopped.await) });
    let serving = tokio::spawn(server.into_future());
    let mut clients = Vec::new();
    for _ in 0..2 {
        let mut client = Client::connect(address, Version::Http1).await;
        client.fetch(request(Method::GET, "/")).await.expect("it is answered");
        clients.push(client);
    }
    let mut waiting = raw(address, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    settle().await;
    let error = waiting.try_read(&mut [0; 16]).expect_err("it waits in the backlog");
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    clients[0].fetch(request(Method::GET, "/")).await.expect("the others are served on");
    clients.remove(0).close();
    assert!(read_until(&mut waiting, "hello").await.starts_with("HTTP/1.1 200"));
    stop.send(()).expect("the server runs");
    assert!(report(within(serving).await).is_complete());
}

/// Keeps a second handle of each stream that it accepts.
struct Nosy {
    listener: TcpListener,
    accepted: mpsc::UnboundedSender<net::TcpStream>,
}

impl Listener for Nosy {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let handle = stream.as_fd().try_clone_to_owned().expect("there are descriptors left");
        drop(self.accepted.send(handle.into()));
        (stream, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

#[tokio::test]
async fn small_writes_leave_at_once_unless_told_otherwise() {
    for nodelay in [None, Some(true), Some(false)] {
        let (listener, address) = listen().await;
        let (accepted, mut streams) = mpsc::unbounded_channel();
        let app = Router::new().route("/", get(async || "hello"));
        let mut server = serve(Nosy { listener, accepted }, app);
        if let Some(nodelay) = nodelay {
            server = server.tcp_nodelay(nodelay);
        }
        let serving = tokio::spawn(server.shutdown_on(std::future::pending()).into_future());
        fetch(address, "/").await;
        let stream = within(streams.recv()).await.expect("one was accepted");
        let found = stream.nodelay().expect("it is a socket");
        assert_eq!(found, nodelay.unwrap_or(true), "{nodelay:?}");
        serving.abort();
    }
}

#[tokio::test]
async fn http_is_spoken_as_was_chosen() {
    let app = Router::new().route("/", get(async || "hello"));
    let (listener, address) = listen().await;
    let server = serve(listener, app).http(|http| {
        http.http1().header_read_timeout(Duration::from_secs(2)).max_headers(3);
    });
    let serving = tokio::spawn(server.shutdown_on(std::future::pending()).into_future());
    let mut half = raw(address, "GET / HTTP/1.1\r\nhost: local").await;
    settle().await;
    pause();
    let begun = Instant::now();
    drop(half.read_to_end(&mut Vec::new()).await);
    assert!(begun.elapsed().as_secs() <= 2);
    resume();
    let four = "GET / HTTP/1.1\r\nhost: localhost\r\na: a\r\nb: b\r\nc: c\r\n\r\n";
    let answer = read_until(&mut raw(address, four).await, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    serving.abort();
}

#[tokio::test]
async fn what_runs_alongside_is_told_to_stop_and_waited_for() {
    let (begun, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, waits) = (Arc::clone(&begun), Arc::clone(&gate));
    let (listener, _) = listen().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = serve(listener, Router::new())
        .alongside(|stop: with_after::Stop| async move {
            stop.await;
            begins.notify_one();
            waits.notified().await;
        })
        .shutdown_on(async { drop(stopped.await) });
    let serving = tokio::spawn(server.into_future());
    stop.send(()).expect("the server runs");
    within(begun.notified()).await;
    settle().await;
    assert!(!serving.is_finished(), "it did not wait");
    gate.notify_one();
    assert!(report(within(serving).await).is_complete());
}
