//! Work on another runtime than the requests'.

use std::{future::ready, sync::mpsc, thread, time::Duration};

use axum::{Router, routing::get};
use tokio::runtime::{Builder, Runtime};
use with_after::{AfterLayer, Scope, after, platform::InProcess, task};

use crate::support::{
    client,
    log::Log,
    platform::{call, finish},
    server::axum,
};

/// Bounds how long a thread waits in a test that fails.
const BOUND: Duration = Duration::from_secs(10);

fn work_runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).thread_name("work").enable_all().build();
    runtime.expect("the system gives it what it needs")
}

/// A task that writes down in which thread it runs.
fn look(log: &Log, name: &'static str) -> impl FnOnce() + Send + use<> {
    let log = log.clone();
    move || log.add(format!("{name}: {}", thread::current().name().unwrap_or("unnamed")))
}

async fn drain(platform: &InProcess) {
    let report = platform.drain(BOUND).await;
    assert!(report.is_complete(), "{report}");
}

#[tokio::test]
async fn every_task_runs_on_the_runtime_that_the_platform_names() {
    let runtime = work_runtime();
    for platform in [
        InProcess::on(runtime.handle().clone()),
        InProcess::builder().on(runtime.handle().clone()).build(),
    ] {
        let (log, mut carried) = (Log::default(), None);
        finish(AfterLayer::with_platform(platform.clone()), |_| {
            carried = Scope::current();
            after(look(&log, "first"));
            let nested = look(&log, "nested");
            after(async move { after(nested) });
            task("blocking").blocking().schedule(look(&log, "blocking"));
            ready(())
        })
        .await;
        drain(&platform).await;
        carried.expect("the layer opened it").enter(|| after(look(&log, "late")));
        drain(&platform).await;
        let mut entries = log.entries();
        entries.sort();
        assert_eq!(entries, ["blocking: work", "first: work", "late: work", "nested: work"]);
    }
    runtime.shutdown_background();
}

#[tokio::test]
async fn work_that_holds_its_worker_holds_no_request() {
    let runtime = work_runtime();
    let platform = InProcess::on(runtime.handle().clone());
    let (go_on, wait) = mpsc::channel::<()>();
    let mut stuck = Some(wait);
    finish(AfterLayer::with_platform(platform.clone()), |_| {
        let wait = stuck.take().expect("there is one request");
        // Not `.blocking()`: it has the only worker of its runtime.
        task("heavy").schedule(move || wait.recv_timeout(BOUND));
        ready(())
    })
    .await;

    let layer = AfterLayer::with_platform(platform.clone());
    let app = Router::new().route("/", get(async || after(|| ()))).layer(layer);
    let address = axum(app).await;
    for _ in 0..10 {
        assert_eq!(client::get(address, "/").await.status, 200);
    }
    go_on.send(()).expect("it waits still");
    let report = platform.drain(BOUND).await;
    assert_eq!((report.failed(), report.is_complete()), (0, true), "{report}");
    runtime.shutdown_background();
}

#[test]
fn work_goes_on_when_the_requests_runtime_has_ended() {
    let work = work_runtime();
    let platform = InProcess::on(work.handle().clone());
    let log = Log::default();
    let (go_on, wait) = tokio::sync::oneshot::channel::<()>();
    let requests = Builder::new_current_thread().enable_all().build().expect("as above");
    requests.block_on(async {
        let response = call(AfterLayer::with_platform(platform.clone()), |_| {
            let ended = look(&log, "ended");
            after(async move {
                wait.await.expect("the test lets it go on");
                ended();
            });
            ready(())
        })
        .await;
        drop(response);
    });
    drop(requests);
    go_on.send(()).expect("it waits still");
    work.block_on(drain(&platform));
    assert_eq!(log.entries(), ["ended: work"]);
}
