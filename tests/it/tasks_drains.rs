//! Several drains, and drains that are dropped.

use std::{
    future::{pending, ready},
    sync::Arc,
    task::{Context, Wake, Waker},
    time::Duration,
};

use tokio::{join, time::sleep};
use with_after::{AfterLayer, after, platform::InProcess, task};

use crate::support::{
    fail,
    log::Log,
    platform::{call, finish},
};

const SECOND: Duration = Duration::from_secs(1);

/// A platform, and a layer whose hook writes down every failure.
fn hooked() -> (InProcess, AfterLayer, Log) {
    let (platform, hook) = (InProcess::new(), Log::default());
    let log = hook.clone();
    let layer = AfterLayer::with_platform(platform.clone());
    (platform, layer.on_failure(move |failure| log.add(failure.name())), hook)
}

#[tokio::test(start_paused = true)]
async fn of_two_drains_at_once_one_names_what_is_abandoned_and_none_counts_it_as_failed() {
    for times in [[0, 0], [1, 1], [1, 2], [2, 1]] {
        let (platform, layer, hook) = hooked();
        finish(layer.clone(), |_| {
            task("running").schedule(pending::<()>());
            task("also running").schedule(pending::<()>());
            ready(())
        })
        .await;
        let waiting = call(layer, |_| {
            task("waiting").schedule(|| ());
            ready(())
        })
        .await;
        tokio::task::yield_now().await;
        let [one, other] = times.map(|seconds| platform.drain(seconds * SECOND));
        let (one, other) = join!(one, other);
        let mut abandoned: Vec<_> = one.abandoned().iter().chain(other.abandoned()).collect();
        abandoned.sort_by_key(|task| task.name());
        let names: Vec<_> = abandoned.iter().map(|task| task.name()).collect();
        assert_eq!(names, ["also running", "running", "waiting"], "{times:?}");
        assert_eq!([one.failed(), other.failed()], [0, 0], "{times:?}");
        assert_eq!([one.completed(), other.completed()], [0, 0], "{times:?}");
        assert_eq!(hook.entries().len(), 3, "{times:?}");
        drop(waiting);
    }
}

#[tokio::test(start_paused = true)]
async fn two_drains_at_once_both_wait_and_both_count() {
    let (platform, layer, _) = hooked();
    finish(layer, |_| {
        after(async {
            sleep(3 * SECOND).await;
            after(fail);
        });
        ready(())
    })
    .await;
    let (one, other) = join!(platform.drain(10 * SECOND), platform.drain(20 * SECOND));
    for report in [one, other] {
        assert!(report.is_complete(), "{report}");
        assert_eq!((report.completed(), report.failed()), (1, 1), "{report}");
        assert_eq!(report.elapsed().as_secs(), 3, "{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_abandoned_while_it_ends_is_in_one_account_alone() {
    let (platform, layer, hook) = hooked();
    finish(layer, |_| {
        after(async {
            sleep(SECOND).await;
            after(pending::<()>());
        });
        ready(())
    })
    .await;
    let report = platform.drain(2 * SECOND).await;
    assert_eq!((report.completed(), report.failed()), (1, 0), "{report}");
    assert_eq!(report.abandoned().len(), 1, "{report}");
    assert_eq!(hook.entries().len(), 1);
    let report = platform.drain(2 * SECOND).await;
    assert_eq!((report.failed(), report.abandoned().len()), (0, 0), "{report}");
}

struct Counted;

impl Wake for Counted {
    fn wake(self: Arc<Self>) {}
}

#[tokio::test]
async fn a_drain_that_is_dropped_leaves_nothing_behind() {
    let (platform, layer, hook) = hooked();
    finish(layer, |_| {
        after(pending::<()>());
        ready(())
    })
    .await;
    let counted = Arc::new(Counted);
    let waker = Waker::from(Arc::clone(&counted));
    for _ in 0..1_000 {
        let mut drain = Box::pin(platform.drain(SECOND));
        assert!(drain.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&counted), 1, "wakers of dropped drains are kept");
    assert_eq!((platform.pending(), hook.entries().len()), (1, 0));
    assert_eq!(platform.drain(Duration::ZERO).await.abandoned().len(), 1);
}
