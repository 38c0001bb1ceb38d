//! Whose end of the response a task waits for: that of its own request, and of no other.

use std::{convert::Infallible, future::ready, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    middleware::map_response,
    response::Response,
    routing::get,
};
use futures_util::StreamExt as _;
use http::Method;
use http_body_util::BodyExt as _;
use tokio::sync::{Notify, mpsc};
use tower::ServiceExt as _;
use with_after::{AfterLayer, End, Scope};

use crate::{
    serve_support::{AGES, How, Running, Watch},
    support::{
        client::{Client, get as fetch, raw, read_until, request},
        outcomes::{Report, outcomes},
        server::Version,
        within,
    },
};

/// More than a kernel keeps of one connection on both of its ends.
const SIZE: usize = 64 << 20;

/// A router with a layer of its own.
fn inner(report: Report) -> Router {
    Router::new().fallback(async move || report.schedule()).layer(AfterLayer::new())
}

/// Answers with `body`, and asks the inner router in a spawned task when `gate` opens.
fn accepting(report: &Report, gate: &Arc<Notify>, carries_scope: bool, size: usize) -> Router {
    let (inner, gate) = (inner(report.clone()), Arc::clone(gate));
    let handler = async move || {
        let asking = async move {
            gate.notified().await;
            let response = inner.oneshot(request(Method::GET, "/inner")).await;
            let Ok(response) = response;
            drop(response.into_body().collect().await);
        };
        if carries_scope {
            let scope = Scope::current().expect("the layer opened it");
            tokio::spawn(scope.run(asking));
        } else {
            tokio::spawn(asking);
        }
        (http::StatusCode::ACCEPTED, Bytes::from(vec![0; size]))
    };
    Router::new().route("/", get(handler)).layer(AfterLayer::new())
}

#[tokio::test]
async fn an_inner_response_ends_by_itself_while_the_client_of_the_outer_one_idles() {
    for version in [Version::Http1, Version::Http2] {
        for carries_scope in [false, true] {
            let (report, mut outcomes) = outcomes();
            let gate = Arc::new(Notify::new());
            let app = accepting(&report, &gate, carries_scope, 0);
            let (server, address) = Running::start(app).await;
            let mut client = Client::connect(address, version).await;
            let response = client.fetch(request(Method::GET, "/")).await;
            assert_eq!(response.expect("it is answered").status, 202);
            gate.notify_one();
            assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0), "{version:?}");
            // Idle, and open, until now.
            client.close();
            server.end().await;
        }
    }
}

#[tokio::test]
async fn an_inner_response_ends_by_itself_while_the_client_of_the_outer_one_stalls() {
    for carries_scope in [false, true] {
        let (listener, address, watch) = Watch::listen(How::Vectored).await;
        let (report, mut outcomes) = outcomes();
        let gate = Arc::new(Notify::new());
        let app = accepting(&report, &gate, carries_scope, SIZE);
        let server = Running::start_on(listener, app, AGES);
        let mut stalled = raw(address, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        read_until(&mut stalled, "202 Accepted").await;
        within(watch.stalled.notified()).await;
        gate.notify_one();
        assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0));
        drop(stalled);
        server.end().await;
    }
}

#[tokio::test]
async fn an_inner_response_that_a_handler_awaits_ends_by_itself() {
    let (listener, address, watch) = Watch::listen(How::HoldFlush).await;
    let (report, mut outcomes) = outcomes();
    let (inner, gate) = (inner(report), Arc::new(Notify::new()));
    let opens = Arc::clone(&gate);
    let handler = async move || {
        let Ok(response) = inner.oneshot(request(Method::GET, "/inner")).await;
        drop(response.into_body().collect().await);
        gate.notified().await;
    };
    let app = Router::new().route("/", get(handler)).layer(AfterLayer::new());
    let server = Running::start_on(listener, app, AGES);
    let fetching = tokio::spawn(fetch(address, "/"));
    assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0));
    opens.notify_one();
    assert_eq!(within(fetching).await.expect("it fetches").status, 200);
    watch.let_flush();
    server.end().await;
}

/// An inner response whose body becomes that of the outer one.
fn passing(report: Report) -> Router {
    let inner = inner(report);
    let handler = async move || {
        let Ok(response) = inner.oneshot(request(Method::GET, "/inner")).await;
        response
    };
    Router::new().route("/", get(handler))
}

#[tokio::test]
async fn an_inner_response_that_is_passed_on_waits_for_the_flush_of_the_connection() {
    let (report, outcomes) = outcomes();
    waits_for_the_flush(passing(report).layer(AfterLayer::new()), outcomes).await;
}

#[tokio::test]
async fn of_layers_in_one_stack_each_waits_for_the_flush_of_the_connection() {
    for layers in 1..=3 {
        let (report, outcomes) = outcomes();
        let mut app = Router::new().route("/", get(async move || report.schedule()));
        for _ in 0..layers {
            app = app.layer(AfterLayer::new());
        }
        waits_for_the_flush(app, outcomes).await;
    }
}

async fn waits_for_the_flush(app: Router, mut outcomes: crate::support::outcomes::Outcomes) {
    let (listener, address, watch) = Watch::listen(How::HoldFlush).await;
    let server = Running::start_on(listener, app, AGES);
    assert_eq!(fetch(address, "/").await.status, 200);
    within(watch.flushing.notified()).await;
    assert!(outcomes.is_empty(), "the task did not wait");
    watch.let_flush();
    assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0));
    server.end().await;
}

/// Has the body of each response pumped through a channel by a task of its own, which lets go of
/// the response's own body when `gate` opens.
fn pumped(gate: Arc<Notify>, response: Response) -> Response {
    response.map(|body| {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut data = body.into_data_stream();
            while let Some(Ok(bytes)) = data.next().await {
                drop(sender.send(bytes));
            }
            drop(sender);
            gate.notified().await;
        });
        let frames = futures_util::stream::unfold(receiver, |mut receiver| async {
            let bytes = receiver.recv().await?;
            Some((Ok::<_, Infallible>(bytes), receiver))
        });
        Body::from_stream(frames)
    })
}

#[tokio::test]
async fn a_body_pumped_through_a_channel_ends_though_its_client_idles() {
    for version in [Version::Http1, Version::Http2] {
        let (report, mut outcomes) = outcomes();
        let handler = async move || {
            report.schedule();
            "pumped"
        };
        let gate = Arc::new(Notify::new());
        let opens = Arc::clone(&gate);
        let pump = move |response| ready(pumped(Arc::clone(&gate), response));
        let app = Router::new().route("/", get(handler)).layer(AfterLayer::new());
        let (server, address) = Running::start(app.layer(map_response(pump))).await;
        let mut client = Client::connect(address, version).await;
        for _ in 0..3 {
            let response = client.fetch(request(Method::GET, "/")).await;
            assert_eq!(response.expect("it is answered").body, "pumped");
            // All was written and flushed before the response's own body is let go of.
            opens.notify_one();
            assert_eq!(outcomes.next().await, (Some(200), End::Completed, 6), "{version:?}");
        }
        client.close();
        server.end().await;
    }
}

#[tokio::test]
async fn a_connection_that_is_idle_is_needed_for_nobodys_end() {
    let (report, mut outcomes) = outcomes();
    let gate = Arc::new(Notify::new());
    let (server, address) = Running::start(accepting(&report, &gate, true, 0)).await;
    let clients: Vec<_> = (0..10).map(|_| idle_client(address)).collect();
    let clients = futures_util::future::join_all(clients).await;
    gate.notify_waiters();
    for _ in &clients {
        assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0));
    }
    server.end().await;
}

async fn idle_client(address: SocketAddr) -> Client {
    let mut client = Client::connect(address, Version::Http1).await;
    client.fetch(request(Method::GET, "/")).await.expect("it is answered");
    client
}
