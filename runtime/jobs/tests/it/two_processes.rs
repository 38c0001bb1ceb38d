//! Processes share the work of a database, and take over what a killed one had.

use std::{env, time::Duration};

use riverqueue::JobState;
use tokio::time::{sleep, timeout};
use with_after_jobs::{Jobs, job, riverqueue};

use crate::support::{
    Running,
    child::Process,
    engines::{Engine, Pool, on_each_engine},
    hurried, until, within,
};

on_each_engine!(
    two_processes_share_the_work,
    a_job_of_a_killed_process_is_run_by_another,
    a_process_that_was_stopped_for_longer_than_the_rescue_time_harms_nothing,
);

const VARIABLE: &str = "WITH_AFTER_TEST_WORKER";
const TABLE: &str = "CREATE TABLE shipped (number BIGINT, process BIGINT)";

/// Notes which process has run it; the first time it takes for ever if it is to be `stuck`.
#[job]
async fn ship(number: i64, stuck: bool, pool: &Pool) -> Result<(), sqlx::Error> {
    let process = i64::from(std::process::id());
    let earlier: i64 = match pool {
        Pool::Sqlite(pool) => {
            let earlier = sqlx::query_scalar("SELECT count(*) FROM shipped WHERE number = ?1");
            let earlier = earlier.bind(number).fetch_one(pool).await?;
            let ship = sqlx::query("INSERT INTO shipped VALUES (?1, ?2)");
            ship.bind(number).bind(process).execute(pool).await?;
            earlier
        }
        Pool::Postgres(pool) => {
            let earlier = sqlx::query_scalar("SELECT count(*) FROM shipped WHERE number = $1");
            let earlier = earlier.bind(number).fetch_one(pool).await?;
            let ship = sqlx::query("INSERT INTO shipped VALUES ($1, $2)");
            ship.bind(number).bind(process).execute(pool).await?;
            earlier
        }
    };
    if stuck && earlier == 0 {
        std::future::pending::<()>().await;
    }
    sleep(Duration::from_millis(20)).await;
    Ok(())
}

fn open(pool: &Pool) -> Jobs {
    let builder = hurried(pool.builder()).job::<ship>().state(pool.clone()).concurrency(2);
    let builder = builder.max_duration(Duration::from_secs(2));
    builder.rescue_after(Duration::from_secs(3)).build().unwrap()
}

/// A process that does nothing but run jobs.
#[tokio::test]
async fn worker() {
    let Ok(address) = env::var(VARIABLE) else { return };
    let jobs = open(&Pool::open(&address).await);
    println!("ready");
    jobs.run().await.unwrap();
}

async fn two_processes_share_the_work(engine: Engine) {
    engine.execute(TABLE).await;
    let jobs = open(&engine.pool);
    let address = engine.address();
    let mut processes = [0; 2].map(|_| Process::start("two_processes::worker", VARIABLE, &address));
    for process in &mut processes {
        process.wait_for("ready");
    }
    jobs.enqueue_many((0..200).map(|number| ship(number, false))).await.unwrap();
    until(jobs.client(), JobState::Completed, 200).await;
    assert_eq!(engine.count("SELECT count(*) FROM shipped").await, 200);
    let shares = "SELECT min(share) FROM
        (SELECT count(*) AS share FROM shipped GROUP BY process) AS shares";
    let least = engine.count(shares).await;
    println!("200 jobs, the smaller share is {least}");
    assert!((20..=100).contains(&least), "a fair share: {least}");
}

async fn a_job_of_a_killed_process_is_run_by_another(engine: Engine) {
    let (jobs, process, id) = stuck(&engine).await;
    assert!(process.kill());
    let workers = Running::start(&jobs);
    let done = until(jobs.client(), JobState::Completed, 1).await.remove(0);
    workers.stop().await;
    assert_eq!((done.id, done.attempt), (id, 2));
    assert_eq!(engine.count("SELECT count(DISTINCT process) FROM shipped").await, 2);
}

async fn a_process_that_was_stopped_for_longer_than_the_rescue_time_harms_nothing(engine: Engine) {
    let (jobs, process, id) = stuck(&engine).await;
    stop(&engine, &process).await;
    let workers = Running::start(&jobs);
    let done = until(jobs.client(), JobState::Completed, 1).await.remove(0);
    assert_eq!((done.id, done.attempt), (id, 2));
    // It goes on, and tells of a run that is none any more.
    process.signal("CONT");
    jobs.enqueue_many((1..50).map(|number| ship(number, false))).await.unwrap();
    until(jobs.client(), JobState::Completed, 50).await;
    workers.stop().await;
    assert_eq!(engine.count("SELECT count(*) FROM shipped").await, 51);
    assert_eq!(jobs.client().jobs().get(id).await.unwrap().state, JobState::Completed);
}

/// Stops a process in a moment in which it does not write: while it does, nobody else writes to an
/// SQLite file.
async fn stop(engine: &Engine, process: &Process) {
    loop {
        process.signal("STOP");
        let write = engine.execute("UPDATE shipped SET number = number");
        if timeout(Duration::from_secs(1), write).await.is_ok() {
            return;
        }
        process.signal("CONT");
    }
}

/// Starts a process that has a job which never ends there.
async fn stuck(engine: &Engine) -> (Jobs, Process, i64) {
    engine.execute(TABLE).await;
    let jobs = open(&engine.pool);
    let mut process = Process::start("two_processes::worker", VARIABLE, &engine.address());
    process.wait_for("ready");
    let id = jobs.enqueue(ship(0, true)).await.unwrap().id();
    within(async {
        while engine.count("SELECT count(*) FROM shipped").await == 0 {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    (jobs, process, id)
}
