//! Workers know what they need before they run.

use std::sync::atomic::{AtomicU8, Ordering};

use with_after_jobs::job;

use crate::support::{
    engines::sqlite,
    seen::{Seen, tell},
};

#[tokio::test]
async fn workers_without_a_state_that_a_job_needs_are_not_built() {
    let (jobs, _folder) = sqlite().await;
    let error = jobs.workers().job::<tell>().build().unwrap_err();
    assert!(error.is_workers());
    let error = error.to_string();
    assert!(error.contains("the job `tell` (") && error.contains("seen.rs:"), "{error}");
    assert!(error.contains("Seen`, which the workers do not have"), "{error}");
}

mod other {
    #[with_after_jobs::job]
    pub(super) async fn tell() {}
}

#[tokio::test]
async fn two_functions_cannot_have_one_name() {
    let (jobs, _folder) = sqlite().await;
    let workers = jobs.workers().state(Seen::new());
    let error = workers.job::<tell>().job::<other::tell>().build().unwrap_err();
    assert!(error.to_string().contains("two jobs have one name"), "{error}");
    // The same one twice is no mistake.
    let workers = jobs.workers().state(Seen::new()).job::<tell>().job::<tell>().build();
    assert!(workers.is_ok());
}

#[job]
async fn add(one: u8, two: u8, sum: &AtomicU8) -> Result<u8, String> {
    sum.store(one + two, Ordering::Relaxed);
    one.checked_add(two).ok_or_else(|| "too much".into())
}

#[tokio::test]
async fn a_test_can_call_the_function_itself() {
    let sum = AtomicU8::new(0);
    assert_eq!(add::call(1, 2, &sum).await, Ok(3));
    assert_eq!(sum.into_inner(), 3);
}

#[job(max_attempts = 3)]
async fn keyed(values: std::collections::BTreeMap<(u8, u8), u8>) {
    drop(values);
}

#[tokio::test]
async fn an_argument_that_is_no_json_is_refused_when_it_is_enqueued() {
    let (jobs, _folder) = sqlite().await;
    let error = jobs.enqueue(keyed([((1, 2), 3)].into())).await.unwrap_err();
    assert!(error.is_arguments());
    assert!(error.to_string().contains("its argument `values`: key must be a string"), "{error}");
}
