//! `run`: a scope without a request.

use std::{future::pending, sync::Arc, time::Duration};

use tokio::sync::{Notify, Semaphore};
use with_after::{Scope, after, outcome, platform, run, try_after, try_cookies, try_headers};

use crate::support::{fail, log::Log, within};

#[tokio::test]
async fn run_returns_the_output_when_all_tasks_have_ended_nested_ones_too() {
    let log = Log::default();
    let output = within(run(async {
        let tasks_log = log.clone();
        after(async move {
            tokio::task::yield_now().await;
            tasks_log.add("task");
            after(async move {
                tokio::task::yield_now().await;
                tasks_log.add("nested");
            });
        });
        tokio::task::yield_now().await;
        log.add("future");
        3
    }))
    .await;
    log.add("returned");

    assert_eq!(output, 3);
    assert_eq!(log.entries(), ["future", "task", "nested", "returned"]);
}

#[tokio::test]
async fn run_survives_tasks_that_fail() {
    let log = Log::default();
    within(run(async {
        after(fail);
        after(|| Err::<(), _>("no"));
        let log = log.clone();
        after(move || log.add("task"));
    }))
    .await;

    assert_eq!(log.entries(), ["task"]);
}

#[tokio::test]
async fn run_waits_for_a_task_that_is_scheduled_while_others_end() {
    let (log, gate) = (Log::default(), Arc::new(Notify::new()));
    within(run(async {
        let scope = Scope::current().expect("`run` opened it");
        let (spawned_log, opened) = (log.clone(), Arc::clone(&gate));
        let spawned = tokio::spawn(scope.run(async move {
            opened.notified().await;
            after(move || spawned_log.add("from a spawned task"));
        }));
        after(async move {
            gate.notify_one();
            spawned.await
        });
    }))
    .await;

    assert_eq!(log.entries(), ["from a spawned task"]);
}

#[tokio::test]
async fn the_request_apis_say_that_there_is_no_request() {
    fn no_request() -> bool {
        try_headers().is_err_and(|error| error.is_no_request())
            && try_cookies().is_err_and(|error| error.is_no_request())
            && outcome().is_none()
    }

    let log = Log::default();
    within(run(async {
        assert!(no_request());
        let message = try_headers().expect_err("there is none").to_string();
        assert!(message.contains("in `run` and in a job; pass what the code needs"), "{message}");
        assert!(!message.contains("AfterLayer"), "no layer would help: {message}");
        let log = log.clone();
        after(move || log.add(no_request().to_string()));
    }))
    .await;

    assert_eq!(log.entries(), ["true"]);
}

#[tokio::test]
async fn a_run_inside_of_a_run_waits_for_its_own_tasks_alone() {
    let log = Log::default();
    within(run(async {
        let outer = log.clone();
        after(move || outer.add("outer"));
        let inner = log.clone();
        run(async move { after(move || inner.add("inner")) }).await;
        log.add("between");
    }))
    .await;

    assert_eq!(log.entries(), ["inner", "between", "outer"]);
}

#[tokio::test]
async fn after_a_run_there_is_no_scope() {
    within(run(async {})).await;
    assert!(try_after(|| ()).is_err_and(|error| error.is_outside_scope()));
}

#[tokio::test]
async fn the_tasks_of_a_run_that_is_dropped_in_its_future_run_in_the_process() {
    let ran = Arc::new(Notify::new());
    let tasks_ran = Arc::clone(&ran);
    let mut half = Box::pin(run(async move {
        after(move || tasks_ran.notify_one());
        pending::<()>().await;
    }));
    assert!(futures_util::poll!(&mut half).is_pending());
    drop(half);

    within(ran.notified()).await;
}

#[tokio::test]
async fn the_tasks_of_a_run_that_is_dropped_while_they_run_go_on_in_the_process() {
    let (ran, gate) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let (tasks_ran, tasks_gate) = (Arc::clone(&ran), Arc::clone(&gate));
    let mut half = Box::pin(run(async move {
        after(async move {
            drop(tasks_gate.acquire().await);
            after(move || tasks_ran.notify_one());
        });
    }));
    assert!(futures_util::poll!(&mut half).is_pending());
    drop(half);
    assert!(platform::in_process().pending() > 0, "a drain of the process waits for it");
    gate.add_permits(1);

    within(ran.notified()).await;
}

#[test]
fn run_needs_no_server_and_ends_with_its_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let log = Log::default();
    let tasks_log = log.clone();
    runtime.expect("it starts").block_on(async move {
        run(async move {
            after(async move {
                tokio::time::sleep(Duration::from_millis(1)).await;
                tasks_log.add("task");
            });
        })
        .await;
    });

    assert_eq!(log.entries(), ["task"]);
}
