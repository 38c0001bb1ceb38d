//! Workers stop in time, and what they have begun ends or is given back.

use std::time::{Duration, Instant};

use riverqueue::{JobState, WorkCancelled, WorkContext};
use with_after_jobs::{job, riverqueue};

use crate::support::{
    Running,
    engines::{Engine, on_each_engine},
    list, quick,
    seen::{Seen, tell, wait},
};

on_each_engine!(
    a_job_that_has_begun_ends_and_one_that_has_not_stays,
    a_job_that_listens_is_told_and_gives_itself_back,
    a_job_that_ignores_it_is_dropped,
);

async fn a_job_that_has_begun_ends_and_one_that_has_not_stays(engine: Engine) {
    let seen = Seen::new();
    let builder = quick(&engine).job::<wait>().job::<tell>().state(seen.clone());
    let jobs = builder.concurrency(1).build().unwrap();
    let mut workers = Running::start(&jobs);
    jobs.enqueue(wait("first".into())).await.unwrap();
    assert_eq!(seen.next().await, "first begins");
    jobs.enqueue(tell("second".into())).await.unwrap();
    workers.tell();
    seen.gate.add_permits(1);
    workers.stop().await;
    assert_eq!(seen.all(), ["first begins", "first ends"]);
    assert_eq!(list(jobs.client(), JobState::Available).await.len(), 1);
    assert_eq!(list(jobs.client(), JobState::Completed).await.len(), 1);
}

#[job]
async fn listen(context: &WorkContext, seen: &Seen) -> Result<(), WorkCancelled> {
    seen.tell("begins");
    context.cancellation_token().cancelled().await;
    seen.tell("told");
    Err(WorkCancelled)
}

async fn a_job_that_listens_is_told_and_gives_itself_back(engine: Engine) {
    let seen = Seen::new();
    let builder = quick(&engine).job::<listen>().state(seen.clone());
    let jobs = builder.drain_within(Duration::from_millis(200)).build().unwrap();
    let workers = Running::start(&jobs);
    jobs.enqueue(listen()).await.unwrap();
    assert_eq!(seen.next().await, "begins");
    workers.stop().await;
    assert_eq!(seen.next().await, "told");
    let given_back = list(jobs.client(), JobState::Available).await.remove(0);
    assert_eq!((given_back.attempt, given_back.errors.len()), (0, 0));
}

#[job]
async fn ignore(context: &WorkContext, seen: &Seen) {
    seen.tell(format!("begins {}", context.cancellation_token().is_cancelled()));
    std::future::pending::<()>().await;
}

async fn a_job_that_ignores_it_is_dropped(engine: Engine) {
    let seen = Seen::new();
    let failures = seen.clone();
    let builder = quick(&engine).job::<ignore>().state(seen.clone());
    let builder = builder.on_failure(move |failure| failures.tell(failure.text()));
    // A job that is told has a sixth of it to end.
    let builder = builder.rescue_after(Duration::from_secs(3));
    let jobs = builder.drain_within(Duration::from_secs(1)).build().unwrap();
    let workers = Running::start(&jobs);
    jobs.enqueue(ignore()).await.unwrap();
    assert_eq!(seen.next().await, "begins false");
    let begin = Instant::now();
    workers.stop().await;
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert_eq!(seen.next().await, "was abandoned at shutdown");
    let left = list(jobs.client(), JobState::Running).await;
    assert!(left.is_empty(), "{left:?}");
}
