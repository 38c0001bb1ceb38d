//! The drain of the process.

use std::{
    future::{pending, ready},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};
use with_after::{AfterLayer, Cause, Kind, Scope, after, platform::InProcess, task, with_after};

use crate::support::{
    fail,
    log::{Log, OnDrop},
    platform::{call, finish},
};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_nested_tasks_and_counts_what_ended_meanwhile() {
    let platform = InProcess::new();
    let layer = AfterLayer::with_platform(platform.clone());
    finish(layer.clone(), |_| {
        after(|| ());
        ready(())
    })
    .await;
    drop(platform.drain(SECOND).await);
    finish(layer, |_| {
        after(async {
            sleep(3 * SECOND).await;
            after(async {
                sleep(4 * SECOND).await;
                after(fail);
                after(|| Err::<(), _>("no"));
                after(|| ());
            });
        });
        ready(())
    })
    .await;
    let report = platform.drain(30 * SECOND).await;

    assert_eq!((report.completed(), report.failed()), (3, 2), "{report}");
    assert_eq!(report.elapsed().as_secs(), 7, "{report}");
    assert!(report.is_complete(), "{report}");
    assert_eq!(platform.pending(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_late_task_holds_the_drain() {
    let platform = InProcess::new();
    finish(AfterLayer::with_platform(platform.clone()), |_| {
        let scope = Scope::current().expect("the layer opened it");
        after(async { sleep(2 * SECOND).await });
        tokio::spawn(async move {
            sleep(SECOND).await;
            scope.enter(|| task("late").schedule(async { sleep(4 * SECOND).await }));
        });
        ready(())
    })
    .await;
    let report = platform.drain(30 * SECOND).await;

    assert_eq!(report.completed(), 2, "{report}");
    assert_eq!(report.elapsed().as_secs(), 5, "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_response_in_progress_holds_the_drain() {
    let platform = InProcess::new();
    let response = call(AfterLayer::with_platform(platform.clone()), |_| {
        after(|| ());
        ready(())
    })
    .await;
    tokio::spawn(async move {
        sleep(5 * SECOND).await;
        drop(response);
    });
    let report = platform.drain(30 * SECOND).await;

    assert_eq!((report.completed(), report.elapsed().as_secs()), (1, 5), "{report}");
}

#[tokio::test(start_paused = true)]
async fn what_hangs_is_abandoned_at_the_deadline_named_and_dropped() {
    #[with_after(server_fn)]
    async fn order(log: Log) {
        let dropped = OnDrop(log, "dropped");
        task("hangs").schedule(async move {
            let _dropped = dropped;
            task("hangs too").schedule(pending::<()>());
            pending::<()>().await;
        });
        after(|| ());
    }

    let (platform, log, hook) = (InProcess::new(), Log::default(), Log::default());
    let hooks_log = hook.clone();
    let layer = AfterLayer::with_platform(platform.clone()).on_failure(move |failure| {
        assert!(matches!(failure.cause(), Cause::Abandoned));
        hooks_log.add(failure.name());
    });
    finish(layer.clone(), |_| order(log.clone())).await;
    sleep(SECOND).await;
    let waiting = call(layer, |_| {
        task("never begins").schedule(fail);
        ready(())
    })
    .await;
    let report = platform.drain(30 * SECOND).await;

    assert_eq!((report.completed(), report.failed()), (0, 0), "{report}");
    assert_eq!(report.elapsed().as_secs(), 30, "{report}");
    let abandoned = report.abandoned().iter();
    let abandoned: Vec<_> =
        abandoned.map(|task| (task.name(), task.kind(), task.age().as_secs())).collect();
    let kind = Some(Kind::ServerFn);
    assert_eq!(
        abandoned,
        [("hangs", kind, 31), ("hangs too", kind, 31), ("never begins", None, 30)]
    );
    assert!(report.abandoned()[0].location().file().ends_with("tasks_drain.rs"));
    assert!(report.to_string().contains("abandoned: `hangs` (tests/it/tasks_drain.rs:"));
    assert_eq!(hook.entries(), ["hangs", "hangs too", "never begins"]);
    drop(waiting);
    // The work is told to end, and drops what runs.
    let begun = Instant::now();
    while log.entries().is_empty() && begun.elapsed() < SECOND {
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(log.entries(), ["dropped"]);
    assert_eq!(platform.pending(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_drain_of_nothing_is_over_at_once_and_the_platform_can_be_used_on() {
    let platform = InProcess::new();
    let report = platform.drain(SECOND).await;
    assert_eq!((report.completed(), report.elapsed()), (0, Duration::ZERO), "{report}");

    finish(AfterLayer::with_platform(platform.clone()), |_| {
        after(|| ());
        ready(())
    })
    .await;
    assert_eq!(platform.drain(SECOND).await.completed(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_is_dropped_abandons_nothing() {
    let (platform, gate) = (InProcess::new(), Arc::new(Notify::new()));
    finish(AfterLayer::with_platform(platform.clone()), |_| {
        let gate = Arc::clone(&gate);
        after(async move { gate.notified().await });
        ready(())
    })
    .await;
    let mut drain = Box::pin(platform.drain(SECOND));
    assert!(futures_util::poll!(&mut drain).is_pending());
    drop(drain);
    assert_eq!(platform.pending(), 1);
    gate.notify_one();

    assert_eq!(platform.drain(SECOND).await.completed(), 1);
}
