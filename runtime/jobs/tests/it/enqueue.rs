//! Jobs are stored, and run when the response is finished.

use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;
use with_after::{Scope, after};
use with_after_jobs::{JobState, Jobs, Store};

use crate::support::{
    Running,
    engines::on_each_engine,
    list, quick,
    seen::{Seen, tell},
    until, within,
};

on_each_engine!(
    a_job_runs_with_its_arguments,
    a_job_waits_for_the_end_of_its_scope,
    a_job_whose_process_never_finishes_the_response_runs_when_the_hold_is_over,
    a_handler_that_is_dropped_releases_its_job,
    a_job_enqueued_by_a_task_starts_at_once,
    a_key_stores_a_job_once,
    keys_of_different_functions_are_different,
    a_delayed_job_waits,
    a_release_does_not_shorten_a_delay,
);

async fn a_job_runs_with_its_arguments<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = Running::start(quick(&jobs).job::<tell>().state(seen.clone()).build().unwrap());
    let line = line!() + 1;
    let enqueued = jobs.enqueue(tell("hello \"wörld\"".into())).await.unwrap();
    assert!(enqueued.is_new());
    assert_eq!(seen.next().await, "hello \"wörld\"");

    let done = until(&jobs, JobState::Done, 1).await.remove(0);
    assert_eq!((done.id(), done.name(), done.attempts()), (enqueued.id(), "tell", 1));
    assert_eq!(done.arguments()["what"], "hello \"wörld\"");
    assert!(done.called_at().starts_with(&format!("{}:{line}:", file!())), "{}", done.called_at());
    workers.stop().await;
    assert_eq!(seen.all().len(), 1);
}

async fn a_job_waits_for_the_end_of_its_scope<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = Running::start(quick(&jobs).job::<tell>().state(seen.clone()).build().unwrap());
    with_after::run(async {
        jobs.enqueue(tell("job".into())).await.unwrap();
        // It is stored, and not due for a minute.
        let held = list(&jobs, JobState::Pending).await;
        let waits = held[0].run_at().duration_since(SystemTime::now()).unwrap();
        assert!(waits > Duration::from_secs(50), "{waits:?}");
        // Other jobs run meanwhile.
        tokio::spawn({
            let jobs = jobs.clone();
            async move { jobs.enqueue(tell("other".into())).await }
        })
        .await
        .unwrap()
        .unwrap();
        assert_eq!(seen.next().await, "other");
        seen.tell("response");
    })
    .await;
    assert_eq!(seen.next().await, "response");
    assert_eq!(seen.next().await, "job");
    workers.stop().await;
}

async fn a_job_whose_process_never_finishes_the_response_runs_when_the_hold_is_over<S: Store>(
    jobs: Jobs<S>,
) {
    let seen = Seen::new();
    let jobs = jobs.hold(Duration::from_secs(1));
    let workers = Running::start(quick(&jobs).job::<tell>().state(seen.clone()).build().unwrap());
    let (_never, end) = oneshot::channel::<()>();
    let response = tokio::spawn(with_after::run({
        let jobs = jobs.clone();
        async move {
            jobs.enqueue(tell("job".into())).await.unwrap();
            drop(end.await);
        }
    }));
    assert_eq!(seen.next().await, "job");
    assert!(!response.is_finished());
    workers.stop().await;
}

async fn a_handler_that_is_dropped_releases_its_job<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = Running::start(quick(&jobs).job::<tell>().state(seen.clone()).build().unwrap());
    let (stored, is_stored) = oneshot::channel();
    let handler = tokio::spawn(with_after::run({
        let jobs = jobs.clone();
        async move {
            jobs.enqueue(tell("job".into())).await.unwrap();
            stored.send(()).unwrap();
            std::future::pending::<()>().await;
        }
    }));
    is_stored.await.unwrap();
    handler.abort();
    assert_eq!(seen.next().await, "job");
    workers.stop().await;
}

async fn a_job_enqueued_by_a_task_starts_at_once<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = Running::start(quick(&jobs).job::<tell>().state(seen.clone()).build().unwrap());
    with_after::run(async {
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

async fn a_key_stores_a_job_once<S: Store>(jobs: Jobs<S>) {
    let first = jobs.enqueue(tell("first".into()).key("order 7")).await.unwrap();
    let second = jobs.enqueue(tell("second".into()).key("order 7")).await.unwrap();
    let other = jobs.enqueue(tell("other".into()).key("order 8")).await.unwrap();
    assert!(first.is_new() && !second.is_new() && other.is_new());
    assert_eq!(second.id(), first.id());

    let seen = Seen::new();
    let workers = Running::start(quick(&jobs).job::<tell>().state(seen.clone()).build().unwrap());
    until(&jobs, JobState::Done, 2).await;
    // A job that is done keeps its key.
    let third = jobs.enqueue(tell("third".into()).key("order 7")).await.unwrap();
    assert_eq!((third.is_new(), third.id()), (false, first.id()));
    workers.stop().await;
    let mut all = seen.all();
    all.sort();
    assert_eq!(all, ["first", "other"]);
}

async fn keys_of_different_functions_are_different<S: Store>(jobs: Jobs<S>) {
    use crate::support::seen::wait;
    let one = jobs.enqueue(tell("one".into()).key("7")).await.unwrap();
    let two = jobs.enqueue(wait("two".into()).key("7")).await.unwrap();
    assert!(one.is_new() && two.is_new());
}

async fn a_delayed_job_waits<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = Running::start(quick(&jobs).job::<tell>().state(seen.clone()).build().unwrap());
    let begin = tokio::time::Instant::now();
    jobs.enqueue(tell("late".into()).delay(Duration::from_millis(1500))).await.unwrap();
    jobs.enqueue(tell("soon".into())).await.unwrap();
    assert_eq!(seen.next().await, "soon");
    assert_eq!(seen.next().await, "late");
    // Stored to the second, and never early.
    assert!(begin.elapsed() >= Duration::from_millis(1500));
    workers.stop().await;
}

async fn a_release_does_not_shorten_a_delay<S: Store>(jobs: Jobs<S>) {
    with_after::run(async {
        jobs.enqueue(tell("late".into()).delay(Duration::from_secs(30))).await.unwrap();
    })
    .await;
    let waiting = within(async { list(&jobs, JobState::Pending).await }).await;
    let waits = waiting[0].run_at().duration_since(SystemTime::now()).unwrap();
    assert!(Duration::from_secs(28) < waits && waits < Duration::from_secs(32), "{waits:?}");
}
