//! Under `serve` the layer may stand around the router, on its routes, or both.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    response::Response,
    routing::{get, post},
};
use http::Method;
use tokio::sync::Notify;
use tower::{Service, service_fn};
use with_after::{AfterLayer, End, after};

use crate::{
    serve_support::{Running, report},
    support::{
        client::{Client, get as fetch, request},
        outcomes::outcomes,
        server::Version,
        within,
    },
};

#[tokio::test]
async fn a_layer_around_the_router_leaves_its_work_to_the_server() {
    let (gate, router) = gated();
    let (server, address) = Running::start(AfterLayer::new().layer(router)).await;
    held_by_the_drain(server, address, &gate).await;
}

#[tokio::test]
async fn a_layer_inside_of_another_one_leaves_its_work_to_the_same_server() {
    let (gate, router) = gated();
    let app = AfterLayer::new().layer(router.layer(AfterLayer::new()));
    let (server, address) = Running::start(app).await;
    held_by_the_drain(server, address, &gate).await;
}

#[tokio::test]
async fn a_layer_around_a_service_that_is_no_router_leaves_its_work_to_the_server() {
    let (gate, router) = gated();
    let service = service_fn(move |request: Request| router.clone().call(request));
    let (server, address) = Running::start(AfterLayer::new().layer(service)).await;
    held_by_the_drain(server, address, &gate).await;
}

#[tokio::test]
async fn a_layer_around_the_router_waits_for_the_flush_of_each_request() {
    for version in [Version::Http1, Version::Http2] {
        let (report, mut outcomes) = outcomes();
        let answer = async move |body: Bytes| {
            report.schedule();
            body
        };
        let app = AfterLayer::new().layer(Router::new().route("/", post(answer)));
        let (server, address) = Running::start(app).await;
        let mut client = Client::connect(address, version).await;
        for length in [0, 3] {
            let mut request = request(Method::POST, "/");
            *request.body_mut() = Bytes::from(vec![b'x'; length]).into();
            client.fetch(request).await.expect("it is answered");
            assert_eq!(outcomes.next().await, (Some(200), End::Completed, length as u64));
        }
        client.close();
        server.end().await;
    }
}

#[tokio::test]
async fn a_request_made_within_a_task_waits_for_no_flush() {
    let (report, mut outcomes) = outcomes();
    let inner =
        Router::new().route("/", get(async move || report.schedule())).layer(AfterLayer::new());
    let call = async move || {
        let mut inner = inner.clone();
        after(async move {
            let response = inner.call(Request::new(Body::empty())).await;
            response.map(|response| drop(response.into_body()))
        });
    };
    let app = AfterLayer::new().layer(Router::new().route("/", get(call)));
    let (server, address) = Running::start(app).await;
    let mut client = Client::connect(address, Version::Http1).await;
    client.fetch(request(Method::GET, "/")).await.expect("it is answered");
    // The connection stays open, and has nothing to write.
    assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0));
    client.close();
    server.end().await;
}

#[tokio::test]
async fn an_application_that_is_not_ready_is_waited_for() {
    let app = Reluctant { app: Router::new().route("/", get(async || "ready")), refusals: 2 };
    let (server, address) = Running::start(app).await;
    let response = within(fetch(address, "/")).await;
    assert_eq!((response.status, &*response.body), (200, &b"ready"[..]));
    server.end().await;
}

/// Returns a router whose task waits for the gate.
fn gated() -> (Arc<Notify>, Router) {
    let gate = Arc::new(Notify::new());
    let held = Arc::clone(&gate);
    let answer = async move || after(async move { held.notified().await });
    (gate, Router::new().route("/", get(answer)))
}

/// Stops the server while the task of a request waits, and sees it wait for the task.
async fn held_by_the_drain(server: Running, address: std::net::SocketAddr, gate: &Notify) {
    assert_eq!(fetch(address, "/").await.status, 200);
    let stopping = server.begin_to_stop();
    gate.notify_one();
    let report = report(within(stopping).await);
    assert_eq!((report.completed(), report.abandoned().len()), (1, 0));
}

/// Refuses to be called at first, and must then be called when it is ready.
#[derive(Clone)]
struct Reluctant {
    app: Router,
    refusals: u8,
}

impl Service<Request> for Reluctant {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = <Router as Service<Request>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        match self.refusals.checked_sub(1) {
            None => Poll::Ready(Ok(())),
            Some(fewer) => {
                self.refusals = fewer;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn call(&mut self, request: Request) -> Self::Future {
        assert_eq!(self.refusals, 0, "it is not ready");
        self.app.call(request)
    }
}
