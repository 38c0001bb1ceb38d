//! Processes share the work of a database, and take over what a killed one had.

use std::{env, time::Duration};

use sqlx::{PgPool, postgres::PgPoolOptions};
use with_after_jobs::{JobState, Jobs, job};

use crate::support::{child::Process, engines::postgres_database, until, within};

const VARIABLE: &str = "WITH_AFTER_TEST_WORKER";

/// Notes which process has run it; the first time it never ends if it is to be `stuck`.
#[job]
async fn ship(number: i64, stuck: bool, pool: &PgPool) -> Result<(), sqlx::Error> {
    let process = i64::from(std::process::id());
    let ship = sqlx::query_scalar(
        "WITH earlier AS (SELECT count(*) FROM shipped WHERE number = $1)
         INSERT INTO shipped VALUES ($1, $2) RETURNING (SELECT count FROM earlier)",
    );
    let earlier: i64 = ship.bind(number).bind(process).fetch_one(pool).await?;
    if stuck && earlier == 0 {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(())
}

/// A process that does nothing but run jobs.
#[tokio::test]
async fn worker() {
    let Ok(url) = env::var(VARIABLE) else { return };
    let pool = PgPoolOptions::new().max_connections(6).connect(&url).await.unwrap();
    let jobs = Jobs::postgres(pool.clone()).await.unwrap();
    let workers = jobs.workers().job::<ship>().state(pool).concurrency(2);
    let workers = workers.poll_every(Duration::from_millis(50)).heartbeat(Duration::from_secs(1));
    println!("ready");
    workers.build().unwrap().run().await.unwrap();
}

#[tokio::test]
async fn two_processes_share_the_work_and_one_takes_over_when_the_other_is_killed() {
    let Some(pool) = postgres_database().await else { return };
    sqlx::query("CREATE TABLE shipped (number BIGINT, process BIGINT)")
        .execute(&pool)
        .await
        .unwrap();
    let jobs = Jobs::postgres(pool.clone()).await.unwrap();
    let url = database_url(&pool);
    let mut processes = [0; 2].map(|_| Process::start("two_processes::worker", VARIABLE, &url));
    for process in &mut processes {
        process.wait_for("ready");
    }

    for number in 0..200 {
        jobs.enqueue(ship(number, false)).await.unwrap();
    }
    until(&jobs, JobState::Done, 200).await;
    let by_process = "SELECT count(*) FROM shipped GROUP BY process ORDER BY 1";
    let shares: Vec<i64> = sqlx::query_scalar(by_process).fetch_all(&pool).await.unwrap();
    println!("200 jobs, shared as {shares:?}");
    assert_eq!((shares.len(), shares.iter().sum::<i64>()), (2, 200));
    assert!(shares[0] >= 20, "a fair share: {shares:?}");

    jobs.enqueue(ship(1_000, true)).await.unwrap();
    let who = "SELECT process FROM shipped WHERE number = 1000";
    let had: i64 = within(async {
        loop {
            if let Some(process) = sqlx::query_scalar(who).fetch_optional(&pool).await.unwrap() {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let killed = processes.into_iter().filter_map(|process| {
        if i64::from(process.id()) == had {
            assert!(process.kill());
            return None;
        }
        Some(process)
    });
    let heirs: Vec<_> = killed.collect();
    assert_eq!(heirs.len(), 1);
    until(&jobs, JobState::Done, 201).await;
    let mut runs: Vec<i64> = sqlx::query_scalar(who).fetch_all(&pool).await.unwrap();
    runs.sort_by_key(|process| *process != had);
    assert_eq!(runs, [had, i64::from(heirs[0].id())]);
}

fn database_url(pool: &PgPool) -> String {
    let options = pool.connect_options();
    let (user, host, port) = (options.get_username(), options.get_host(), options.get_port());
    let database = options.get_database().expect("it was named");
    format!("postgres://{user}@{host}:{port}/{database}")
}
