//! What fails is told, tried again, and in the end kept; and harms nobody else.

use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex},
};

use riverqueue::{InsertOpts, JobState};
use with_after::Cause;
use with_after_jobs::{JobsBuilder, job, riverqueue};

use crate::support::{
    Running,
    engines::{Engine, on_each_engine},
    quick,
    seen::{Seen, fail},
    until,
};

on_each_engine!(
    a_failed_job_is_tried_again_until_it_succeeds,
    a_job_that_always_fails_is_discarded_after_its_attempts_and_can_be_retried,
    a_failure_is_told_with_all_its_sources,
    arguments_that_do_not_fit_are_a_failure_and_an_option_may_be_added,
);

type Told = Arc<Mutex<Vec<String>>>;

fn telling(builder: JobsBuilder) -> (JobsBuilder, Told) {
    let told = Told::default();
    let hook = {
        let told = Arc::clone(&told);
        move |failure: &with_after_jobs::JobFailure| told.lock().unwrap().push(failure.to_string())
    };
    (builder.on_failure(hook), told)
}

fn once() -> InsertOpts {
    InsertOpts::default().with_max_attempts(1)
}

async fn a_failed_job_is_tried_again_until_it_succeeds(engine: Engine) {
    let seen = Seen::new();
    let failures = Arc::new(Mutex::new(Vec::new()));
    let jobs = quick(&engine).job::<fail>().state(seen.clone()).on_failure({
        let failures = Arc::clone(&failures);
        move |failure| {
            assert_eq!((failure.kind(), failure.is_last()), ("fail", false));
            assert!(failure.location().file().ends_with("seen.rs"));
            assert!(matches!(failure.cause(), Cause::Error(_)));
            failures.lock().unwrap().push((failure.id(), failure.attempt(), failure.to_string()));
        }
    });
    let jobs = jobs.build().unwrap();
    let workers = Running::start(&jobs);
    let id = jobs.enqueue(fail(2)).await.unwrap().id();
    let done = until(jobs.client(), JobState::Completed, 1).await.remove(0);
    workers.stop().await;
    assert_eq!((done.id, done.attempt), (id, 3));
    assert_eq!(seen.all(), ["failed", "failed", "succeeded"]);
    let failures = failures.lock().unwrap();
    assert_eq!(
        failures.iter().map(|told| (told.0, told.1)).collect::<Vec<_>>(),
        [(id, 1), (id, 2)]
    );
    let text = &failures[0].2;
    assert!(
        text.starts_with("job `fail` (") && text.contains(&format!(") {id}, attempt 1 of 25,"))
    );
    assert!(text.ends_with("failed: failure 1"));
}

async fn a_job_that_always_fails_is_discarded_after_its_attempts_and_can_be_retried(
    engine: Engine,
) {
    let seen = Seen::new();
    let last = Arc::new(Mutex::new(Vec::new()));
    let jobs = quick(&engine).job::<fail>().state(seen.clone()).on_failure({
        let last = Arc::clone(&last);
        move |failure| last.lock().unwrap().push(failure.is_last())
    });
    let jobs = jobs.build().unwrap();
    let workers = Running::start(&jobs);
    let opts = InsertOpts::default().with_max_attempts(3);
    let id = jobs.enqueue(fail(3)).opts(opts).await.unwrap().id();

    let dead = until(jobs.client(), JobState::Discarded, 1).await.remove(0);
    assert_eq!((dead.id, dead.attempt, dead.max_attempts), (id, 3, 3));
    let errors: Vec<_> = dead.errors.iter().map(|error| error.error.as_str()).collect();
    assert_eq!(errors, ["failed: failure 1", "failed: failure 2", "failed: failure 3"]);
    assert_eq!(*last.lock().unwrap(), [false, false, true]);

    jobs.client().jobs().retry(id).await.unwrap();
    let done = until(jobs.client(), JobState::Completed, 1).await.remove(0);
    assert_eq!(done.attempt, 4);
    workers.stop().await;
}

#[derive(Debug)]
struct Outer(std::io::Error);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the mail is not sent")
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[job]
async fn send() -> Result<(), Outer> {
    Err(Outer(std::io::Error::other("no route\0to host")))
}

async fn a_failure_is_told_with_all_its_sources(engine: Engine) {
    let (builder, told) = telling(quick(&engine).job::<send>());
    let jobs = builder.build().unwrap();
    let workers = Running::start(&jobs);
    jobs.enqueue(send()).opts(once()).await.unwrap();
    let dead = until(jobs.client(), JobState::Discarded, 1).await.remove(0);
    workers.stop().await;
    let text = "failed: the mail is not sent: no route\\0to host";
    assert_eq!(dead.errors[0].error, text);
    assert!(told.lock().unwrap()[0].ends_with(text));
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

async fn arguments_that_do_not_fit_are_a_failure_and_an_option_may_be_added(engine: Engine) {
    let seen = Seen::new();
    let (builder, told) = telling(quick(&engine).job::<later::versioned>().state(seen.clone()));
    let jobs = builder.build().unwrap();
    // Stored by the program as it was earlier.
    let before = quick(&engine).build().unwrap();
    before.enqueue(earlier::versioned(7, "x".into())).await.unwrap();
    engine
        .execute("INSERT INTO river_job (args, kind, max_attempts) VALUES ('[]', 'versioned', 1)")
        .await;

    let workers = Running::start(&jobs);
    let dead = until(jobs.client(), JobState::Discarded, 2).await;
    let errors: Vec<_> = dead.iter().map(|job| job.errors[0].error.as_str()).collect();
    assert!(errors.iter().any(|error| error.contains("the argument `id` does not fit its type")));
    assert!(
        errors.iter().any(|error| error.contains("the stored arguments are no object")),
        "{errors:?}"
    );
    assert_eq!(told.lock().unwrap().len(), 2);
    before.enqueue(later::versioned("new".into(), None)).await.unwrap();
    assert_eq!(seen.next().await, "new None");
    workers.stop().await;
}
