//! Under load no task is lost, and none runs twice.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{Router, extract::Path, routing::get};
use http::Method;
use tokio::task::JoinSet;
use with_after::{AfterLayer, after};

use crate::{
    serve_support::Running,
    support::{
        client::{Client, request},
        server::Version,
    },
};

const REQUESTS: usize = 20_000;
const CONNECTIONS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_requests_have_twenty_thousand_tasks() {
    let runs: Arc<[AtomicU32]> = (0..REQUESTS).map(|_| AtomicU32::new(0)).collect();
    let tasks = Arc::clone(&runs);
    let app = Router::new().route(
        "/{number}",
        get(async move |Path(number): Path<usize>| {
            after(async move {
                tasks[number].fetch_add(1, Ordering::Relaxed);
            });
            "hello"
        }),
    );
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;

    let mut clients = JoinSet::new();
    for first in 0..CONNECTIONS {
        clients.spawn(async move {
            let mut client = Client::connect(address, Version::Http1).await;
            for number in (first..REQUESTS).step_by(CONNECTIONS) {
                let request = request(Method::GET, &format!("/{number}"));
                let response = client.fetch(request).await.expect("it answers");
                assert_eq!(response.body, "hello");
            }
        });
    }
    clients.join_all().await;

    let report = server.stop().await;
    assert!(report.is_complete() && report.failed() == 0, "{report}");
    let wrong: Vec<_> =
        runs.iter().enumerate().filter(|(_, runs)| runs.load(Ordering::Relaxed) != 1).collect();
    assert!(wrong.is_empty(), "not run exactly once: {wrong:?}");
}
