//! What happens to a task that is one too many.

use std::{
    future::{pending, ready},
    time::Duration,
};

use axum::{Router, routing::get};
use futures_util::FutureExt as _;
use http::StatusCode;
use tokio::sync::oneshot;
use tracing::Level;
use with_after::{
    AfterLayer, Cause, Scope, after, platform::InProcess, task, try_after, with_after,
};

use crate::support::{
    client,
    log::{Log, OnDrop},
    platform::{call, finish},
    server::axum,
    traces::Traces,
};

async fn drain(platform: &InProcess) {
    let report = platform.drain(Duration::from_secs(10)).await;
    assert!(report.is_complete(), "{report}");
}

/// Leaves a task behind which outlives its response, and never ends by itself.
async fn leave_one(layer: &AfterLayer) {
    finish(layer.clone(), |_| {
        try_after(pending::<()>()).expect("there is room");
        ready(())
    })
    .await;
}

#[tokio::test]
async fn beyond_the_limit_of_the_process_try_after_returns_the_error_and_drops_the_task() {
    let platform = InProcess::builder().max_tasks(2).build();
    let layer = AfterLayer::with_platform(platform.clone());
    let log = Log::default();
    leave_one(&layer).await;
    leave_one(&layer).await;
    let third = finish(layer.clone(), |_| {
        let dropped = OnDrop(log.clone(), "dropped");
        let line = line!() + 1;
        let error = try_after(move || drop(dropped)).expect_err("there is no more room");
        assert!(error.is_overloaded() && !error.is_refused() && !error.is_abandoned());
        let text = error.to_string();
        assert!(text.contains(&format!("tests/it/limits_refused.rs:{line}:")), "{text}");
        assert!(text.contains("the process has 2 tasks already"), "{text}");
        assert!(text.contains("max_tasks"), "{text}");
        ready("hello")
    })
    .await;
    assert_eq!((third.status(), &third.body()[..]), (StatusCode::OK, &b"hello"[..]));
    assert_eq!(log.entries(), ["dropped"]);

    let report = platform.drain(Duration::ZERO).await;
    assert_eq!(report.abandoned().len(), 2, "those that never end: {report}");
    finish(layer, |_| {
        assert!(try_after(|| ()).and(try_after(|| ())).is_ok(), "there is room again");
        ready(())
    })
    .await;
    drain(&platform).await;
}

#[tokio::test]
async fn tasks_that_wait_for_their_response_take_no_room_of_the_process() {
    let platform = InProcess::builder().max_tasks(1).build();
    let layer = AfterLayer::with_platform(platform.clone());
    let mut open = Vec::new();
    for _ in 0..10 {
        let scheduling = |_| {
            try_after(|| ()).and(try_after(|| ())).expect("both belong to the request");
            ready(())
        };
        open.push(call(layer.clone(), scheduling).await);
    }
    drop(open);
    drain(&platform).await;
}

#[tokio::test]
async fn a_task_counts_from_the_end_of_its_response_on() {
    let platform = InProcess::builder().max_tasks(1).build();
    let layer = AfterLayer::with_platform(platform.clone());
    let open = call(layer.clone(), |_| {
        try_after(pending::<()>()).expect("there is room");
        ready(())
    })
    .await;
    let has_room = async || {
        let log = Log::default();
        let seen = log.clone();
        finish(layer.clone(), move |_| {
            seen.add(try_after(|| ()).is_ok().to_string());
            ready(())
        })
        .await;
        log.entries()
    };
    assert_eq!(has_room().await, ["true"]);
    drop(open);
    assert_eq!(has_room().await, ["false"]);
}

#[tokio::test]
async fn beyond_the_limit_after_reports_and_goes_on_and_the_response_is_untouched() {
    #[with_after(route)]
    async fn order() -> &'static str {
        task("audit").schedule(|| ());
        "ordered"
    }

    let (traces, _guard) = Traces::collect();
    let (platform, log) = (InProcess::builder().max_tasks(0).build(), Log::default());
    let hooks_log = log.clone();
    let layer = AfterLayer::with_platform(platform.clone()).on_failure(move |failure| {
        let Cause::NotScheduled(error) = failure.cause() else { panic!("{failure}") };
        assert!(error.is_overloaded());
        hooks_log.add(failure.to_string());
    });
    let address = axum(Router::new().route("/", get(order)).layer(layer)).await;
    let received = client::get(address, "/").await;

    assert_eq!((received.status, &received.body[..]), (200, &b"ordered"[..]));
    let [failure] = &log.entries()[..] else { panic!("{log:?}") };
    assert!(failure.starts_with("task `audit` (tests/it/limits_refused.rs:"), "{failure}");
    assert!(failure.contains("was not scheduled: the process has 0 tasks"), "{failure}");
    let [event] = &traces.events(Level::ERROR)[..] else { panic!("{traces:?}") };
    for part in ["task=\"audit\"", "location=tests/it/limits_refused.rs:", "kind=route", "0 tasks"]
    {
        assert!(event.text.contains(part), "{part} is missing: {}", event.text);
    }
    drain(&platform).await;
}

#[tokio::test]
async fn a_hook_whose_own_work_is_refused_is_not_called_again_for_it() {
    let (platform, log) = (InProcess::builder().max_tasks(0).build(), Log::default());
    let hooks_log = log.clone();
    let layer = AfterLayer::with_platform(platform).on_failure(move |failure| {
        hooks_log.add(failure.name());
        task("mail").schedule(|| ());
    });
    finish(layer, |_| {
        task("first").schedule(|| ());
        task("second").schedule(|| ());
        ready(())
    })
    .await;
    assert_eq!(log.entries(), ["first", "second"]);
}

#[tokio::test]
async fn a_hook_that_schedules_twice_is_not_called_again_either() {
    let (platform, log) = (InProcess::builder().max_tasks(0).build(), Log::default());
    let hooks_log = log.clone();
    let layer = AfterLayer::with_platform(platform).on_failure(move |failure| {
        hooks_log.add(failure.name());
        task("mail").schedule(|| ());
        task("audit").schedule(|| ());
    });
    finish(layer, |_| {
        task("first").schedule(|| ());
        ready(())
    })
    .await;
    assert_eq!(log.entries(), ["first"]);
}

#[tokio::test]
async fn one_request_does_not_take_the_room_of_another() {
    let platform = InProcess::builder().max_tasks_per_request(2).build();
    let layer = AfterLayer::with_platform(platform.clone());
    for _ in 0..2 {
        finish(layer.clone(), |_| {
            assert!(try_after(|| ()).and(try_after(|| ())).is_ok());
            let error = try_after(|| ()).expect_err("the request has its two");
            assert!(error.is_overloaded());
            let text = error.to_string();
            assert!(text.contains("the request has 2 tasks"), "{text}");
            assert!(text.contains("max_tasks_per_request"), "{text}");
            ready(())
        })
        .await;
    }
    drain(&platform).await;
}

#[tokio::test]
async fn nested_and_running_tasks_count_and_ended_ones_do_not() {
    let platform = InProcess::builder().max_tasks_per_request(2).build();
    let log = Log::default();
    finish(AfterLayer::with_platform(platform.clone()), |_| {
        let log = log.clone();
        after(async move {
            // This one runs: there is room for one beside it.
            let (ended, wait) = oneshot::channel();
            log.add(format!(
                "first: {}",
                try_after(move || ended.send(()).expect("it waits")).is_ok()
            ));
            log.add(format!("second: {}", try_after(|| ()).is_ok()));
            wait.await.expect("it ends");
            tokio::task::yield_now().await;
            log.add(format!("third: {}", try_after(|| ()).is_ok()));
        });
        ready(())
    })
    .await;
    drain(&platform).await;
    assert_eq!(log.entries(), ["first: true", "second: false", "third: true"]);
}

#[tokio::test]
async fn however_a_task_ends_it_gives_its_room_back() {
    fn fail() {
        crate::support::fail();
    }

    let platform = InProcess::builder().max_tasks(1).max_tasks_per_request(1).build();
    let layer = AfterLayer::with_platform(platform.clone());
    let ways: [(&str, fn()); 7] = [
        ("completed", || after(|| ())),
        ("failed", || after(|| Err::<(), _>("no"))),
        ("panicked", || after(fail)),
        ("timed out", || task("it").max_duration(Duration::ZERO).schedule(pending::<()>())),
        ("skipped", || task("it").run_on(with_after::RunOn::Failure).schedule(|| ())),
        ("cancelled", || {
            task("it").schedule(|| ());
            assert!(Scope::current().expect("it is in one").cancel("it"));
        }),
        ("refused by its request", || {
            after(|| ());
            assert!(try_after(|| ()).is_err());
        }),
    ];
    for (way, schedule) in ways {
        finish(layer.clone(), |_| {
            schedule();
            ready(())
        })
        .await;
        drain(&platform).await;
        finish(layer.clone(), |_| {
            try_after(|| ()).unwrap_or_else(|error| panic!("{way}: {error}"));
            ready(())
        })
        .await;
        drain(&platform).await;
    }

    // A request that is dropped half-way.
    let dropped = call(layer.clone(), async |_| {
        after(|| ());
        pending::<()>().await;
    });
    assert!(dropped.now_or_never().is_none());
    drain(&platform).await;
    finish(layer, |_| {
        try_after(|| ()).expect("there is room");
        ready(())
    })
    .await;
    drain(&platform).await;
}

#[tokio::test]
async fn a_unique_task_takes_the_place_of_the_one_that_it_replaces_also_at_the_limits() {
    for builder in [
        InProcess::builder().max_tasks(1),
        InProcess::builder().max_tasks(1).max_tasks_per_request(1),
    ] {
        let (platform, log) = (builder.build(), Log::default());
        let layer = AfterLayer::with_platform(platform.clone());
        finish(layer.clone(), async |_| {
            let earlier = log.clone();
            task("mail").schedule(move || earlier.add("earlier"));
            // The process is full from here on.
            leave_one(&layer).await;
            let last = log.clone();
            let replaces = task("mail").unique().try_schedule(move || last.add("last"));
            replaces.expect("it needs no more room");
        })
        .await;
        drop(platform.drain(Duration::ZERO).await);
        finish(layer, |_| ready(())).await;
        drain(&platform).await;
        assert_eq!(log.entries(), ["last"]);
    }
}

#[tokio::test]
async fn the_defaults_are_those_of_the_documentation() {
    let platform = InProcess::new();
    let log = Log::default();
    finish(AfterLayer::with_platform(platform.clone()), |_| {
        let scheduled = (0..1_001).filter(|_| try_after(|| ()).is_ok()).count();
        log.add(scheduled.to_string());
        ready(())
    })
    .await;
    drain(&platform).await;
    assert_eq!(log.entries(), ["1000"], "the process's 100,000 are in `limits_flood`");
}
