//! A process that is killed at any moment loses nothing that was committed.

use std::{
    env,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use riverqueue::JobState;
use tokio::time::{sleep, timeout};
use with_after::run;
use with_after_jobs::{Jobs, job, riverqueue};

use crate::support::{
    Running,
    child::Process,
    engines::{Engine, Pool, Tx},
    hurried,
};

const KILLS: u64 = 200;
/// Longer than it takes to run what all of them left behind, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);
/// What a killed process was to do: the number of its first order, and its database.
const VARIABLE: &str = "WITH_AFTER_TEST_KILL";
const TABLES: &str = "
    CREATE TABLE orders (id BIGINT PRIMARY KEY);
    CREATE TABLE shipped (order_id BIGINT NOT NULL)";

#[job]
async fn ship(order: i64, pool: &Pool) -> Result<(), sqlx::Error> {
    match pool {
        Pool::Sqlite(pool) => {
            let ship = sqlx::query("INSERT INTO shipped VALUES (?1)").bind(order);
            ship.execute(pool).await.map(drop)
        }
        Pool::Postgres(pool) => {
            let ship = sqlx::query("INSERT INTO shipped VALUES ($1)").bind(order);
            ship.execute(pool).await.map(drop)
        }
    }
}

/// An order that is given up in the last moment.
fn is_rolled_back(order: i64) -> bool {
    order % 4 == 3
}

fn open(pool: &Pool) -> Jobs {
    let builder = hurried(pool.builder()).job::<ship>().state(pool.clone()).concurrency(4);
    let builder = builder.hold(Duration::from_secs(1)).max_duration(Duration::from_secs(2));
    builder.rescue_after(Duration::from_secs(3)).build().unwrap()
}

/// The process that is killed: a service under load, whose workers run inside of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service() {
    let Ok(value) = env::var(VARIABLE) else { return };
    let (first, address) = value.split_once(' ').unwrap();
    let pool = Pool::open(address).await;
    let jobs = open(&pool);
    let _workers = Running::start(&jobs);
    let first: i64 = first.parse().unwrap();
    let clients = (0..4).map(|client| {
        let (jobs, pool) = (jobs.clone(), pool.clone());
        tokio::spawn(async move {
            for order in (first + client..).step_by(4) {
                run(request(&jobs, &pool, order)).await.unwrap();
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
}

async fn request(jobs: &Jobs, pool: &Pool, order: i64) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await;
    match &mut tx {
        Tx::Sqlite(tx) => {
            sqlx::query("INSERT INTO orders VALUES (?1)").bind(order).execute(&mut **tx).await?;
        }
        Tx::Postgres(tx) => {
            sqlx::query("INSERT INTO orders VALUES ($1)").bind(order).execute(&mut **tx).await?;
        }
    }
    tx.enqueue(jobs, ship(order)).await;
    if is_rolled_back(order) {
        tx.rollback().await;
    } else {
        tx.commit().await;
    }
    Ok(())
}

#[tokio::test]
async fn committed_jobs_run_and_rolled_back_ones_do_not_whenever_sqlite_processes_are_killed() {
    kill(Engine::sqlite().await).await;
}

#[tokio::test]
async fn committed_jobs_run_and_rolled_back_ones_do_not_whenever_postgres_processes_are_killed() {
    if let Some(engine) = Engine::postgres().await {
        kill(engine).await;
    }
}

async fn kill(engine: Engine) {
    engine.execute(TABLES).await;
    let address = engine.address();
    let seed =
        env::var("WITH_AFTER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into()
        });
    println!("WITH_AFTER_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut lived = 0;
    for round in 0..KILLS {
        let value = format!("{} {address}", round * 1_000_000);
        let process = Process::start("kill::service", VARIABLE, &value);
        // Any moment will do: while it starts, too.
        sleep(Duration::from_micros(random.u64(0..250_000))).await;
        lived += u64::from(process.kill());
    }
    assert_eq!(lived, KILLS, "no process ended by itself");

    let jobs = open(&engine.pool);
    let workers = Running::start(&jobs);
    let left = "SELECT count(*) FROM river_job WHERE state <> 'completed'";
    let ended = timeout(PATIENCE, async {
        while engine.count(left).await > 0 {
            sleep(Duration::from_millis(100)).await;
        }
    });
    let ended = ended.await;
    if ended.is_err() {
        for state in [JobState::Running, JobState::Discarded, JobState::Scheduled] {
            println!("{:?}", crate::support::list(jobs.client(), state).await.first());
        }
    }
    assert!(ended.is_ok(), "{} jobs are left", engine.count(left).await);
    workers.stop().await;

    let orders = engine.count("SELECT count(*) FROM orders").await;
    let runs = engine.count("SELECT count(*) FROM shipped").await;
    let lost = "SELECT count(*) FROM orders WHERE id NOT IN (SELECT order_id FROM shipped)";
    let ghosts = "SELECT count(*) FROM shipped WHERE order_id NOT IN (SELECT id FROM orders)";
    let (lost, ghosts) = (engine.count(lost).await, engine.count(ghosts).await);
    let shipped = engine.count("SELECT count(DISTINCT order_id) FROM shipped").await;
    println!("{KILLS} kills: {orders} orders committed, {runs} jobs run, {} again", runs - shipped);
    assert_eq!((lost, ghosts), (0, 0), "committed and never shipped; rolled back and shipped");
    assert_eq!(engine.count("SELECT count(*) FROM orders WHERE id % 4 = 3").await, 0);
    assert!(orders > 500, "there was a load");
}
