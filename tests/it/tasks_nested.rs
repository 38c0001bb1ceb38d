//! Tasks that schedule tasks, and tasks that come late.

use std::{future::ready, sync::Arc};

use http::Method;
use tokio::sync::{Notify, Semaphore};
use with_after::{AfterLayer, End, Scope, after, task};

use crate::support::{
    client::{Client, get, request},
    log::Log,
    outcomes::outcomes,
    platform::{Recording, finish},
    server::{EVERYWHERE, Host, Version, start},
    within,
};

#[tokio::test]
async fn tasks_nest_to_any_depth_and_see_the_same_end() {
    const DEPTH: usize = 2_000;

    fn nest(depth: usize, reached: Arc<Semaphore>) {
        assert_eq!(with_after::outcome().expect("it is a task").body_bytes(), 5);
        reached.add_permits(1);
        if depth.is_multiple_of(2) && depth < DEPTH {
            after(async move {
                tokio::task::yield_now().await;
                nest(depth + 1, reached);
            });
        } else if depth < DEPTH {
            after(move || nest(depth + 1, reached));
        }
    }

    let platform = Recording::default();
    let reached = Arc::new(Semaphore::new(0));
    finish(platform.layer(), |_| {
        let reached = Arc::clone(&reached);
        after(move || nest(1, reached));
        ready("hello")
    })
    .await;

    platform.drain().await;
    assert_eq!(reached.available_permits(), DEPTH);
    assert_eq!(platform.ended.entries().len(), DEPTH);
}

#[tokio::test]
async fn a_nested_task_starts_while_the_outer_one_still_runs() {
    let platform = Recording::default();
    let gate = Arc::new(Notify::new());
    finish(platform.layer(), |_| {
        task("outer").schedule(async move {
            let opened = Arc::clone(&gate);
            task("nested").schedule(move || opened.notify_one());
            within(gate.notified()).await;
        });
        ready(())
    })
    .await;

    platform.drain().await;
    assert_eq!(platform.ended.entries(), ["nested completed", "outer completed"]);
}

#[tokio::test]
async fn nested_tasks_start_after_all_that_were_scheduled_before_them() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| {
        for name in ["a", "b"] {
            let log = log.clone();
            after(move || {
                log.add(name);
                after(move || log.add(format!("nested in {name}")));
            });
        }
        ready(())
    })
    .await;

    platform.drain().await;
    assert_eq!(log.entries(), ["a", "b", "nested in a", "nested in b"]);
}

#[tokio::test]
async fn a_late_task_runs_and_sees_how_the_response_ended() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let gate = Arc::new(Notify::new());
        let handlers_gate = Arc::clone(&gate);
        let address = start(at, AfterLayer::new(), move |_| {
            let scope = Scope::current().expect("the layer opened it");
            let (report, gate) = (report.clone(), Arc::clone(&handlers_gate));
            report.schedule();
            tokio::spawn(scope.run(async move {
                gate.notified().await;
                report.schedule();
            }));
            ready("hello")
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        client.fetch(request(Method::GET, "/")).await.expect("a whole response comes");
        let first = outcomes.next().await;
        // Now the queue is idle, or about to be.
        gate.notify_one();

        assert_eq!(first, (Some(200), End::Completed, 5), "{at:?}");
        assert_eq!(outcomes.next().await, first, "{at:?}");
    }
}

#[tokio::test]
async fn a_late_task_is_pending_again_though_the_work_of_its_request_had_ended() {
    for schedules_before in [true, false] {
        let platform = Recording::default();
        let (gate, hold) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
        let (handlers_gate, handlers_hold) = (Arc::clone(&gate), Arc::clone(&hold));
        let at = (Host::Axum, Version::Http1);
        let address = start(at, platform.layer(), move |_| {
            let scope = Scope::current().expect("the layer opened it");
            let (gate, hold) = (Arc::clone(&handlers_gate), Arc::clone(&handlers_hold));
            if schedules_before {
                task("early").schedule(|| ());
            }
            tokio::spawn(scope.run(async move {
                gate.notified().await;
                task("late").schedule(async move { drop(hold.acquire().await) });
                gate.notify_one();
            }));
            ready(())
        })
        .await;
        get(address, "/").await;
        platform.drain().await;
        assert_eq!(platform.in_process.pending(), 0);

        gate.notify_one();
        tokio::task::yield_now().await;
        within(gate.notified()).await;
        assert_eq!(platform.in_process.pending(), 1, "the late task holds the drain");
        hold.add_permits(1);
        platform.drain().await;

        assert_eq!(platform.ended.entries().last().map(String::as_str), Some("late completed"));
    }
}
