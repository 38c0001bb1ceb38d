//! Runtimes that are gone before the work is.

use std::{
    future::{Ready, pending, ready},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use axum::{Router, routing::get};
use http::Method;
use tokio::{runtime, sync::Notify};
use with_after::{AfterLayer, Cause, Scope, after, platform::InProcess, task};

use crate::support::{
    client::{Client, request},
    outcomes::outcomes,
    platform::{Recording, call, finish},
    server::{Version, axum},
    within,
};

fn current_thread() -> runtime::Runtime {
    runtime::Builder::new_current_thread().enable_all().build().expect("it has what it needs")
}

/// Schedules by `schedule` in a thread whose own runtime ends with it.
fn schedule_elsewhere(schedule: impl FnOnce() + Send + 'static) {
    let scope = Scope::current().expect("the layer opened it");
    let elsewhere = move || current_thread().block_on(scope.run(async { schedule() }));
    thread::spawn(elsewhere).join().expect("it schedules");
}

#[tokio::test]
async fn tasks_whose_first_after_was_on_a_short_lived_runtime_run_on_that_of_the_connection() {
    let (report, mut outcomes) = outcomes();
    let handler = async move || {
        let first = report.clone();
        schedule_elsewhere(move || first.schedule());
        report.schedule();
        "a body"
    };
    let address = axum(Router::new().route("/", get(handler)).layer(AfterLayer::new())).await;
    let mut client = Client::connect(address, Version::Http1).await;
    for _ in 0..3 {
        client.fetch(request(Method::GET, "/")).await.expect("the connection is kept");
        for _ in 0..2 {
            assert_eq!(outcomes.next().await.0, Some(200));
        }
    }
}

#[tokio::test]
async fn a_late_task_of_a_short_lived_runtime_is_reported_if_it_cannot_run() {
    let (platform, gate) = (Recording::default(), Arc::new(Notify::new()));
    let mut carried = None;
    finish(platform.layer(), |_| {
        carried = Scope::current();
        ready(())
    })
    .await;
    let scope = carried.expect("the layer opened it");
    let (elsewhere, waits) = (scope.clone(), Arc::clone(&gate));
    let thread = thread::spawn(move || {
        let schedule = async move { task("late").schedule(async move { waits.notified().await }) };
        current_thread().block_on(elsewhere.run(schedule));
    });
    thread.join().expect("it schedules");
    assert_eq!(platform.ended.entries(), ["late was abandoned at shutdown"]);
    assert_eq!(platform.in_process.pending(), 0);
}

/// What became of the tasks of a test.
#[derive(Clone, Default)]
struct Counts {
    ran: Arc<AtomicUsize>,
    reported: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
}

impl Counts {
    fn layer(&self, platform: &InProcess) -> AfterLayer {
        let reported = Arc::clone(&self.reported);
        AfterLayer::with_platform(platform.clone()).on_failure(move |failure| {
            assert!(matches!(failure.cause(), Cause::Abandoned), "{failure}");
            reported.fetch_add(1, SeqCst);
        })
    }

    /// Schedules a task that runs, and one that would never end.
    fn schedule(&self) -> Ready<()> {
        let ran = Arc::clone(&self.ran);
        after(move || {
            ran.fetch_add(1, SeqCst);
        });
        let held = CountDrop(Arc::clone(&self.dropped));
        after(async move {
            let _held = held;
            pending::<()>().await;
        });
        ready(())
    }
}

struct CountDrop(Arc<AtomicUsize>);

impl Drop for CountDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_runtime_that_ends_right_after_the_response_leaves_each_task_run_or_reported_once() {
    const ROUNDS: usize = 200;
    for threads in [0, 2] {
        let (platform, counts) = (InProcess::new(), Counts::default());
        for _ in 0..ROUNDS {
            let runtime = match threads {
                0 => current_thread(),
                threads => runtime::Builder::new_multi_thread()
                    .worker_threads(threads)
                    .enable_all()
                    .build()
                    .expect("threads can be started"),
            };
            runtime.block_on(async {
                finish(counts.layer(&platform), |_| counts.schedule()).await;
            });
            drop(runtime);
            assert_eq!(platform.pending(), 0, "work is left behind");
        }
        let [ran, reported, dropped] =
            [counts.ran, counts.reported, counts.dropped].map(|count| count.load(SeqCst));
        assert_eq!(ran + reported, 2 * ROUNDS, "{ran} ran");
        assert_eq!(dropped, ROUNDS, "what never ends is dropped");
        assert!(reported >= ROUNDS);
    }
}

#[test]
fn a_response_that_ends_outside_of_every_runtime_runs_its_tasks_where_they_were_scheduled() {
    let (platform, counts) = (InProcess::new(), Counts::default());
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a thread can be started");
    let response = runtime.block_on(call(counts.layer(&platform), |_| counts.schedule()));
    drop(response);
    runtime.block_on(within(async {
        while counts.ran.load(SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    }));
    let report = runtime.block_on(platform.drain(Duration::ZERO));
    assert_eq!(report.abandoned().len(), 1, "{report}");
    drop(runtime);
    assert_eq!(counts.dropped.load(SeqCst), 1);
}

#[test]
fn a_response_that_ends_after_every_runtime_has_its_tasks_reported() {
    let (platform, counts) = (InProcess::new(), Counts::default());
    let runtime = current_thread();
    let response = runtime.block_on(call(counts.layer(&platform), |_| counts.schedule()));
    drop(runtime);
    drop(response);
    let [ran, reported, dropped] =
        [counts.ran, counts.reported, counts.dropped].map(|count| count.load(SeqCst));
    assert_eq!((ran, reported, dropped), (0, 2, 1));
    assert_eq!(platform.pending(), 0);
}
