//! What a dead process had begun is begun again by others, and no more often than it may be.

use std::time::Duration;

use with_after_jobs::{JobState, Jobs, Store};

use crate::support::{
    Running,
    engines::on_each_engine,
    list, quick,
    seen::{Seen, tell, wait},
    until,
};

on_each_engine!(
    a_job_of_killed_workers_is_taken_over,
    an_attempt_that_was_lost_counts_and_the_maximum_is_kept,
    workers_that_drain_keep_their_jobs,
    workers_share_the_jobs_and_run_each_once,
);

async fn a_job_of_killed_workers_is_taken_over<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = || quick(&jobs).job::<wait>().state(seen.clone()).build().unwrap();
    let killed = Running::start(workers());
    jobs.enqueue(wait("job".into())).await.unwrap();
    assert_eq!(seen.next().await, "job begins");
    let heir = Running::start(workers());
    killed.kill().await;
    seen.gate.add_permits(1);
    assert_eq!(seen.next().await, "job begins");
    let done = until(&jobs, JobState::Done, 1).await.remove(0);
    assert_eq!(done.attempts(), 2);
    heir.stop().await;
}

async fn an_attempt_that_was_lost_counts_and_the_maximum_is_kept<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = || quick(&jobs).job::<wait>().state(seen.clone()).build().unwrap();
    jobs.enqueue(wait("job".into()).max_attempts(2)).await.unwrap();
    for _ in 0..2 {
        let killed = Running::start(workers());
        assert_eq!(seen.next().await, "job begins");
        killed.kill().await;
    }
    let heir = Running::start(workers());
    let dead = until(&jobs, JobState::Dead, 1).await.remove(0);
    assert_eq!((dead.attempts(), dead.max_attempts()), (2, 2));
    assert_eq!(dead.error(), Some("the process died while the job ran"));
    heir.stop().await;
    assert_eq!(seen.all(), ["job begins"; 2]);
}

async fn workers_that_drain_keep_their_jobs<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = || quick(&jobs).job::<wait>().job::<tell>().state(seen.clone()).build().unwrap();
    let mut draining = Running::start(workers());
    jobs.enqueue(wait("job".into())).await.unwrap();
    assert_eq!(seen.next().await, "job begins");
    draining.tell();
    let others = Running::start(workers());
    // Longer than three heartbeats: a job that becomes due then tells the time.
    jobs.enqueue(tell("5 s later".into()).delay(Duration::from_secs(5))).await.unwrap();
    assert_eq!(seen.next().await, "5 s later");
    seen.gate.add_permits(1);
    draining.stop().await;
    others.stop().await;
    assert_eq!(seen.all(), ["job begins", "5 s later", "job ends"]);
    assert_eq!(list(&jobs, JobState::Done).await.len(), 2);
}

async fn workers_share_the_jobs_and_run_each_once<S: Store>(jobs: Jobs<S>) {
    let seen = Seen::new();
    let workers = || quick(&jobs).job::<tell>().state(seen.clone()).concurrency(1).build().unwrap();
    let one = Running::start(workers());
    let two = Running::start(workers());
    for number in 0..50 {
        jobs.enqueue(tell(format!("{number}"))).await.unwrap();
    }
    until(&jobs, JobState::Done, 50).await;
    one.stop().await;
    two.stop().await;
    let mut all = seen.all();
    all.sort();
    all.dedup();
    assert_eq!((all.len(), seen.all().len()), (50, 50));
}
