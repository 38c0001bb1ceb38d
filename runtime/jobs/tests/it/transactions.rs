//! A job in a transaction is one with its rows.

use riverqueue::JobState;
use with_after::run;
use with_after_jobs::riverqueue;

use crate::support::{
    Running,
    engines::{Engine, on_each_engine},
    list, quick,
    seen::{Seen, tell},
    until,
};

on_each_engine!(
    a_job_is_committed_with_its_rows_and_rolled_back_with_them,
    a_savepoint_takes_its_jobs_with_it,
    a_job_that_was_rolled_back_releases_no_other,
);

const ORDERS: &str = "CREATE TABLE orders (id INTEGER)";

async fn a_job_is_committed_with_its_rows_and_rolled_back_with_them(engine: Engine) {
    engine.execute(ORDERS).await;
    let seen = Seen::new();
    let jobs = quick(&engine).job::<tell>().state(seen.clone()).build().unwrap();
    let workers = Running::start(&jobs);
    for in_a_request in [false, true] {
        let request = async {
            let mut tx = engine.begin().await;
            tx.execute("INSERT INTO orders VALUES (1)").await;
            tx.enqueue(&jobs, tell("rolled back".into())).await;
            tx.rollback().await;

            let mut tx = engine.begin().await;
            tx.execute("INSERT INTO orders VALUES (2)").await;
            tx.enqueue(&jobs, tell("committed".into())).await;
            tx.commit().await;
        };
        if in_a_request {
            run(request).await;
        } else {
            request.await;
        }
        assert_eq!(seen.next().await, "committed");
    }
    until(jobs.client(), JobState::Completed, 2).await;
    workers.stop().await;
    assert_eq!(engine.count("SELECT count(*) FROM orders WHERE id = 2").await, 2);
    assert_eq!(engine.count("SELECT count(*) FROM orders").await, 2);
    assert_eq!(engine.count("SELECT count(*) FROM river_job").await, 2);
}

async fn a_savepoint_takes_its_jobs_with_it(engine: Engine) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<tell>().state(seen.clone()).build().unwrap();
    run(async {
        let mut tx = engine.begin().await;
        tx.enqueue(&jobs, tell("before".into())).await;
        tx.execute("SAVEPOINT inner_one").await;
        tx.enqueue(&jobs, tell("rolled back".into())).await;
        tx.execute("ROLLBACK TO SAVEPOINT inner_one").await;
        tx.execute("SAVEPOINT inner_two").await;
        tx.enqueue(&jobs, tell("released".into())).await;
        tx.execute("RELEASE SAVEPOINT inner_two").await;
        tx.commit().await;
    })
    .await;
    assert_eq!(list(jobs.client(), JobState::Available).await.len(), 2);
    let workers = Running::start(&jobs);
    until(jobs.client(), JobState::Completed, 2).await;
    workers.stop().await;
    let mut all = seen.all();
    all.sort();
    assert_eq!(all, ["before", "released"]);
}

/// SQLite gives the id of a job that was rolled back to the next one.
async fn a_job_that_was_rolled_back_releases_no_other(engine: Engine) {
    let jobs = quick(&engine).build().unwrap();
    let (stored, is_stored) = tokio::sync::oneshot::channel();
    let (end, is_end) = tokio::sync::oneshot::channel::<()>();
    run(async {
        let mut tx = engine.begin().await;
        let rolled_back = tx.enqueue(&jobs, tell("rolled back".into())).await.id();
        tx.rollback().await;

        let jobs = jobs.clone();
        tokio::spawn(run(async move {
            let held = jobs.enqueue(tell("held".into())).await.unwrap().id();
            stored.send((rolled_back, held)).unwrap();
            drop(is_end.await);
        }));
        let (rolled_back, held) = is_stored.await.unwrap();
        let is_sqlite = matches!(engine.pool, crate::support::engines::Pool::Sqlite(_));
        assert_eq!(rolled_back == held, is_sqlite);
    })
    .await;
    // The first request is over, and has released what it had; the other one goes on.
    assert_eq!(list(jobs.client(), JobState::Scheduled).await.len(), 1);
    drop(end);
    until(jobs.client(), JobState::Available, 1).await;
}
