//! Under `serve` the tasks of one connection are as independent as those of several.

use std::sync::Arc;

use axum::{Router, routing::get};
use http::Method;
use tokio::{
    runtime::Handle,
    sync::{Notify, mpsc::unbounded_channel},
    task::yield_now,
};
use with_after::{AfterLayer, after};

use crate::{
    serve_support::Running,
    support::{
        client::{Client, get as fetch, request},
        outcomes::outcomes,
        server::Version,
        within,
    },
};

#[tokio::test]
async fn tasks_of_two_requests_on_one_connection_run_side_by_side() {
    let (ended, mut ends) = unbounded_channel();
    let second_runs = Arc::new(Notify::new());
    let wait = {
        let second_runs = Arc::clone(&second_runs);
        async move || {
            after(async move {
                second_runs.notified().await;
                ended.send(()).expect("the test waits for it");
            });
        }
    };
    let notify = async move || after(move || second_runs.notify_one());
    let app = Router::new().route("/wait", get(wait)).route("/notify", get(notify));
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;

    let mut client = Client::connect(address, Version::Http1).await;
    for path in ["/wait", "/notify"] {
        client.fetch(request(Method::GET, path)).await.expect("the connection is kept");
    }
    within(ends.recv()).await.expect("the first task ends");
    server.end().await;
}

#[tokio::test]
async fn a_task_that_waits_goes_on_when_its_connection_is_gone() {
    let (ended, mut ends) = unbounded_channel();
    let (started, mut starts) = unbounded_channel();
    let gate = Arc::new(Notify::new());
    let held = Arc::clone(&gate);
    let wait = async move || {
        after(async move {
            started.send(()).expect("the test waits for it");
            held.notified().await;
            ended.send(()).expect("the test waits for it");
        });
    };
    let app = Router::new().route("/", get(wait));
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;

    let mut client = Client::connect(address, Version::Http1).await;
    client.fetch(request(Method::GET, "/")).await.expect("it is answered");
    within(starts.recv()).await.expect("the task starts");
    client.close();
    let stopping = server.begin_to_stop();
    gate.notify_one();
    within(ends.recv()).await.expect("the task ends");
    let report = within(stopping).await.expect("it ends").expect("it drains");
    assert_eq!((report.completed(), report.abandoned().len()), (1, 0));
}

#[tokio::test]
async fn a_connection_that_is_gone_leaves_no_task_behind() {
    let (report, mut outcomes) = outcomes();
    let app = Router::new().route("/", get(async move || report.schedule()));
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;
    let alive = || Handle::current().metrics().num_alive_tasks();

    fetch(address, "/").await;
    outcomes.next().await;
    let before = alive();
    let mut clients = Vec::new();
    for _ in 0..10 {
        let mut client = Client::connect(address, Version::Http1).await;
        client.fetch(request(Method::GET, "/")).await.expect("it is answered");
        outcomes.next().await;
        clients.push(client);
    }
    assert!(alive() > before, "no connection is open");
    clients.into_iter().for_each(Client::close);
    within(async {
        while alive() > before {
            yield_now().await;
        }
    })
    .await;
    server.end().await;
}
