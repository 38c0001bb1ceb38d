//! What feature `metrics` tells a recorder.

use std::{
    collections::BTreeMap,
    future::{pending, ready},
    time::Duration,
};

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tokio::{
    sync::oneshot,
    time::{advance, sleep},
};
use with_after::{RunOn, after, task, with_after};

use crate::support::{
    fail,
    platform::{Recording, call, finish},
};

/// Names and labels, and what they stand at.
fn snapshot(snapshotter: &Snapshotter) -> BTreeMap<String, String> {
    let metrics = snapshotter.snapshot().into_vec().into_iter().map(|(key, _, _, value)| {
        let labels = key.key().labels().map(|label| format!(" {}={}", label.key(), label.value()));
        let name = key.key().name().trim_start_matches("with_after_task");
        let value = match value {
            DebugValue::Counter(count) => count.to_string(),
            DebugValue::Gauge(level) => level.to_string(),
            DebugValue::Histogram(values) => {
                let mut values: Vec<_> = values.into_iter().map(f64::from).collect();
                values.sort_by(f64::total_cmp);
                format!("{values:?}")
            }
        };
        (name.to_owned() + &labels.collect::<String>(), value)
    });
    metrics.collect()
}

/// The gauges: a snapshot tells by how much they have changed since the one before.
struct Levels {
    snapshotter: Snapshotter,
    levels: [i64; 2],
}

impl Levels {
    fn look(&mut self) -> [i64; 2] {
        let found = snapshot(&self.snapshotter);
        for (level, name) in self.levels.iter_mut().zip(["s_pending", "s_running"]) {
            *level += found.get(name).map_or(0, |change| change.parse::<i64>().expect("a number"));
        }
        self.levels
    }
}

#[tokio::test]
async fn pending_and_running_follow_the_tasks() {
    let recorder = DebuggingRecorder::new();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let mut gauges = Levels { snapshotter: recorder.snapshotter(), levels: [0; 2] };
    let platform = Recording::default();
    let (go_on, wait) = oneshot::channel::<()>();
    let response = call(platform.layer(), |_| {
        after(async { drop(wait.await) });
        after(|| ());
        task("cancelled").schedule(|| ());
        ready(())
    })
    .await;
    assert_eq!(gauges.look(), [3, 0]);
    let other = call(platform.layer(), |_| {
        task("waits").schedule(pending::<()>());
        task("waits").unique().schedule(pending::<()>());
        ready(())
    })
    .await;
    assert_eq!(gauges.look(), [4, 0], "one was replaced");
    drop(response);
    tokio::task::yield_now().await;
    assert_eq!(gauges.look(), [1, 1]);
    go_on.send(()).expect("it waits");
    tokio::task::yield_now().await;
    assert_eq!(gauges.look(), [1, 0]);
    // Abandoned while it waits.
    drop(platform.in_process.drain(Duration::ZERO).await);
    drop(other);
    assert_eq!(gauges.look(), [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn ended_tasks_are_counted_by_kind_and_result() {
    #[with_after(component)]
    async fn page() {
        after(|| ());
        after(|| ());
        after(|| Err::<(), _>("no"));
        after(fail);
        task("late").max_duration(Duration::from_secs(1)).schedule(pending::<()>());
        task("never").run_on(RunOn::Failure).schedule(|| ());
    }

    let recorder = DebuggingRecorder::new();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let snapshotter = recorder.snapshotter();
    let platform = Recording::default();
    finish(platform.layer(), |_| page()).await;
    platform.drain().await;
    finish(platform.layer(), |_| {
        after(pending::<()>());
        ready(())
    })
    .await;
    tokio::task::yield_now().await;
    drop(platform.in_process.drain(Duration::ZERO).await);

    let found = snapshot(&snapshotter);
    let counts: Vec<_> = found.iter().filter(|(name, _)| name.starts_with("s_total")).collect();
    let counts: Vec<_> =
        counts.into_iter().map(|(name, count)| format!("{name}: {count}")).collect();
    assert_eq!(
        counts,
        [
            "s_total kind=component result=completed: 2",
            "s_total kind=component result=failed: 1",
            "s_total kind=component result=panicked: 1",
            "s_total kind=component result=skipped: 1",
            "s_total kind=component result=timed_out: 1",
            "s_total kind=none result=abandoned: 1",
        ]
    );
    assert_eq!((&*found["s_pending"], &*found["s_running"]), ("0", "0"));
}

#[tokio::test(start_paused = true)]
async fn queue_wait_and_run_time_are_histograms_in_seconds() {
    let recorder = DebuggingRecorder::new();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let platform = Recording::default();
    let response = call(platform.layer(), |_| {
        after(async { sleep(Duration::from_secs(3)).await });
        after(|| ());
        ready(())
    })
    .await;
    advance(Duration::from_secs(5)).await;
    drop(response);
    platform.drain().await;

    let found = snapshot(&recorder.snapshotter());
    assert_eq!(found["_queue_wait_seconds"], "[5.0, 5.0]");
    let run_times = &found["_run_time_seconds"];
    assert!(run_times.starts_with("[0.0, 3.0"), "{run_times}");
}
