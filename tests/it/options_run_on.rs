//! After which responses `run_on` has a task run.

use std::{future::pending, panic::AssertUnwindSafe};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt as _;
use http::StatusCode;
use http_body_util::BodyExt as _;
use tokio::task::yield_now;
use with_after::{RunOn, after, redirect, run, task, with_after};

use crate::support::{
    bodies, fail,
    log::{Log, OnDrop},
    platform::{Recording, call, finish},
    within,
};

/// Schedules one task for each choice.
fn schedule(log: &Log) {
    for (name, run_on) in
        [("success", RunOn::Success), ("failure", RunOn::Failure), ("always", RunOn::Always)]
    {
        let log = log.clone();
        task(name).run_on(run_on).schedule(move || log.add(name));
    }
}

const ON_SUCCESS: [&str; 2] = ["success", "always"];
const ON_FAILURE: [&str; 2] = ["failure", "always"];

#[tokio::test]
async fn a_status_below_400_is_success() {
    let statuses = [
        (200, ON_SUCCESS),
        (204, ON_SUCCESS),
        (304, ON_SUCCESS),
        (399, ON_SUCCESS),
        (400, ON_FAILURE),
        (404, ON_FAILURE),
        (500, ON_FAILURE),
        (599, ON_FAILURE),
    ];
    for (status, expected) in statuses {
        let (platform, log) = (Recording::default(), Log::default());
        finish(platform.layer(), async |_| {
            schedule(&log);
            StatusCode::from_u16(status).expect("it is one")
        })
        .await;
        platform.drain().await;
        assert_eq!(log.entries(), expected, "{status}");
        let skipped = if expected == ON_SUCCESS { "failure" } else { "success" };
        let ended = platform.ended.entries();
        assert!(ended.contains(&format!("{skipped} Skipped")), "{status}: {ended:?}");
        assert_eq!(ended.len(), 3, "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_success_also_as_an_err() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), async |_| {
        schedule(&log);
        Err::<(), _>(redirect("/new"))
    })
    .await;
    platform.drain().await;
    assert_eq!(log.entries(), ON_SUCCESS);
}

/// Answers with this body, and returns what ran once `end` has dealt with the response.
async fn ran_after<F: Future<Output = ()>>(body: Body, end: impl FnOnce(Response) -> F) -> Log {
    let (platform, log) = (Recording::default(), Log::default());
    let response = call(platform.layer(), async |_| {
        schedule(&log);
        body.into_response()
    })
    .await;
    end(response).await;
    platform.drain().await;
    log
}

#[tokio::test]
async fn a_response_that_did_not_end_well_is_failure_whatever_its_status() {
    let aborted = ran_after(bodies::stalled("start", pending()), async |mut response| {
        let frame = response.body_mut().frame().await.expect("it starts");
        assert!(frame.is_ok());
    });
    assert_eq!(aborted.await.entries(), ON_FAILURE, "aborted");

    let body_error = ran_after(bodies::failing("start"), async |response| {
        assert!(response.into_body().collect().await.is_err());
    });
    assert_eq!(body_error.await.entries(), ON_FAILURE, "body error");

    let mut parts = 0;
    let probe = bodies::probe(
        move || {
            parts += 1;
            if parts == 2 {
                fail();
            }
            Some("part")
        },
        || (),
    );
    let panicked = ran_after(probe, async |response| {
        assert!(AssertUnwindSafe(response.into_body().collect()).catch_unwind().await.is_err());
    });
    assert_eq!(panicked.await.entries(), ON_FAILURE, "panicked body");
}

#[tokio::test]
async fn a_handler_that_is_dropped_or_panics_is_failure() {
    let (platform, log) = (Recording::default(), Log::default());
    let cancelled = call(platform.layer(), async |_| {
        schedule(&log);
        pending::<()>().await;
    });
    assert!(cancelled.now_or_never().is_none());
    platform.drain().await;
    assert_eq!(log.entries(), ON_FAILURE, "cancelled");

    let (platform, log) = (Recording::default(), Log::default());
    let panicked = call(platform.layer(), async |_| {
        schedule(&log);
        fail();
    });
    assert!(AssertUnwindSafe(panicked).catch_unwind().await.is_err());
    platform.drain().await;
    assert_eq!(log.entries(), ON_FAILURE, "panicked");
}

#[tokio::test]
async fn without_a_response_it_is_success_that_the_function_returned() {
    #[with_after]
    async fn handler(log: Log) {
        schedule(&log);
        pending::<()>().await;
    }

    let log = Log::default();
    run(async { schedule(&log) }).await;
    assert_eq!(log.entries(), ON_SUCCESS);

    let log = Log::default();
    assert!(handler(log.clone()).now_or_never().is_none());
    within(async {
        while log.entries().len() < 2 {
            yield_now().await;
        }
    })
    .await;
    assert_eq!(log.entries(), ON_FAILURE);
}

#[tokio::test]
async fn a_nested_task_is_judged_by_the_same_response() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), async |_| {
        let log = log.clone();
        after(move || schedule(&log));
        StatusCode::BAD_GATEWAY
    })
    .await;
    platform.drain().await;
    assert_eq!(log.entries(), ON_FAILURE);
}

#[tokio::test]
async fn what_does_not_run_is_dropped_when_the_response_is_finished() {
    let (platform, log) = (Recording::default(), Log::default());
    let response = call(platform.layer(), async |_| {
        let dropped = OnDrop(log.clone(), "dropped");
        task("never").run_on(RunOn::Failure).schedule(move || drop(dropped));
    })
    .await;
    log.add("answered");
    drop(response.into_body().collect().await);
    platform.drain().await;
    assert_eq!(log.entries(), ["answered", "dropped"]);
}
