//! What a run is lent, how it may end, and how it is told to end.

use std::time::Duration;

use riverqueue::{
    EventKind, InsertOpts, JobCancelError, JobRow, JobState, WorkCancelled, WorkContext,
    WorkOutcome,
};
use tokio::time::{sleep, timeout};
use with_after_jobs::{job, riverqueue};

use crate::support::{
    Running,
    engines::{Engine, on_each_engine},
    list, quick,
    seen::{Seen, tell, wait},
    until, within,
};

on_each_engine!(
    a_job_is_lent_what_river_knows_of_its_run,
    a_job_ends_as_it_says,
    a_job_that_borrows_its_context_is_told_when_its_time_is_over,
    a_job_that_does_not_listen_is_dropped_when_its_time_is_over,
    a_job_is_cancelled_by_the_client,
    a_job_of_an_unknown_function_is_left_to_others,
    a_queue_is_paused_and_resumed,
);

#[job]
async fn look(row: &JobRow, context: &WorkContext, client: &riverqueue::Client, seen: &Seen) {
    context.record_output("seen").unwrap();
    let same = client.jobs().get(row.id).await.unwrap();
    seen.tell(format!("{} {} {}", row.attempt, same.state.as_str(), row.id == same.id));
}

async fn a_job_is_lent_what_river_knows_of_its_run(engine: Engine) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<look>().state(seen.clone()).build().unwrap();
    let workers = Running::start(&jobs);
    jobs.enqueue(look()).await.unwrap();
    assert_eq!(seen.next().await, "1 running true");
    let done = until(jobs.client(), JobState::Completed, 1).await.remove(0);
    assert_eq!(done.decode_output::<String>().unwrap().as_deref(), Some("seen"));
    workers.stop().await;
}

#[job]
async fn ends(how: String, row: &JobRow) -> Result<WorkOutcome, JobCancelError> {
    match how.as_str() {
        "snooze" if row.metadata.contains_key("snoozes") => Ok(WorkOutcome::Complete),
        "snooze" => Ok(WorkOutcome::Snooze(Duration::from_millis(1))),
        "discard" => Ok(WorkOutcome::Discard),
        "cancel" => Ok(WorkOutcome::Cancel),
        _ => Err(JobCancelError::new("the card\0has expired")),
    }
}

#[job]
async fn outcome() -> WorkOutcome {
    WorkOutcome::Discard
}

async fn a_job_ends_as_it_says(engine: Engine) {
    let builder = quick(&engine).job::<ends>().job::<outcome>();
    let jobs = builder.on_failure(|failure| panic!("{failure} is no failure")).build().unwrap();
    let workers = Running::start(&jobs);
    for how in ["snooze", "discard", "cancel", "give up"] {
        jobs.enqueue(ends(how.into())).await.unwrap();
    }
    jobs.enqueue(outcome()).await.unwrap();
    let done = until(jobs.client(), JobState::Completed, 1).await.remove(0);
    assert_eq!(done.attempt, 1, "a snooze is no attempt");
    until(jobs.client(), JobState::Discarded, 2).await;
    let cancelled = until(jobs.client(), JobState::Cancelled, 2).await;
    workers.stop().await;
    let reasons: Vec<_> = cancelled.iter().map(|job| job.errors[0].error.as_str()).collect();
    assert!(reasons.iter().any(|reason| reason.ends_with("the card\\0has expired")), "{reasons:?}");
}

#[job(max_duration = "100ms")]
async fn listen(answer: String, context: &WorkContext, seen: &Seen) -> Result<(), WorkCancelled> {
    context.cancellation_token().cancelled().await;
    seen.tell("told");
    match answer.as_str() {
        "done all the same" => Ok(()),
        "stopped" => Err(WorkCancelled),
        _ => std::future::pending().await,
    }
}

async fn a_job_that_borrows_its_context_is_told_when_its_time_is_over(engine: Engine) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<listen>().state(seen.clone());
    let jobs = jobs.rescue_after(Duration::from_secs(3)).build().unwrap();
    let workers = Running::start(&jobs);
    let once = || InsertOpts::default().with_max_attempts(1);
    for answer in ["done all the same", "stopped", "none"] {
        jobs.enqueue(listen(answer.into())).opts(once()).await.unwrap();
    }
    until(jobs.client(), JobState::Completed, 1).await;
    let dead = until(jobs.client(), JobState::Discarded, 2).await;
    workers.stop().await;
    assert!(dead.iter().all(|job| job.errors[0].error == "timed out after 100ms"));
    assert_eq!(seen.all(), ["told"; 3]);
}

struct OnDrop(Seen);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.tell("dropped");
    }
}

#[job(max_duration = "100ms", max_attempts = 1)]
async fn hang(seen: &Seen) {
    let _dropped = OnDrop(seen.clone());
    std::future::pending::<()>().await;
}

async fn a_job_that_does_not_listen_is_dropped_when_its_time_is_over(engine: Engine) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<hang>().state(seen.clone()).build().unwrap();
    let workers = Running::start(&jobs);
    jobs.enqueue(hang()).await.unwrap();
    let dead = until(jobs.client(), JobState::Discarded, 1).await.remove(0);
    assert_eq!(dead.errors[0].error, "timed out after 100ms");
    assert_eq!(seen.all(), ["dropped"]);
    workers.stop().await;
}

async fn a_job_is_cancelled_by_the_client(engine: Engine) {
    let seen = Seen::new();
    let builder = quick(&engine).job::<wait>().job::<tell>().state(seen.clone());
    let jobs = builder.on_failure(|failure| panic!("{failure} is no failure")).build().unwrap();
    let workers = Running::start(&jobs);
    let id = jobs.enqueue(wait("job".into())).await.unwrap().id();
    assert_eq!(seen.next().await, "job begins");
    // Workers that have just begun may not listen yet, and look only once a minute for what they missed.
    within(async {
        while list(jobs.client(), JobState::Cancelled).await.is_empty() {
            jobs.client().jobs().cancel(id).await.unwrap();
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    workers.stop().await;
    assert_eq!(seen.all(), ["job begins"]);
}

async fn a_job_of_an_unknown_function_is_left_to_others(engine: Engine) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<tell>().state(seen.clone()).build().unwrap();
    let workers = Running::start(&jobs);
    quick(&engine).build().unwrap().enqueue(wait("x".into())).await.unwrap();
    jobs.enqueue(tell("known".into())).await.unwrap();
    until(jobs.client(), JobState::Completed, 1).await;
    sleep(Duration::from_millis(50)).await;
    let left = list(jobs.client(), JobState::Available).await.remove(0);
    assert_eq!((left.kind.as_str(), left.attempt), ("wait", 0));
    workers.stop().await;
}

async fn a_queue_is_paused_and_resumed(engine: Engine) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<tell>().state(seen.clone()).build().unwrap();
    let workers = Running::start(&jobs);
    jobs.enqueue(tell("first".into())).await.unwrap();
    assert_eq!(seen.next().await, "first");
    let all = riverqueue::QueueSelector::All;
    let mut paused = jobs.client().subscribe(&[EventKind::QueuePaused]).unwrap();
    // Again, for workers that do not listen yet.
    within(async {
        while timeout(Duration::from_millis(100), paused.recv()).await.is_err() {
            jobs.client().queues().pause(all.clone()).await.unwrap();
        }
    })
    .await;
    jobs.enqueue(tell("second".into())).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    assert_eq!(list(jobs.client(), JobState::Available).await.len(), 1);
    jobs.client().queues().resume(all).await.unwrap();
    assert_eq!(seen.next().await, "second");
    workers.stop().await;
}
