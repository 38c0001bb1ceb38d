//! A job runs in a scope of its own, which has no request.

use riverqueue::{Client, JobRow, JobState};
use with_after::{after, outcome, try_cookies, try_headers};
use with_after_jobs::{job, riverqueue};

use crate::support::{
    Running,
    engines::{Engine, on_each_engine},
    quick,
    seen::Seen,
    until,
};

on_each_engine!(
    request_apis_reached_through_helpers_report_that_there_is_no_request,
    tasks_of_a_job_run_when_its_end_is_stored,
    a_stop_waits_for_the_tasks_of_the_last_jobs,
);

/// What the attribute does not see.
fn helper() -> String {
    let errors = [try_cookies().err(), try_headers().err()];
    let no_request = errors.iter().flatten().filter(|error| error.is_no_request()).count();
    format!("{no_request} refused, {:?}", outcome())
}

#[job]
async fn reach(seen: &Seen) {
    seen.tell(helper());
}

async fn request_apis_reached_through_helpers_report_that_there_is_no_request(engine: Engine) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<reach>().state(seen.clone()).build().unwrap();
    let workers = Running::start(&jobs);
    jobs.enqueue(reach()).await.unwrap();
    assert_eq!(seen.next().await, "2 refused, None");
    workers.stop().await;
}

#[job(max_attempts = 1)]
async fn with_task(fails: bool, seen: &Seen, client: &Client, row: &JobRow) -> Result<(), String> {
    let (seen, client, id) = (seen.clone(), client.clone(), row.id);
    after(async move {
        let job = client.jobs().get(id).await.unwrap();
        seen.tell(format!("task, {}", job.state.as_str()));
        after(move || seen.tell("task of the task"));
    });
    if fails { Err("on purpose".into()) } else { Ok(()) }
}

async fn tasks_of_a_job_run_when_its_end_is_stored(engine: Engine) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<with_task>().state(seen.clone()).build().unwrap();
    let workers = Running::start(&jobs);
    for (fails, state) in [(false, "completed"), (true, "discarded")] {
        jobs.enqueue(with_task(fails)).await.unwrap();
        assert_eq!(seen.next().await, format!("task, {state}"));
        assert_eq!(seen.next().await, "task of the task");
    }
    workers.stop().await;
}

#[job]
async fn with_long_task(seen: &Seen) {
    let seen = seen.clone();
    after(async move {
        seen.tell("task begins");
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        seen.tell("task ends");
    });
    // No task: the number of those with one is not that of all.
}

async fn a_stop_waits_for_the_tasks_of_the_last_jobs(engine: Engine) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<with_long_task>().state(seen.clone()).build().unwrap();
    let workers = Running::start(&jobs);
    jobs.enqueue(with_long_task()).await.unwrap();
    assert_eq!(seen.next().await, "task begins");
    workers.stop().await;
    assert_eq!(seen.all(), ["task begins", "task ends"]);
    // The same handle can run again.
    let workers = Running::start(&jobs);
    jobs.enqueue(with_long_task()).await.unwrap();
    until(jobs.client(), JobState::Completed, 2).await;
    workers.stop().await;
    assert_eq!(seen.all().len(), 4);
}
