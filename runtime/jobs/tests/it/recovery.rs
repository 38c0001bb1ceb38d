//! Crashes, and jobs that block, harm nobody but themselves.

use std::{
    env, thread,
    time::{Duration, Instant},
};

use riverqueue::{InsertOpts, JobState};
use tokio::time::sleep;
use with_after_jobs::{Jobs, job, riverqueue};

use crate::support::{
    Running,
    child::Process,
    engines::{Engine, Pool, on_each_engine},
    hurried, leading, list, quick,
    seen::{Seen, tell},
    server::Server,
    until,
};

on_each_engine!(a_job_that_kills_its_process_does_not_take_its_neighbours_along);

#[job]
async fn block(seconds: u64, seen: &Seen) {
    thread::sleep(Duration::from_secs(seconds));
    seen.tell("blocked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_job_that_blocks_its_thread_beside_others_runs_once() {
    let postgres = async {
        if let Some(engine) = Engine::postgres().await {
            blocks(engine).await;
        }
    };
    tokio::join!(async { blocks(Engine::sqlite().await).await }, postgres);
}

async fn blocks(engine: Engine) {
    let seen = Seen::new();
    let builder = quick(&engine).job::<block>().job::<tell>().state(seen.clone());
    // Beyond its time, and not taken for lost.
    let builder = builder.max_duration(Duration::from_secs(4)).rescue_after(Duration::from_secs(9));
    let jobs = builder.build().unwrap();
    let workers = Running::start(&jobs);
    let begin = Instant::now();
    jobs.enqueue(block(10)).await.unwrap();
    for number in 0..20 {
        sleep(Duration::from_millis(100)).await;
        jobs.enqueue(tell(number.to_string())).await.unwrap();
    }
    until(jobs.client(), JobState::Completed, 20).await;
    assert!(begin.elapsed() < Duration::from_secs(10), "the others do not wait for it");
    let done = until(jobs.client(), JobState::Completed, 21).await;
    sleep(Duration::from_secs(4)).await;
    workers.stop().await;
    assert!(done.iter().all(|job| job.attempt == 1));
    assert_eq!(seen.all().iter().filter(|told| *told == "blocked").count(), 1);
}

const VARIABLE: &str = "WITH_AFTER_TEST_CRASH";

#[job(max_attempts = 2)]
async fn crash() {
    std::process::abort();
}

#[job]
async fn neighbour(number: u32) {
    sleep(Duration::from_millis(u64::from(number % 7))).await;
}

fn open_neighbours(pool: &Pool) -> Jobs {
    let builder = hurried(pool.builder()).job::<crash>().job::<neighbour>().concurrency(8);
    let builder = builder.max_duration(Duration::from_secs(1));
    builder.rescue_after(Duration::from_secs(3)).build().unwrap()
}

/// A process that crashes.
#[tokio::test]
async fn service() {
    let Ok(address) = env::var(VARIABLE) else { return };
    open_neighbours(&Pool::open(&address).await).run().await.unwrap();
}

async fn a_job_that_kills_its_process_does_not_take_its_neighbours_along(engine: Engine) {
    let jobs = leading(open_neighbours(&engine.pool)).await;
    let workers = Running::start(&jobs);

    let opts = || InsertOpts::default().with_max_attempts(3);
    jobs.enqueue_many((0..30).map(|number| (neighbour(number), opts()))).await.unwrap();
    jobs.enqueue(crash()).opts(InsertOpts::default().with_priority(2)).await.unwrap();
    jobs.enqueue_many((30..60).map(|number| (neighbour(number), opts()))).await.unwrap();
    let mut process = Process::start("recovery::service", VARIABLE, &engine.address());
    let begin = Instant::now();
    while list(jobs.client(), JobState::Discarded).await.is_empty()
        || list(jobs.client(), JobState::Completed).await.len() < 60
    {
        assert!(begin.elapsed() < Duration::from_mins(1));
        if !process.is_alive() {
            process = Process::start("recovery::service", VARIABLE, &engine.address());
        }
        sleep(Duration::from_millis(50)).await;
    }
    workers.stop().await;
    let dead = list(jobs.client(), JobState::Discarded).await;
    assert_eq!(dead.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), ["crash"]);
    let done = list(jobs.client(), JobState::Completed).await;
    println!(
        "{} neighbours were taken along once",
        done.iter().filter(|job| job.attempt > 1).count()
    );
}

/// Each order, its job and its shipment are rows of one server, which crashes meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_of_postgres_under_load_loses_no_job() {
    let Some(server) = Server::start() else { return };
    let engine = Engine::open(&server.address).await;
    engine.execute("CREATE TABLE orders (id BIGINT); CREATE TABLE shipped (id BIGINT)").await;
    let builder = hurried(engine.builder()).job::<ship>().state(engine.pool.clone());
    let jobs = builder
        .max_duration(Duration::from_secs(2))
        .rescue_after(Duration::from_secs(6))
        .build()
        .unwrap();
    let workers = Running::start(&jobs);
    let Pool::Postgres(pool) = engine.pool.clone() else { return };
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let (jobs, pool) = (jobs.clone(), pool.clone());
            tokio::spawn(async move {
                let mut failed = 0;
                for order in (client..2_000).step_by(4) {
                    failed += u32::from(place(&jobs, &pool, order).await.is_err());
                }
                failed
            })
        })
        .collect();
    for _ in 0..2 {
        sleep(Duration::from_millis(500)).await;
        server.restart().await;
    }
    let mut failed = 0;
    for client in clients {
        failed += client.await.unwrap();
    }
    let left = "SELECT count(*) FROM river_job WHERE state <> 'completed'";
    let begin = Instant::now();
    while engine.count(left).await > 0 {
        assert!(begin.elapsed() < Duration::from_mins(1));
        sleep(Duration::from_millis(100)).await;
    }
    workers.stop().await;
    let lost = "SELECT count(*) FROM orders WHERE id NOT IN (SELECT id FROM shipped)";
    let ghosts = "SELECT count(*) FROM shipped WHERE id NOT IN (SELECT id FROM orders)";
    assert_eq!((engine.count(lost).await, engine.count(ghosts).await), (0, 0));
    let orders = engine.count("SELECT count(*) FROM orders").await;
    let runs = engine.count("SELECT count(*) FROM shipped").await;
    println!("2 crashes: {orders} orders committed, {failed} failed, {runs} jobs run");
    assert!(orders > 100);
}

#[job]
async fn ship(order: i64, pool: &Pool) -> Result<(), sqlx::Error> {
    let Pool::Postgres(pool) = pool else { return Ok(()) };
    sqlx::query("INSERT INTO shipped VALUES ($1)").bind(order).execute(pool).await.map(drop)
}

async fn place(jobs: &Jobs, pool: &sqlx::PgPool, order: i64) -> Result<(), riverqueue::Error> {
    with_after::run(async {
        let mut tx = riverqueue::database::begin_postgres(pool).await?;
        sqlx::query("INSERT INTO orders VALUES ($1)").bind(order).execute(&mut *tx).await?;
        jobs.enqueue(ship(order)).tx(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}
