//! What the logs of tasks show of their request: the recipes of `guide::logs`.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::{
    Extension, Router,
    body::Body,
    extract::{MatchedPath, Request},
    routing::post,
};
use http::{HeaderName, HeaderValue};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use tower_http::{
    request_id::{MakeRequestId, RequestId, SetRequestIdLayer},
    trace::TraceLayer,
};
use with_after::{AfterLayer, after, headers, task, with_after};

use crate::support::{
    fmt::{Printed, fmt_log},
    log::Log,
    platform::Recording,
};

#[with_after(route)]
async fn order() -> &'static str {
    after(async {
        tracing::info!("printing");
        Err::<(), _>("no paper")
    });
    "ordered"
}

#[tokio::test]
async fn the_span_of_a_task_shows_its_request() {
    let printed = printed(AfterLayer::with_platform, |app| app).await;
    assert_eq!(
        printed,
        [
            " INFO after{task=\"order\" location=src/main.rs:9:5 kind=route \
             request=POST /orders/7}: it::logs: printing",
            "ERROR after{task=\"order\" location=src/main.rs:9:5 kind=route \
             request=POST /orders/7 queue_wait_ms=0.2 run_time_ms=0.1}: with_after: task failed \
             cause=failed: no paper",
        ]
    );
    assert_shown_in_guide(&printed);
}

#[tokio::test]
async fn a_child_span_shows_the_fields_of_its_requests_span() {
    let child = |platform| AfterLayer::with_platform(platform).child_spans();
    let printed = printed(child, traced).await;
    assert_eq!(
        printed,
        [
            " INFO request{id=\"1\" route=\"/orders/{id}\"}:after{task=\"order\" \
             location=src/main.rs:9:5 kind=route}: it::logs: printing",
            "ERROR request{id=\"1\" route=\"/orders/{id}\"}:after{task=\"order\" \
             location=src/main.rs:9:5 kind=route queue_wait_ms=0.2 run_time_ms=0.1}: with_after: \
             task failed cause=failed: no paper",
        ]
    );
    assert_shown_in_guide(&printed);
}

#[tokio::test]
async fn a_child_without_a_parent_shows_its_request() {
    let child = |platform| AfterLayer::with_platform(platform).child_spans();
    let printed = printed(child, |app| app).await;
    assert!(printed[0].contains("request=POST /orders/7}"), "{printed:?}");
}

#[tokio::test]
async fn an_id_that_is_set_around_the_layer_is_among_the_headers() {
    let log = Log::default();
    let moved = log.clone();
    let handler = async move || {
        after(async move {
            let headers = headers().await;
            moved.add(headers["x-request-id"].to_str().expect("it is text"));
        });
    };
    let platform = Recording::default();
    let app = Router::new()
        .route("/orders/{id}", post(handler))
        .layer(platform.layer())
        .layer(SetRequestIdLayer::new(ID, Counted::default()));
    ask(app).await;

    platform.drain().await;
    assert_eq!(log.entries(), ["1"]);
}

#[tokio::test]
async fn an_id_that_is_set_inside_of_the_layer_is_an_extension_and_no_header_of_the_task() {
    let log = Log::default();
    let moved = log.clone();
    let handler = async move |Extension(id): Extension<RequestId>| {
        task("it").schedule(async move {
            assert!(!headers().await.contains_key("x-request-id"), "it was not there yet");
            moved.add(id.header_value().to_str().expect("it is text"));
        });
    };
    let platform = Recording::default();
    let app = Router::new()
        .route("/orders/{id}", post(handler))
        .layer(SetRequestIdLayer::new(ID, Counted::default()))
        .layer(platform.layer());
    ask(app).await;

    platform.drain().await;
    assert_eq!(log.entries(), ["1"]);
    assert_eq!(platform.ended.entries(), ["it completed"]);
}

const ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone, Default)]
struct Counted(std::sync::Arc<AtomicU32>);

impl MakeRequestId for Counted {
    fn make_request_id<B>(&mut self, _: &http::Request<B>) -> Option<RequestId> {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        HeaderValue::try_from(number.to_string()).ok().map(RequestId::new)
    }
}

/// Adds the layers of the guide.
fn traced(app: Router) -> Router {
    let span = |request: &Request| {
        let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
        let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        tracing::info_span!("request", id, route)
    };
    app.layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::new(ID, Counted::default()))
}

/// Answers a request, and returns what its tasks print, with numbers and places made the same.
async fn printed(
    layer: impl FnOnce(Recording) -> AfterLayer,
    inner: impl FnOnce(Router) -> Router,
) -> Vec<String> {
    let (log, _guard): (Printed, _) = fmt_log("info,tower_http=off");
    let platform = Recording::default();
    let app = inner(Router::new().route("/orders/{id}", post(order)));
    ask(app.layer(layer(platform.clone()))).await;
    platform.drain().await;
    log.lines().iter().map(|line| same(line)).collect()
}

async fn ask(app: Router) {
    let request = Request::post("/orders/7").body(Body::empty()).expect("it is one");
    let Ok(response) = app.oneshot(request).await;
    response.into_body().collect().await.expect("it does not fail");
}

/// Makes the same of every number and place.
fn same(line: &str) -> String {
    let level = if line.starts_with("INFO") { " " } else { "" };
    let mut line = format!("{level}{line}");
    for (field, value) in
        [("location=", "src/main.rs:9:5"), ("queue_wait_ms=", "0.2"), ("run_time_ms=", "0.1")]
    {
        let Some((before, rest)) = line.split_once(field) else { continue };
        let end = rest.find([' ', '}']).expect("a span ends");
        line = format!("{before}{field}{value}{}", &rest[end..]);
    }
    line
}

/// The guide is in the voice of an application called `shop`.
fn assert_shown_in_guide(lines: &[String]) {
    let guide = include_str!("../../runtime/src/guide/logs.md");
    for line in lines {
        let line = line.replace("it::logs:", "shop:");
        assert!(guide.contains(&line), "the guide does not show\n{line}");
    }
}
