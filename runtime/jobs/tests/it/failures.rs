//! What fails is told, tried again, and in the end kept.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use with_after::{Cause, Kind};
use with_after_jobs::{JobState, Jobs, Store, job};

use crate::support::{
    Running,
    engines::on_each_engine,
    list, quick,
    seen::{Seen, fail, tell, wait},
    until,
};

on_each_engine!(
    a_failed_job_is_tried_again_until_it_succeeds,
    a_job_that_always_fails_is_dead_after_its_attempts_and_can_be_retried,
    a_waiting_time_is_stored_and_grows,
    panics_and_timeouts_are_failures,
    a_job_of_an_unknown_function_is_left_to_others,
    arguments_that_do_not_fit_are_a_failure,
    a_hook_that_panics_harms_nothing,
);

async fn a_failed_job_is_tried_again_until_it_succeeds<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let failures = Arc::new(Mutex::new(Vec::new()));
    let workers = quick(&jobs).job::<fail>().state(seen.clone()).on_failure({
        let failures = Arc::clone(&failures);
        move |failure| {
            assert_eq!((failure.name(), failure.kind()), ("fail", Some(Kind::Job)));
            assert!(failure.location().file().ends_with("seen.rs"));
            assert!(matches!(failure.cause(), Cause::Error(_)));
            failures.lock().unwrap().push(failure.to_string());
        }
    });
    let workers = Running::start(workers.build().unwrap());
    jobs.enqueue(fail(2)).await.unwrap();
    let done = until(&jobs, JobState::Done, 1).await.remove(0);
    workers.stop().await;
    assert_eq!(done.attempts(), 3);
    assert_eq!(seen.all(), ["failed", "failed", "succeeded"]);
    let failures = failures.lock().unwrap();
    assert_eq!(failures.len(), 2);
    assert!(failures[0].starts_with("task `fail` (") && failures[0].ends_with("failure 1"));
}

async fn a_job_that_always_fails_is_dead_after_its_attempts_and_can_be_retried<S: Store>(
    jobs: Jobs<S>,
) {
    let seen = Seen::new();
    let dead = Arc::new(Mutex::new(Vec::new()));
    let workers = quick(&jobs).job::<fail>().state(seen.clone()).on_dead({
        let dead = Arc::clone(&dead);
        move |job| dead.lock().unwrap().push(job.id().clone())
    });
    let workers = Running::start(workers.build().unwrap());
    let id = jobs.enqueue(fail(4).max_attempts(3)).await.unwrap().id().clone();

    let listed = until(&jobs, JobState::Dead, 1).await.remove(0);
    assert_eq!((listed.id(), listed.attempts(), listed.max_attempts()), (&id, 3, 3));
    assert_eq!(listed.error(), Some("failed: failure 3"));
    assert_eq!(*dead.lock().unwrap(), std::slice::from_ref(&id));

    assert!(jobs.retry(&id).await.unwrap());
    let done = until(&jobs, JobState::Done, 1).await.remove(0);
    assert_eq!(done.attempts(), 2);
    assert!(!jobs.retry(&id).await.unwrap(), "only dead jobs are retried");
    assert!(!jobs.retry(&"01ARZ3NDEKTSV4RRFFQ69G5FAV".into()).await.unwrap());
    workers.stop().await;
    assert_eq!(seen.all(), ["failed", "failed", "failed", "failed", "succeeded"]);
}

async fn a_waiting_time_is_stored_and_grows<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = quick(&jobs).job::<fail>().state(seen.clone());
    let workers = workers.backoff(Duration::from_secs(100), Duration::from_secs(1000));
    let workers = Running::start(workers.build().unwrap());
    jobs.enqueue(fail(1)).await.unwrap();
    let failed = until(&jobs, JobState::Failed, 1).await.remove(0);
    workers.stop().await;
    let waits = failed.run_at().duration_since(std::time::SystemTime::now()).unwrap();
    assert!((98..=126).contains(&waits.as_secs()), "{waits:?}");
    // Other workers keep to it.
    let workers = quick(&jobs).job::<fail>().job::<tell>().state(seen.clone());
    let workers = Running::start(workers.build().unwrap());
    jobs.enqueue(tell("other".into())).await.unwrap();
    assert_eq!(seen.next().await, "failed");
    assert_eq!(seen.next().await, "other");
    workers.stop().await;
    assert_eq!(seen.all(), ["failed", "other"]);
}

#[job(max_attempts = 1)]
async fn panic() {
    panic!("on purpose");
}

#[job(max_attempts = 1, max_duration = "20ms")]
async fn hang() {
    std::future::pending::<()>().await;
}

async fn panics_and_timeouts_are_failures<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = quick(&jobs).job::<panic>().job::<hang>().job::<tell>().state(seen.clone());
    let workers = Running::start(workers.build().unwrap());
    jobs.enqueue(panic()).await.unwrap();
    jobs.enqueue(hang()).await.unwrap();
    let dead = until(&jobs, JobState::Dead, 2).await;
    let mut errors: Vec<_> = dead.iter().map(|job| job.error().unwrap()).collect();
    errors.sort_unstable();
    assert_eq!(errors, ["panicked: on purpose", "timed out after 20ms"]);
    // The workers live.
    jobs.enqueue(tell("alive".into())).await.unwrap();
    assert_eq!(seen.next().await, "alive");
    workers.stop().await;
}

async fn a_job_of_an_unknown_function_is_left_to_others<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = Running::start(quick(&jobs).job::<tell>().state(seen.clone()).build().unwrap());
    jobs.enqueue(wait("x".into()).max_attempts(1)).await.unwrap();
    let left = within_a_while(&jobs).await;
    workers.stop().await;
    assert_eq!(left, (0, Some("no worker knows the job `wait`".to_owned())));
}

/// Waits until a pending job carries an error, and returns its attempts and that.
async fn within_a_while<S: Store>(jobs: &Jobs<S>) -> (u32, Option<String>) {
    crate::support::within(async {
        loop {
            let pending = list(jobs, JobState::Pending).await;
            if let Some(job) = pending.iter().find(|job| job.error().is_some()) {
                return (job.attempts(), job.error().map(ToOwned::to_owned));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}

mod earlier {
    use with_after_jobs::job;

    #[job(name = "versioned", max_attempts = 1)]
    pub(super) async fn versioned(id: i64, note: String) {
        unreachable!("{id} {note}");
    }
}

mod later {
    use with_after_jobs::job;

    use super::Seen;

    #[job(name = "versioned", max_attempts = 1)]
    pub(super) async fn versioned(id: String, extra: Option<u8>, seen: &Seen) {
        seen.tell(format!("{id} {extra:?}"));
    }
}

async fn arguments_that_do_not_fit_are_a_failure<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = quick(&jobs).job::<later::versioned>().state(seen.clone());
    let workers = Running::start(workers.build().unwrap());
    jobs.enqueue(earlier::versioned(7, "x".into())).await.unwrap();
    let dead = until(&jobs, JobState::Dead, 1).await.remove(0);
    let error = dead.error().unwrap();
    assert!(error.contains("the argument `id` does not fit its type"), "{error}");
    // An `Option` may be added.
    jobs.enqueue(later::versioned("new".into(), None)).await.unwrap();
    assert_eq!(seen.next().await, "new None");
    workers.stop().await;
}

async fn a_hook_that_panics_harms_nothing<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = quick(&jobs).job::<fail>().state(seen.clone());
    let workers = workers.on_failure(|_| panic!("a bad hook")).on_dead(|_| panic!("another"));
    let workers = Running::start(workers.build().unwrap());
    jobs.enqueue(fail(1)).await.unwrap();
    until(&jobs, JobState::Done, 1).await;
    jobs.enqueue(fail(9).max_attempts(1)).await.unwrap();
    until(&jobs, JobState::Dead, 1).await;
    workers.stop().await;
}
