//! A server that stops finishes its requests, then its tasks, within its time.

use std::{future::pending, sync::Arc, time::Duration};

use axum::{Router, routing::get};
use http::Method;
use tokio::{
    net::TcpStream,
    sync::{Notify, mpsc::unbounded_channel},
    time,
};
use tracing::Level;
use with_after::{AfterLayer, End, Scope, after, task};

use crate::{
    serve_support::{Running, refused, report, settle},
    support::{
        bodies::stalled,
        client::{Client, get as fetch, raw, read_until, request},
        outcomes::outcomes,
        server::Version,
        traces::Traces,
        within,
    },
};

const TIME: Duration = Duration::from_mins(10);

#[tokio::test]
async fn a_task_that_runs_holds_the_drain() {
    let gate = Arc::new(Notify::new());
    let opened = Arc::clone(&gate);
    let app =
        Router::new().route("/", get(async move || after(async move { opened.notified().await })));
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;
    fetch(address, "/").await;
    let ending = server.begin_to_stop();
    refused(address).await;
    settle().await;
    assert!(!ending.is_finished());
    gate.notify_one();
    let report = report(within(ending).await);
    assert_eq!((report.completed(), report.is_complete()), (1, true));
}

/// The queue of the request has gone idle when the late task is scheduled.
#[tokio::test]
async fn a_late_task_holds_the_drain() {
    let (scopes, mut scope) = unbounded_channel();
    let app = Router::new().route("/", get(async move || drop(scopes.send(Scope::current()))));
    let gate = Arc::new(Notify::new());
    let opened = Arc::clone(&gate);
    let app = app.route("/held", get(async move || after(async move { opened.notified().await })));
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;
    fetch(address, "/").await;
    fetch(address, "/held").await;
    let ending = server.begin_to_stop();
    refused(address).await;

    let scope = scope.recv().await.flatten().expect("the handler has a scope");
    let (started, late) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (starting, opened) = (Arc::clone(&started), Arc::clone(&late));
    scope.enter(|| {
        after(async move {
            starting.notify_one();
            opened.notified().await;
        });
    });
    within(started.notified()).await;
    gate.notify_one();
    settle().await;
    assert!(!ending.is_finished());
    late.notify_one();
    assert_eq!(report(within(ending).await).completed(), 2);
}

#[tokio::test]
async fn idle_connections_do_not_hold_the_shutdown() {
    let app = Router::new().route("/", get(async || "hello"));
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;
    let mut idle = Vec::new();
    for version in [Version::Http1, Version::Http2] {
        let mut client = Client::connect(address, version).await;
        client.fetch(request(Method::GET, "/")).await.expect("it answers");
        idle.push(client);
    }
    let silent = TcpStream::connect(address).await.expect("it listens");
    // Connections are accepted in order.
    fetch(address, "/").await;
    server.end().await;
    drop((idle, silent));
}

#[tokio::test]
async fn an_endless_response_is_cut_at_half_of_the_time() {
    let (report_end, mut outcomes) = outcomes();
    let app = Router::new().route(
        "/",
        get(async move || {
            report_end.schedule();
            stalled("start", pending())
        }),
    );
    let (server, address) = Running::start_within(app.layer(AfterLayer::new()), TIME).await;
    let mut client = raw(address, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    read_until(&mut client, "start").await;

    time::pause();
    let report = report(server.begin_to_stop().await);
    assert_eq!(report.elapsed().as_secs(), TIME.as_secs() / 2);
    assert_eq!((report.completed(), report.is_complete()), (1, true));
    assert_eq!(outcomes.next().await, (Some(200), End::Aborted, 5));
}

#[tokio::test]
async fn a_cut_request_leaves_its_tasks_the_other_half() {
    let app = Router::new().route(
        "/",
        get(async || {
            after(async {
                time::sleep(TIME.mul_f32(0.4)).await;
                after(pending::<()>());
            });
            stalled("start", pending())
        }),
    );
    let (server, address) = Running::start_within(app.layer(AfterLayer::new()), TIME).await;
    let mut client = raw(address, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    read_until(&mut client, "start").await;

    time::pause();
    let report = report(server.begin_to_stop().await);
    assert_eq!(report.elapsed().as_secs(), TIME.as_secs());
    assert_eq!((report.completed(), report.abandoned().len()), (1, 1));
}

#[tokio::test]
async fn abandoned_tasks_are_named_and_reported() {
    let (traces, _guard) = Traces::collect();
    let (failures, mut failed) = unbounded_channel();
    let layer = AfterLayer::new().on_failure(move |failure| {
        drop(failures.send(failure.to_string()));
    });
    let app = Router::new().route(
        "/",
        get(async || {
            task("hanging").schedule(pending::<()>());
            after(|| Err::<(), _>("it fails before the drain"));
        }),
    );
    let (server, address) = Running::start_within(app.layer(layer), TIME).await;
    fetch(address, "/").await;
    let early = within(failed.recv()).await.expect("the hook is called");
    assert!(early.contains("it fails before the drain"), "{early}");

    time::pause();
    let report = report(server.begin_to_stop().await);
    assert_eq!(report.elapsed().as_secs(), TIME.as_secs());
    assert_eq!((report.completed(), report.failed()), (0, 0), "what ended before is not counted");
    let [abandoned] = report.abandoned() else { panic!("{report}") };
    assert_eq!(abandoned.name(), "hanging");
    assert_eq!(abandoned.location().file(), file!());
    assert!(abandoned.age() >= TIME);

    let message = failed.recv().await.expect("the hook is called");
    assert!(message.contains("`hanging`") && message.contains("abandoned"), "{message}");
    let events = traces.events(Level::ERROR);
    assert!(events[1].span.as_deref().is_some_and(|span| span.contains("hanging")), "{events:?}");
    assert!(events[1].text.contains("abandoned"), "{events:?}");
    assert_eq!(events.len(), 2, "{events:?}");
}

#[tokio::test]
async fn two_servers_drain_apart() {
    let gate = Arc::new(Notify::new());
    let opened = Arc::clone(&gate);
    let held =
        Router::new().route("/", get(async move || after(async move { opened.notified().await })));
    let quick = Router::new().route("/", get(async || after(|| ())));
    let (slow, slow_address) = Running::start(held.layer(AfterLayer::new())).await;
    let (quick, quick_address) = Running::start(quick.layer(AfterLayer::new())).await;
    fetch(slow_address, "/").await;
    fetch(quick_address, "/").await;

    assert!(quick.stop().await.is_complete());
    let ending = slow.begin_to_stop();
    refused(slow_address).await;
    settle().await;
    assert!(!ending.is_finished());
    gate.notify_one();
    let report = report(within(ending).await);
    assert_eq!((report.completed(), report.is_complete()), (1, true));
}
