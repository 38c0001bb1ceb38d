//! A test's scope in which several handlers are run, or which is dropped.

use std::future::pending;

use with_after::{Cookie, Scope, after, cookies, task, testing::TestScope};

use crate::support::log::{Log, OnDrop};

#[tokio::test]
async fn each_run_keeps_its_cookies_also_at_once() {
    for at_once in [false, true] {
        let scope = TestScope::new();
        let mut scope = if at_once { scope.at_once() } else { scope };
        for name in ["first", "second"] {
            scope
                .run(async move {
                    let jar = cookies().await;
                    jar.set(Cookie::new(name, "written")).expect("the head is not sent");
                    task(name).schedule(|| ());
                })
                .await;
        }
        let report = scope.finish().await;
        let mut names: Vec<_> = report.set_cookies().iter().map(Cookie::name).collect();
        names.sort_unstable();
        assert_eq!(names, ["first", "second"], "at once: {at_once}");
        assert_eq!(report.tasks().len(), 2);
    }
}

#[tokio::test]
async fn a_scope_that_is_dropped_drops_its_tasks_waiting_or_running() {
    for at_once in [false, true] {
        let log = Log::default();
        let scope = TestScope::new();
        let mut scope = if at_once { scope.at_once() } else { scope };
        let (held, schedules) = (OnDrop(log.clone(), "task"), OnDrop(log.clone(), "nested"));
        let handler = async move {
            after(async move {
                let _held = held;
                after(async move {
                    let _schedules = schedules;
                    pending::<()>().await;
                });
                pending::<()>().await;
            });
        };
        let mut running = Box::pin(scope.run(handler));
        let polled = futures_util::poll!(&mut running);
        assert_eq!(polled.is_pending(), at_once, "at once it waits for the tasks");
        drop(running);
        assert_eq!(log.entries(), [""; 0]);
        drop(scope);
        let mut dropped = log.entries();
        dropped.sort_unstable();
        assert_eq!(dropped, ["nested", "task"], "at once: {at_once}");
    }
}

#[tokio::test]
async fn what_a_carried_scope_schedules_after_its_test_is_refused_or_left_to_the_process() {
    let mut scope = TestScope::new();
    let carried = scope.run(async { Scope::current().expect("the test opened it") }).await;
    drop(scope);
    let log = Log::default();
    let held = OnDrop(log.clone(), "dropped");
    drop(carried.enter(|| with_after::try_after(move || drop(held))));
    tokio::task::yield_now().await;
    assert_eq!(log.entries(), ["dropped"]);
}
