//! Jobs are stored, and run when the response is finished.

use std::time::Duration;

use riverqueue::{JobState, jiff::Timestamp};
use tokio::sync::oneshot;
use with_after::{Scope, after, run};
use with_after_jobs::{Jobs, job, riverqueue};

use crate::support::{
    Running,
    engines::{Engine, on_each_engine},
    list, quick,
    seen::{Seen, tell},
    until,
};

on_each_engine!(
    a_job_runs_with_its_arguments,
    a_job_waits_for_the_end_of_its_scope,
    a_job_whose_process_never_finishes_the_response_runs_when_the_hold_is_over,
    a_handler_that_is_dropped_releases_its_job,
    a_job_enqueued_by_a_task_starts_at_once,
    a_job_enqueued_by_a_job_starts_at_once,
    a_job_that_was_cancelled_before_the_end_is_not_released,
    an_insert_that_outlasts_its_response_is_released_all_the_same,
);

fn open(engine: &Engine, seen: &Seen) -> Jobs {
    quick(engine).job::<tell>().job::<again>().state(seen.clone()).build().unwrap()
}

async fn a_job_runs_with_its_arguments(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let workers = Running::start(&jobs);
    let id = jobs.enqueue(tell("hello \"wörld\"".into())).await.unwrap().id();
    assert_eq!(seen.next().await, "hello \"wörld\"");

    let done = until(jobs.client(), JobState::Completed, 1).await.remove(0);
    assert_eq!((done.id, done.kind.as_str(), done.attempt), (id, "tell", 1));
    workers.stop().await;
    assert_eq!(seen.all().len(), 1);
}

async fn a_job_waits_for_the_end_of_its_scope(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let workers = Running::start(&jobs);
    run(async {
        jobs.enqueue(tell("job".into())).await.unwrap();
        // It is stored, and not due for a minute.
        let held = list(jobs.client(), JobState::Scheduled).await.remove(0);
        let waits = held.scheduled_at.duration_since(Timestamp::now()).as_secs();
        assert!(waits > 50, "{waits}");
        // Other jobs run meanwhile.
        let other = jobs.clone();
        tokio::spawn(async move { other.enqueue(tell("other".into())).await.unwrap() })
            .await
            .unwrap();
        assert_eq!(seen.next().await, "other");
        seen.tell("response");
    })
    .await;
    assert_eq!(seen.next().await, "response");
    assert_eq!(seen.next().await, "job");
    workers.stop().await;
}

async fn a_job_whose_process_never_finishes_the_response_runs_when_the_hold_is_over(
    engine: Engine,
) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<tell>().state(seen.clone()).hold(Duration::from_secs(1));
    let jobs = jobs.build().unwrap();
    let workers = Running::start(&jobs);
    let (_never, end) = oneshot::channel::<()>();
    let handler = jobs.clone();
    let response = tokio::spawn(run(async move {
        handler.enqueue(tell("job".into())).await.unwrap();
        drop(end.await);
    }));
    assert_eq!(seen.next().await, "job");
    assert!(!response.is_finished());
    workers.stop().await;
}

async fn a_handler_that_is_dropped_releases_its_job(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let workers = Running::start(&jobs);
    let (stored, is_stored) = oneshot::channel();
    let handler = jobs.clone();
    let handler = tokio::spawn(run(async move {
        handler.enqueue(tell("job".into())).await.unwrap();
        stored.send(()).unwrap();
        std::future::pending::<()>().await;
    }));
    is_stored.await.unwrap();
    handler.abort();
    assert_eq!(seen.next().await, "job");
    workers.stop().await;
}

async fn a_job_enqueued_by_a_task_starts_at_once(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let workers = Running::start(&jobs);
    run(async {
        let (jobs, seen) = (jobs.clone(), seen.clone());
        after(async move {
            assert!(Scope::current().is_some());
            jobs.enqueue(tell("job".into())).await.unwrap();
            // The task goes on, and the job does not wait for it.
            assert_eq!(seen.next().await, "job");
            seen.tell("task");
        });
    })
    .await;
    assert_eq!(seen.all(), ["job", "task"]);
    workers.stop().await;
}

#[job]
async fn again(client: &riverqueue::Client, seen: &Seen) -> Result<(), riverqueue::Error> {
    client.insert(tell("child".into())).await?;
    // The child does not wait for this one.
    seen.gate.acquire().await.unwrap().forget();
    seen.tell("parent");
    Ok(())
}

async fn a_job_enqueued_by_a_job_starts_at_once(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let workers = Running::start(&jobs);
    jobs.enqueue(again()).await.unwrap();
    assert_eq!(seen.next().await, "child");
    seen.gate.add_permits(1);
    assert_eq!(seen.next().await, "parent");
    workers.stop().await;
}

async fn a_job_that_was_cancelled_before_the_end_is_not_released(engine: Engine) {
    let jobs = quick(&engine).build().unwrap();
    run(async {
        let id = jobs.enqueue(tell("job".into())).await.unwrap().id();
        jobs.client().jobs().cancel(id).await.unwrap();
    })
    .await;
    assert_eq!(list(jobs.client(), JobState::Cancelled).await.len(), 1);
    assert!(list(jobs.client(), JobState::Available).await.is_empty());
}

async fn an_insert_that_outlasts_its_response_is_released_all_the_same(engine: Engine) {
    let jobs = quick(&engine).build().unwrap();
    let tx = engine.begin().await;
    let (inserted, is_inserted) = oneshot::channel();
    let (finished, is_finished) = oneshot::channel::<()>();
    let mut late = None;
    run(async {
        let (scope, jobs) = (Scope::current().unwrap(), jobs.clone());
        let job = scope.run(async move {
            let mut tx = tx;
            tx.enqueue(&jobs, tell("job".into())).await;
            inserted.send(()).unwrap();
            drop(is_finished.await);
            tx.commit().await;
        });
        late = Some(tokio::spawn(job));
        is_inserted.await.unwrap();
        // The response ends now, and the transaction a moment later.
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            drop(finished);
        });
    })
    .await;
    late.unwrap().await.unwrap();
    assert_eq!(list(jobs.client(), JobState::Available).await.len(), 1);
}
