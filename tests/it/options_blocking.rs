//! Tasks in the blocking pool.

use std::{
    future::ready,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use http::StatusCode;
use tokio::{runtime, sync::oneshot, task::yield_now, time::advance};
use tracing::info;
use with_after::{after, deadline, outcome, task, try_headers};

use crate::support::{
    fail,
    log::{Log, OnDrop},
    platform::{Recording, finish},
    traces::Traces,
    within,
};

/// Bounds how long a thread waits in a test that fails.
const BOUND: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_blocking_task_holds_no_async_worker() {
    let platform = Recording::default();
    let (sender, receiver) = mpsc::channel();
    finish(platform.layer(), |_| {
        // On the only worker the first would keep the second from running.
        task("blocking").blocking().schedule(move || receiver.recv_timeout(BOUND));
        task("async").schedule(move || sender.send(()));
        ready(())
    })
    .await;
    platform.drain().await;
    let mut ended = platform.ended.entries();
    ended.sort();
    assert_eq!(ended, ["async completed", "blocking completed"]);
}

#[tokio::test]
async fn every_form_of_a_task_runs_there_and_knows_its_request() {
    let (platform, log) = (Recording::default(), Log::default());
    let look = |name: &'static str| {
        let (log, worker) = (log.clone(), thread::current().id());
        move || {
            assert_ne!(thread::current().id(), worker, "it runs in another thread");
            let status = outcome().expect("it is a task").status();
            assert_eq!(status, Some(StatusCode::ACCEPTED));
            assert!(try_headers().is_ok() && deadline().is_some());
            log.add(name);
            after(move || log.add(format!("nested in {name}")));
        }
    };
    let limit = Duration::from_hours(1);
    finish(platform.layer().max_duration(limit), |_| {
        task("closure").blocking().schedule(look("closure"));
        let look_there = look("async closure");
        task("async closure").blocking().schedule(async move || {
            yield_now().await;
            look_there();
        });
        let look_there = look("future");
        task("future").blocking().schedule(async move {
            yield_now().await;
            look_there();
        });
        ready(StatusCode::ACCEPTED)
    })
    .await;
    platform.drain().await;
    let mut entries = log.entries();
    entries.sort();
    let names = ["async closure", "closure", "future"];
    assert_eq!(entries[..3], names);
    assert_eq!(entries[3..], names.map(|name| format!("nested in {name}")));
}

#[tokio::test]
async fn a_blocking_task_that_fails_or_panics_is_reported() {
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        task("fails").blocking().schedule(|| Err::<(), _>("no disk"));
        task("panics").blocking().schedule(fail);
        ready(())
    })
    .await;
    platform.drain().await;
    let mut ended = platform.ended.entries();
    ended.sort();
    let panicked = "panics panicked: a failure that the test wants";
    assert_eq!(ended, ["fails failed: no disk", panicked]);
}

#[tokio::test]
async fn a_blocking_task_runs_in_its_span() {
    let (traces, _guard) = Traces::collect();
    let subscriber = tracing::dispatcher::get_default(Clone::clone);
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        task("it").blocking().schedule(move || {
            // The pool's thread has no subscriber of its own, as it would in a program.
            tracing::dispatcher::with_default(&subscriber, || info!("inside"));
        });
        ready(())
    })
    .await;
    platform.drain().await;
    let [event] = &traces.events(tracing::Level::INFO)[..] else { panic!("{traces:?}") };
    assert!(event.text.contains("inside"));
    let [span] = &traces.spans("after")[..] else { panic!("{traces:?}") };
    assert!(span.closed && span.fields.contains("run_time_ms="), "{span:?}");
}

#[tokio::test(start_paused = true)]
async fn one_that_has_begun_is_reported_at_its_deadline_and_left_to_itself() {
    let (platform, log) = (Recording::default(), Log::default());
    let (begun, wait_begun) = oneshot::channel();
    let (go_on, wait) = mpsc::channel();
    let (ended, wait_ended) = oneshot::channel();
    finish(platform.layer(), |_| {
        let log = log.clone();
        task("it").blocking().max_duration(Duration::from_secs(1)).schedule(move || {
            begun.send(()).expect("the test waits");
            wait.recv_timeout(BOUND).expect("the test lets it go on");
            log.add("it went on");
            ended.send(()).expect("the test waits");
        });
        ready(())
    })
    .await;
    wait_begun.await.expect("it begins");
    advance(Duration::from_secs(2)).await;
    platform.drain().await;
    assert_eq!(platform.ended.entries(), ["it timed out after 1s"]);
    assert_eq!(log.entries(), [""; 0]);

    go_on.send(()).expect("it waits");
    wait_ended.await.expect("it ends by itself");
    assert_eq!(log.entries(), ["it went on"]);
    assert_eq!(platform.ended.entries().len(), 1, "nothing is reported twice");
}

#[test]
fn one_that_has_not_begun_at_its_deadline_never_does() {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .max_blocking_threads(1)
        .build()
        .expect("the system gives it what it needs");
    let (platform, log) = (Recording::default(), Log::default());
    let (go_on, wait) = mpsc::channel();
    runtime.block_on(async {
        let (begun, wait_begun) = oneshot::channel();
        // It has the only thread.
        let first = tokio::task::spawn_blocking(move || {
            begun.send(()).expect("the test waits");
            wait.recv_timeout(BOUND).expect("the test lets it go on");
        });
        wait_begun.await.expect("it begins");
        finish(platform.layer(), |_| {
            let dropped = OnDrop(log.clone(), "dropped");
            let log = log.clone();
            task("it").blocking().max_duration(Duration::from_secs(1)).schedule(move || {
                log.add("it ran");
                drop(dropped);
            });
            ready(())
        })
        .await;
        yield_now().await;
        advance(Duration::from_secs(2)).await;
        platform.drain().await;
        assert_eq!(platform.ended.entries(), ["it timed out after 1s"]);

        go_on.send(()).expect("the first waits");
        first.await.expect("it does not panic");
        // The thread is free, and has had its turn.
        let next = tokio::task::spawn_blocking(|| ());
        within(next).await.expect("it does not panic");
    });
    assert_eq!(log.entries(), ["dropped"]);
}

#[tokio::test]
async fn a_drain_does_not_wait_for_a_blocking_task_beyond_its_time() {
    let platform = Recording::default();
    let (go_on, wait) = mpsc::channel::<()>();
    let (begun, wait_begun) = oneshot::channel();
    finish(platform.layer(), |_| {
        task("stuck").blocking().schedule(move || {
            begun.send(()).expect("the test waits");
            let _ = wait.recv_timeout(BOUND);
        });
        ready(())
    })
    .await;
    within(wait_begun).await.expect("it begins");
    let before = Instant::now();
    let report = platform.in_process.drain(Duration::ZERO).await;
    assert!(before.elapsed() < BOUND);
    assert_eq!(report.abandoned().len(), 1, "{report}");
    assert_eq!(platform.ended.entries(), ["stuck was abandoned at shutdown"]);
    drop(go_on);
}
