//! Clients that do not read hold back their own tasks, and nobody else's.

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use http::Method;
use hyper::{
    body::Incoming,
    client::conn::http2::{Builder, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, sync::mpsc::unbounded_channel};
use with_after::{AfterLayer, End, platform::InProcess, serve, task};

use crate::{
    serve_support::patiently,
    support::{
        client::{get as fetch, request},
        log::Log,
        outcomes::outcomes,
        server::listen,
        within,
    },
};

const CONNECTIONS: usize = 5;
const STREAMS: usize = 100;
const MAX_TASKS: usize = 20;

#[tokio::test]
async fn clients_with_closed_windows_use_up_no_room_of_others() {
    let platform = InProcess::builder().max_tasks(MAX_TASKS).build();
    let (report, mut outcomes) = outcomes();
    let (ran, mut runs) = unbounded_channel();
    let refused = Log::default();
    let hooks_log = refused.clone();
    let held = async move || {
        report.schedule();
        Bytes::from_static(b"not a byte of it is taken")
    };
    let other = async move || task("other").schedule(move || ran.send(()));
    let app = Router::new()
        .route("/held", get(held))
        .route("/other", get(other))
        .layer(AfterLayer::new().on_failure(move |failure| hooks_log.add(failure.to_string())));
    let (listener, address) = listen().await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving =
        serve(listener, app).platform(platform.clone()).shutdown_on(async { drop(stopped.await) });
    let serving = tokio::spawn(serving.into_future());

    let mut holding = Vec::new();
    for _ in 0..CONNECTIONS {
        let io = TcpStream::connect(address).await.expect("it listens");
        let mut builder = Builder::new(TokioExecutor::new());
        builder.initial_stream_window_size(0);
        let (mut sender, connection): (SendRequest<Body>, _) =
            builder.handshake(TokioIo::new(io)).await.expect("the server agrees");
        let connection = tokio::spawn(connection);
        let mut responses: Vec<http::Response<Incoming>> = Vec::new();
        for _ in 0..STREAMS {
            let response = within(sender.send_request(request(Method::GET, "/held"))).await;
            responses.push(response.expect("its head is sent"));
        }
        holding.push((sender, connection, responses));
    }
    assert_eq!(platform.pending(), CONNECTIONS * STREAMS);
    for _ in 0..3 {
        assert_eq!(fetch(address, "/other").await.status, 200);
        assert_eq!(within(runs.recv()).await, Some(()));
    }
    assert_eq!(refused.entries(), [""; 0]);
    assert!(outcomes.is_empty(), "a response that nobody takes has ended");

    for (_, connection, _) in holding {
        connection.abort();
    }
    for _ in 0..CONNECTIONS * STREAMS {
        let (status, end, _) = outcomes.next().await;
        assert_eq!((status, end), (Some(200), End::Aborted));
    }
    stop.send(()).expect("the server runs");
    let report = patiently(serving).await.expect("it does not panic").expect("it drains");
    assert!(report.is_complete(), "{report}");
    assert_eq!(refused.entries(), [""; 0]);
}
