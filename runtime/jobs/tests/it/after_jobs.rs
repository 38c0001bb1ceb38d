//! A job runs in a scope of its own, which has no request.

use with_after::{after, outcome, try_cookies, try_headers};
use with_after_jobs::{JobState, Jobs, Sqlite, Store, job};

use crate::support::{
    Running,
    engines::{on_each_engine, sqlite},
    list, quick,
    seen::{Seen, tell},
};

on_each_engine!(
    request_apis_reached_through_helpers_report_that_there_is_no_request,
    tasks_of_a_job_run_when_its_end_is_stored,
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

async fn request_apis_reached_through_helpers_report_that_there_is_no_request<S: Store>(
    jobs: Jobs<S>,
) {
    let seen = Seen::new();
    let workers = Running::start(quick(&jobs).job::<reach>().state(seen.clone()).build().unwrap());
    jobs.enqueue(reach()).await.unwrap();
    assert_eq!(seen.next().await, "2 refused, None");
    workers.stop().await;
}

struct Shop(Jobs<Sqlite>);

#[job]
async fn with_task(seen: &Seen, listing: &Listing) {
    let (seen, listing) = (seen.clone(), listing.clone());
    after(async move { seen.tell(format!("task, done: {}", (listing.0)().await)) });
}

/// Counts the jobs that are done, whatever the engine.
#[derive(Clone)]
struct Listing(
    std::sync::Arc<dyn Fn() -> std::pin::Pin<Box<dyn Future<Output = usize> + Send>> + Send + Sync>,
);

impl Listing {
    fn of<S: Store>(jobs: &Jobs<S>) -> Self {
        let jobs = jobs.clone();
        Self(std::sync::Arc::new(move || {
            let jobs = jobs.clone();
            Box::pin(async move { list(&jobs, JobState::Done).await.len() })
        }))
    }
}

async fn tasks_of_a_job_run_when_its_end_is_stored<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = quick(&jobs).job::<with_task>().state(seen.clone()).state(Listing::of(&jobs));
    let workers = Running::start(workers.build().unwrap());
    jobs.enqueue(with_task()).await.unwrap();
    assert_eq!(seen.next().await, "task, done: 1");
    workers.stop().await;
}

#[tokio::test]
async fn a_job_enqueued_by_a_job_waits_for_its_end() {
    let (jobs, _folder) = sqlite().await;
    let seen = Seen::new();
    let workers = quick(&jobs).job::<parent>().job::<tell>().state(seen.clone());
    let workers = Running::start(workers.state(Shop(jobs.clone())).build().unwrap());
    jobs.enqueue(parent()).await.unwrap();
    assert_eq!(seen.next().await, "parent");
    assert_eq!(seen.next().await, "child");
    workers.stop().await;
}

#[job]
async fn parent(jobs: &Shop, seen: &Seen) {
    let child = jobs.0.enqueue(tell("child".into())).await.unwrap();
    let held = list(&jobs.0, JobState::Pending).await;
    assert!(held.iter().any(|job| job.id() == child.id()));
    seen.tell("parent");
}
