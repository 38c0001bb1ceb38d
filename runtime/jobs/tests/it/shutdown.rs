//! Workers end without losing anything.

use std::time::Duration;

use with_after_jobs::{JobState, Jobs, Store};

use crate::support::{
    Running,
    engines::on_each_engine,
    list, quick,
    seen::{Seen, wait},
    until,
};

on_each_engine!(
    what_runs_is_finished_and_what_waits_stays_stored,
    what_does_not_end_in_time_is_given_back_at_once,
);

async fn what_runs_is_finished_and_what_waits_stays_stored<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = quick(&jobs).job::<wait>().state(seen.clone()).concurrency(2);
    let mut workers = Running::start(workers.build().unwrap());
    for number in 0..5 {
        jobs.enqueue(wait(format!("{number}"))).await.unwrap();
    }
    seen.next().await;
    seen.next().await;
    workers.tell();
    seen.gate.add_permits(5);
    workers.stop().await;
    assert_eq!(list(&jobs, JobState::Done).await.len(), 2);
    let pending = list(&jobs, JobState::Pending).await;
    assert_eq!(
        pending.iter().map(with_after_jobs::StoredJob::attempts).collect::<Vec<_>>(),
        [0, 0, 0]
    );
    assert_eq!(seen.all().len(), 4);
}

async fn what_does_not_end_in_time_is_given_back_at_once<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let (told, mut failures) = tokio::sync::mpsc::unbounded_channel();
    // A heartbeat so rare that nothing is recovered by it.
    let workers = quick(&jobs)
        .job::<wait>()
        .state(seen.clone())
        .heartbeat(Duration::from_hours(1))
        .drain_within(Duration::from_millis(100))
        .on_failure(move |failure| drop(told.send(failure.to_string())));
    let workers = Running::start(workers.build().unwrap());
    jobs.enqueue(wait("job".into())).await.unwrap();
    assert_eq!(seen.next().await, "job begins");
    workers.stop().await;
    let failure = failures.recv().await.unwrap();
    assert!(failure.ends_with("was abandoned at shutdown"), "{failure}");
    assert_eq!(list(&jobs, JobState::Failed).await[0].attempts(), 1);

    let workers = quick(&jobs).job::<wait>().state(seen.clone());
    let workers = Running::start(workers.heartbeat(Duration::from_hours(1)).build().unwrap());
    assert_eq!(seen.next().await, "job begins");
    seen.gate.add_permits(1);
    until(&jobs, JobState::Done, 1).await;
    workers.stop().await;
}
