//! What an annotated middleware says holds for its own tasks, and not for those of what it calls.

use std::time::Duration;

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
    routing::get,
};
use tokio::time::timeout;
use with_after::{after, deadline, with_after};

use crate::support::{client, log::Log, platform::Recording, server::axum};

fn note(log: &Log, who: &'static str) {
    let log = log.clone();
    after(move || log.add(format!("{who}: {}", deadline().is_some())));
}

fn app<H, T>(recording: &Recording, log: &Log, handler: H) -> Router
where
    H: axum::handler::Handler<T, ()>,
    T: 'static,
{
    #[with_after(middleware, max_duration = "1h")]
    async fn guard(log: Log, request: Request, next: Next) -> Response {
        note(&log, "before");
        let calling = async { timeout(Duration::from_secs(10), next.run(request)).await };
        let response = calling.await.expect("it answers");
        note(&log, "behind");
        response
    }

    let log = log.clone();
    let guard = from_fn(move |request: Request, next: Next| guard(log.clone(), request, next));
    Router::new().route("/", get(handler)).layer(guard).layer(recording.layer())
}

#[tokio::test]
async fn the_tasks_of_a_bare_handler_are_not_those_of_the_middleware_above_it() {
    let (recording, log) = (Recording::default(), Log::default());
    let inner = log.clone();
    let app = app(&recording, &log, async move || note(&inner, "inside"));
    assert_eq!(client::get(axum(app).await, "/").await.status, 200);
    recording.drain().await;
    assert_eq!(log.entries(), ["before: true", "inside: false", "behind: true"]);
    let ended = ["guard completed", "after completed", "guard completed"];
    assert_eq!(recording.ended.entries(), ended);
}

#[tokio::test]
async fn an_annotated_handler_is_what_it_says_below_a_middleware() {
    #[with_after(route)]
    async fn page(log: Log) {
        note(&log, "inside");
    }

    let (recording, log) = (Recording::default(), Log::default());
    let inner = log.clone();
    let app = app(&recording, &log, async move || page(inner).await);
    assert_eq!(client::get(axum(app).await, "/").await.status, 200);
    recording.drain().await;
    let ended = ["guard completed", "page completed", "guard completed"];
    assert_eq!(recording.ended.entries(), ended);
}
