//! Platforms of every manner.

use std::{
    future::ready,
    sync::{Arc, Mutex},
};

use tokio::task::JoinSet;
use with_after::{
    AfterLayer, End, Scope, after, outcome,
    platform::{Platform, Work},
    task,
};

use crate::support::{
    log::{Log, OnDrop},
    platform::{Keeping, call, finish},
    within,
};

#[tokio::test]
async fn work_that_is_polled_early_waits_for_the_end_of_the_response() {
    let (host, log) = (Spawning::default(), Log::default());
    let response = call(AfterLayer::with_platform(host.clone()), |_| {
        let log = log.clone();
        after(move || log.add(format!("{:?}", outcome().expect("it has ended").end())));
        ready(())
    })
    .await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    log.add("response");
    drop(response);

    host.wait().await;
    assert_eq!(log.entries(), ["response", "Completed"]);
}

#[tokio::test]
async fn work_that_is_polled_long_after_the_end_runs_all_tasks() {
    let (host, log) = (Keeping::default(), Log::default());
    finish(AfterLayer::with_platform(host.clone()), |_| {
        for name in ["a", "b"] {
            let log = log.clone();
            after(move || {
                assert_eq!(outcome().expect("it is a task").end(), End::Completed);
                log.add(name);
                after(move || log.add(format!("nested in {name}")));
            });
        }
        ready(())
    })
    .await;
    assert_eq!(log.entries(), [""; 0]);

    within(host.take().remove(0)).await;
    assert_eq!(log.entries(), ["a", "b", "nested in a", "nested in b"]);
    assert_eq!(host.ended.entries(), ["after Completed"; 4]);
}

#[tokio::test]
async fn work_is_handed_over_once_a_request_at_its_first_task() {
    let host = Keeping::default();
    let mut carried = None;
    let response = call(AfterLayer::with_platform(host.clone()), |_| {
        carried = Scope::current();
        assert_eq!(host.count(), 0, "nothing is scheduled");
        after(|| ());
        assert_eq!(host.count(), 1, "handed over at once, for the host to stay alive");
        after(|| ());
        ready(())
    })
    .await;
    drop(response);
    let scope = carried.expect("the layer opened it");
    scope.enter(|| after(|| ()));
    assert_eq!(host.count(), 1, "the work has not ended");
    within(host.take().remove(0)).await;
    assert_eq!(host.ended.entries().len(), 3);

    // The work has ended: a late task needs new work.
    scope.enter(|| after(|| ()));
    scope.enter(|| after(|| ()));
    assert_eq!(host.count(), 1);
    within(host.take().remove(0)).await;
    assert_eq!(host.ended.entries().len(), 5);
}

#[tokio::test]
async fn a_response_without_tasks_hands_over_nothing() {
    let host = Keeping::default();
    finish(AfterLayer::with_platform(host.clone()), |_| ready("hello")).await;
    assert_eq!(host.count(), 0);
}

#[tokio::test]
async fn work_that_is_dropped_reports_each_task_as_abandoned() {
    let (host, log) = (Keeping::default(), Log::default());
    let hooks_log = log.clone();
    let layer = AfterLayer::with_platform(host.clone()).on_failure(move |failure| {
        hooks_log.add(format!("{} {}", failure.name(), failure.cause()));
    });
    let response = call(layer, |_| {
        for name in ["a", "b"] {
            let (ran, dropped) = (log.clone(), OnDrop(log.clone(), "dropped"));
            task(name).schedule(move || {
                ran.add("it ran");
                drop(dropped);
            });
        }
        ready(())
    })
    .await;
    drop(host.take());
    drop(response);

    let mut entries = log.entries();
    entries.sort();
    let abandoned = ["a was abandoned at shutdown", "b was abandoned at shutdown"];
    assert_eq!(entries[..2], abandoned);
    assert_eq!(entries[2..], ["dropped"; 2], "their code is dropped, and has not run");
    assert_eq!(host.ended.entries(), ["a Failed(Abandoned)", "b Failed(Abandoned)"]);
}

#[tokio::test]
async fn work_that_is_dropped_half_way_drops_its_running_tasks() {
    let (host, log) = (Keeping::default(), Log::default());
    finish(AfterLayer::with_platform(host.clone()), |_| {
        task("done").schedule(|| ());
        for name in ["first", "second"] {
            let dropped = OnDrop(log.clone(), name);
            task(name).schedule(async move {
                let _dropped = dropped;
                std::future::pending::<()>().await;
            });
        }
        ready(())
    })
    .await;
    let mut work = host.take().remove(0);
    assert!(futures_util::poll!(&mut work).is_pending());
    assert_eq!(log.entries(), [""; 0]);
    drop(work);

    let mut dropped = log.entries();
    dropped.sort();
    assert_eq!(dropped, ["first", "second"]);
    assert_eq!(
        host.ended.entries(),
        ["done Completed", "first Failed(Abandoned)", "second Failed(Abandoned)"]
    );
}

#[tokio::test]
async fn what_is_scheduled_when_the_work_was_dropped_is_refused_without_a_panic() {
    let host = Keeping::default();
    finish(AfterLayer::with_platform(host.clone()), |_| {
        after(|| ());
        drop(host.take());
        let error = with_after::try_after(|| ()).expect_err("nobody would run it");
        assert!(error.is_abandoned() && !error.is_refused(), "{error}");
        after(|| ());
        ready(())
    })
    .await;
}

/// Polls all work at once.
#[derive(Clone, Default)]
struct Spawning {
    works: Arc<Mutex<JoinSet<()>>>,
}

impl Spawning {
    async fn wait(&self) {
        let works = std::mem::take(&mut *self.works.lock().expect("nobody panics under it"));
        within(works.join_all()).await;
    }
}

impl Platform for Spawning {
    fn wait_until(&self, work: Work) {
        self.works.lock().expect("nobody panics under it").spawn(work);
    }
}
