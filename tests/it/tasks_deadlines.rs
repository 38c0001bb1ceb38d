//! How long tasks may run; time is paused, so that it is exact.

use std::{
    future::{pending, ready},
    time::Duration,
};

use tokio::time::{Instant, advance, sleep};
use with_after::{AfterLayer, Scope, TaskBuilder, after, deadline, outcome, task, with_after};

use crate::support::{
    log::{Log, OnDrop},
    platform::{Recording, call, finish},
};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A task that writes down what time it has.
fn look(log: &Log, name: &'static str) -> impl FnOnce() + Send + use<> {
    let log = log.clone();
    move || log.add(format!("{name} {}", left()))
}

/// Returns the seconds that are left for the current task.
fn left() -> String {
    let left = |end| Instant::from_std(end).duration_since(Instant::now()).as_secs().to_string();
    deadline().map_or_else(|| "unlimited".to_owned(), left)
}

#[with_after(route, max_duration = "20s")]
async fn annotated(log: Log) {
    after(look(&log, "handler's"));
    task("own").max_duration(seconds(10)).schedule(look(&log, "own"));
    task("own").max_duration(seconds(90)).schedule(look(&log, "longer own"));
}

#[with_after(route)]
async fn bare(log: Log) {
    after(look(&log, "default"));
    task("own").max_duration(seconds(10)).schedule(look(&log, "own"));
    task("own").max_duration(seconds(90)).schedule(look(&log, "longer own"));
}

#[tokio::test(start_paused = true)]
async fn the_builder_wins_over_the_handler_over_the_layer_over_the_platform_whose_limit_caps_all() {
    let limited = |limit| Recording { max_duration: limit, ..Recording::default() };
    let layers = |platform: Recording, layer: Option<u64>| match layer {
        Some(layer) => platform.layer().max_duration(seconds(layer)),
        None => platform.layer(),
    };
    // The platform's limit, the layer's value, then what the tasks have.
    let with_value = [
        (None, None, [20, 10, 90]),
        (None, Some(30), [20, 10, 90]),
        (Some(60), None, [20, 10, 60]),
        (Some(60), Some(30), [20, 10, 60]),
        (Some(15), Some(30), [15, 10, 15]),
        (Some(5), None, [5, 5, 5]),
    ];
    for (limit, layer, [handlers, own, longer]) in with_value {
        let (platform, log) = (limited(limit.map(seconds)), Log::default());
        finish(layers(platform.clone(), layer), |_| annotated(log.clone())).await;
        platform.drain().await;
        let expected =
            [format!("handler's {handlers}"), format!("own {own}"), format!("longer own {longer}")];
        assert_eq!(log.entries(), expected, "{limit:?} {layer:?}");
    }
    let without_value = [
        (None, None, ["unlimited", "10", "90"]),
        (None, Some(30), ["30", "10", "90"]),
        (Some(60), None, ["60", "10", "60"]),
        (Some(60), Some(30), ["30", "10", "60"]),
        (Some(15), Some(30), ["15", "10", "15"]),
    ];
    for (limit, layer, [default, own, longer]) in without_value {
        let (platform, log) = (limited(limit.map(seconds)), Log::default());
        finish(layers(platform.clone(), layer), |_| bare(log.clone())).await;
        platform.drain().await;
        let expected =
            [format!("default {default}"), format!("own {own}"), format!("longer own {longer}")];
        assert_eq!(log.entries(), expected, "{limit:?} {layer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_innermost_handler_wins_until_it_returns() {
    #[with_after(middleware, max_duration = "7s")]
    async fn outer(log: Log) {
        after(look(&log, "before"));
        annotated(log.clone()).await;
        after(look(&log, "after"));
    }

    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| outer(log.clone())).await;

    platform.drain().await;
    assert_eq!(log.entries(), ["before 7", "handler's 20", "own 10", "longer own 90", "after 7"]);
}

/// As of an invocation of AWS Lambda: it does not wait for the end of the response to begin.
#[tokio::test(start_paused = true)]
async fn no_task_exceeds_the_deadline_of_the_platform() {
    let deadline = Some((Instant::now() + seconds(15)).into_std());
    let (platform, log) = (Recording { deadline, ..Recording::default() }, Log::default());
    let task_log = log.clone();
    finish(platform.layer().max_duration(seconds(30)), |_| async move {
        annotated(task_log.clone()).await;
        task("nested").schedule(move || task("own").schedule(look(&task_log, "nested")));
        advance(seconds(3)).await;
    })
    .await;
    platform.drain().await;
    assert_eq!(log.entries(), ["handler's 12", "own 10", "longer own 12", "nested 12"]);
}

#[tokio::test(start_paused = true)]
async fn the_time_begins_when_the_response_is_finished() {
    let (platform, log) = (Recording::default(), Log::default());
    let response = call(platform.layer(), |_| {
        let log = log.clone();
        async move {
            annotated(log).await;
            sleep(seconds(100)).await;
        }
    })
    .await;
    advance(seconds(100)).await;
    drop(response);

    platform.drain().await;
    assert_eq!(log.entries(), ["handler's 20", "own 10", "longer own 90"]);
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_late_task_begins_when_it_is_scheduled() {
    let (platform, log) = (Recording::default(), Log::default());
    let mut carried = None;
    finish(platform.layer().max_duration(seconds(30)), |_| {
        carried = Scope::current();
        ready(())
    })
    .await;
    advance(seconds(100)).await;
    carried.expect("the layer opened it").enter(|| after(look(&log, "late")));

    platform.drain().await;
    assert_eq!(log.entries(), ["late 30"]);
}

#[tokio::test(start_paused = true)]
async fn nested_tasks_share_what_is_left() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer().max_duration(seconds(30)), |_| {
        let log = log.clone();
        task("outer").max_duration(seconds(10)).schedule(async move {
            sleep(seconds(4)).await;
            after(look(&log, "nested"));
            own(2).schedule(look(&log, "shorter"));
            own(60).schedule(look(&log, "longer"));
            annotated(log.clone()).await;
            after(async move {
                sleep(seconds(1)).await;
                after(look(&log, "nested twice"));
            });
        });
        ready(())
    })
    .await;

    platform.drain().await;
    assert_eq!(
        log.entries(),
        [
            "nested 6",
            "shorter 2",
            "longer 6",
            // A task stays what it is, whatever handlers it calls.
            "handler's 6",
            "own 6",
            "longer own 6",
            "nested twice 5",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_is_dropped_at_its_deadline_and_reported_as_timed_out() {
    let (platform, log) = (Recording::default(), Log::default());
    let layer = AfterLayer::with_platform(platform.clone()).max_duration(seconds(30));
    finish(layer, |_| {
        let (dropped, begun) = (OnDrop(log.clone(), "dropped"), Instant::now());
        let log = log.clone();
        own(10).schedule(async move {
            let _dropped = dropped;
            pending::<()>().await;
        });
        after(async move {
            sleep(seconds(29)).await;
            log.add(format!("other after {} s", begun.elapsed().as_secs()));
        });
        after(pending::<()>());
        ready(())
    })
    .await;

    let report = platform.in_process.drain(seconds(100)).await;
    assert!(report.is_complete(), "{report}");
    assert_eq!(log.entries(), ["dropped", "other after 29 s"]);
    assert_eq!(
        platform.ended.entries(),
        ["own timed out after 10s", "after completed", "after timed out after 30s"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_budget_of_nothing_still_lets_a_task_take_its_first_step() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| {
        own(0).schedule(look(&log, "closure"));
        own(0).schedule(pending::<()>());
        ready(())
    })
    .await;

    platform.drain().await;
    assert_eq!(log.entries(), ["closure 0"]);
    assert_eq!(platform.ended.entries(), ["own completed", "own timed out after 0ns"]);
}

#[tokio::test]
async fn outside_of_a_task_there_is_neither_deadline_nor_outcome() {
    let platform = Recording::default();
    let mut carried = None;
    finish(platform.layer().max_duration(seconds(30)), |_| {
        carried = Scope::current();
        assert_eq!((deadline(), outcome()), (None, None));
        after(|| assert!(deadline().is_some() && outcome().is_some()));
        ready(())
    })
    .await;
    platform.drain().await;
    assert_eq!(platform.ended.entries(), ["after completed"]);
    // The response has ended, and still this is no task.
    let scope = carried.expect("the layer opened it");
    scope.enter(|| assert_eq!((deadline(), outcome()), (None, None)));
    assert_eq!((deadline(), outcome()), (None, None));
}

fn own(limit: u64) -> TaskBuilder {
    task("own").max_duration(seconds(limit))
}
