//! Tasks whose captured values panic when they are dropped, alone and several at once: a panic
//! that met another one would abort the process.

use std::{
    future::{Ready, pending, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use tokio::runtime;
use with_after::{
    AfterLayer, RunOn, Scope, platform::InProcess, run, task, testing::TestScope, try_after,
};

use crate::support::{
    Bomb, fail,
    log::{Log, OnDrop},
    platform::{Keeping, Recording, call, finish},
    within,
};

const NAMES: [&str; 2] = ["first", "second"];

/// Schedules two tasks that hold what must not be dropped carelessly.
fn schedule_bombs(log: &Log) -> Ready<()> {
    for name in NAMES {
        let held = (OnDrop(log.clone(), name), Bomb);
        task(name).schedule(async move {
            let _held = held;
            pending::<()>().await;
        });
    }
    ready(())
}

#[tokio::test]
async fn a_drain_that_abandons_bombs_names_them_all() {
    let (platform, log, hook) = (InProcess::new(), Log::default(), Log::default());
    let hooks_log = hook.clone();
    let layer = AfterLayer::with_platform(platform.clone())
        .on_failure(move |failure| hooks_log.add(failure.name()));
    finish(layer.clone(), |_| schedule_bombs(&log)).await;
    tokio::task::yield_now().await;
    let waiting = call(layer, |_| schedule_bombs(&log)).await;

    let report = platform.drain(Duration::ZERO).await;
    let abandoned: Vec<_> = report.abandoned().iter().map(|task| task.name().to_owned()).collect();
    assert_eq!(abandoned, ["first", "second", "first", "second"], "{report}");
    assert_eq!((report.completed(), report.failed()), (0, 0), "{report}");
    assert_eq!(hook.entries(), abandoned);
    drop(waiting);
    within(async {
        while platform.pending() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let mut dropped = log.entries();
    dropped.sort_unstable();
    assert_eq!(dropped, ["first", "first", "second", "second"]);
}

#[tokio::test]
async fn bombs_that_never_start_go_off_alone() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| {
        for _ in 0..2 {
            drop(schedule_bombs(&log));
        }
        let scope = Scope::current().expect("the layer opened it");
        assert!(scope.cancel("first"));
        let bomb = Bomb;
        task("second").unique().schedule(move || drop(bomb));
        for _ in 0..2 {
            let bomb = Bomb;
            task("skipped").run_on(RunOn::Failure).schedule(move || drop(bomb));
        }
        task("last").schedule(|| ());
        ready(())
    })
    .await;
    assert_eq!(log.entries(), ["first", "first", "second", "second"]);
    platform.drain().await;
    assert_eq!(
        platform.ended.entries(),
        [
            "first Skipped",
            "first Skipped",
            "second Skipped",
            "second Skipped",
            "second panicked: a failure that the test wants",
            "skipped Skipped",
            "skipped Skipped",
            "last completed",
        ]
    );
}

#[tokio::test]
async fn bombs_of_work_that_is_dropped_go_off_alone() {
    for polled in [false, true] {
        let (host, log) = (Keeping::default(), Log::default());
        finish(AfterLayer::with_platform(host.clone()), |_| schedule_bombs(&log)).await;
        let mut works = host.take();
        if polled {
            assert!(futures_util::poll!(&mut works[0]).is_pending());
        }
        drop(works);
        let mut dropped = log.entries();
        dropped.sort_unstable();
        assert_eq!(dropped, NAMES, "polled: {polled}");
        assert_eq!(host.ended.entries(), NAMES.map(|name| format!("{name} Failed(Abandoned)")));
    }
}

#[tokio::test]
async fn bombs_of_work_that_is_dropped_by_a_panic_go_off_alone() {
    let (host, log) = (Keeping::default(), Log::default());
    finish(AfterLayer::with_platform(host.clone()), |_| schedule_bombs(&log)).await;
    let mut works = host.take();
    assert!(futures_util::poll!(&mut works[0]).is_pending());
    let unwinding = catch_unwind(AssertUnwindSafe(|| {
        let _works = works;
        fail();
    }));
    unwinding.expect_err("it panics");
    assert_eq!(log.entries().len(), 2);
    assert_eq!(host.ended.entries(), NAMES.map(|name| format!("{name} Failed(Abandoned)")));
}

#[test]
fn bombs_of_a_runtime_that_ends_go_off_alone() {
    let (platform, log) = (Recording::default(), Log::default());
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a thread can be started");
    runtime.block_on(async {
        for _ in 0..2 {
            finish(platform.layer(), |_| schedule_bombs(&log)).await;
        }
        tokio::task::yield_now().await;
    });
    drop(runtime);
    assert_eq!(log.entries().len(), 4, "all are dropped");
    let abandoned = NAMES.map(|name| format!("{name} was abandoned at shutdown"));
    assert_eq!(platform.ended.entries(), [abandoned.clone(), abandoned].concat());
    assert_eq!(platform.in_process.pending(), 0);
}

#[tokio::test]
async fn bombs_that_are_refused_go_off_within_the_refusal() {
    let platform = InProcess::builder().max_tasks_per_request(1).build();
    finish(AfterLayer::with_platform(platform.clone()), |_| {
        task("only").schedule(|| ());
        for _ in 0..2 {
            let bomb = Bomb;
            let refused = try_after(move || drop(bomb));
            assert!(refused.expect_err("there is room for one").is_overloaded());
        }
        ready(())
    })
    .await;
    let full = InProcess::builder().max_tasks(0).build();
    finish(AfterLayer::with_platform(full), |_| {
        let bomb = Bomb;
        let refused = try_after(move || drop(bomb));
        assert!(refused.expect_err("there is no room").is_overloaded());
        ready(())
    })
    .await;
    assert_eq!(platform.drain(Duration::from_secs(20)).await.completed(), 1);
}

#[tokio::test]
async fn bombs_of_a_run_or_of_a_test_that_is_dropped_go_off_alone() {
    let log = Log::default();
    let mut running = Box::pin(run(async {
        schedule_bombs(&log).await;
        pending::<()>().await;
    }));
    assert!(futures_util::poll!(&mut running).is_pending());
    drop(running);

    let log = Log::default();
    let mut scope = TestScope::new();
    scope.run(async { schedule_bombs(&log).await }).await;
    drop(scope);
    assert_eq!(log.entries(), NAMES);

    let log = Log::default();
    let mut scope = TestScope::new().at_once();
    let mut running = Box::pin(scope.run(async { schedule_bombs(&log).await }));
    assert!(futures_util::poll!(&mut running).is_pending());
    drop(running);
    assert_eq!(log.entries(), [""; 0]);
    drop(scope);
    assert_eq!(log.entries(), NAMES);
}
