//! A process that is killed at any moment loses nothing that was committed.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use sqlx::SqlitePool;
use tokio::time::sleep;
use with_after_jobs::{JobState, Jobs, Sqlite, Workers, job, sqlite_pool};

use crate::support::{Running, child::Process, list, temp::TempFolder};

const KILLS: u64 = 200;
/// Longer than it takes to run what all of them left behind, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);
/// What a killed process was to do: the number of its first order, and its file.
const VARIABLE: &str = "WITH_AFTER_TEST_KILL";
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS shipped (order_id INTEGER NOT NULL);";

#[job]
async fn ship(order: i64, pool: &SqlitePool) -> Result<(), sqlx::Error> {
    let ship = sqlx::query("INSERT INTO shipped VALUES (?1)").bind(order);
    ship.execute(pool).await.map(drop)
}

/// An order that is given up in the last moment.
fn is_rolled_back(order: i64) -> bool {
    order % 4 == 3
}

async fn open(path: &Path) -> (Jobs<Sqlite>, SqlitePool) {
    let pool = sqlite_pool(path).await.unwrap();
    sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
    let jobs = Jobs::sqlite(pool.clone()).await.unwrap();
    (jobs.hold(Duration::from_secs(1)), pool)
}

fn workers(jobs: &Jobs<Sqlite>, pool: &SqlitePool) -> Workers<Sqlite> {
    let workers = jobs.workers().job::<ship>().state(pool.clone());
    workers.heartbeat(Duration::from_secs(1)).concurrency(4).build().unwrap()
}

/// The process that is killed: a service under load, whose workers run inside of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service() {
    let Ok(value) = env::var(VARIABLE) else { return };
    let (first, path) = value.split_once(' ').unwrap();
    let (jobs, pool) = open(Path::new(path)).await;
    let _workers = Running::start(workers(&jobs, &pool));
    let first: i64 = first.parse().unwrap();
    let clients = (0..4).map(|client| {
        let (jobs, pool) = (jobs.clone(), pool.clone());
        tokio::spawn(async move {
            for order in (first + client..).step_by(4) {
                with_after::run(request(&jobs, &pool, order)).await.unwrap();
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
}

async fn request(jobs: &Jobs<Sqlite>, pool: &SqlitePool, order: i64) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("INSERT INTO orders VALUES (?1)").bind(order).execute(&mut *tx).await?;
    jobs.enqueue_in(&mut tx, ship(order))
        .await
        .map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
    if is_rolled_back(order) { tx.rollback().await } else { tx.commit().await }
}

#[tokio::test]
async fn committed_jobs_run_and_rolled_back_ones_do_not_whenever_the_process_is_killed() {
    let folder = TempFolder::new();
    let path = folder.file("shop.db");
    let seed =
        env::var("WITH_AFTER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into()
        });
    println!("WITH_AFTER_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut lived = 0;
    for round in 0..KILLS {
        let value = format!("{} {}", round * 1_000_000, path.display());
        let process = Process::start("kill::service", VARIABLE, &value);
        // Any moment will do: while it starts, too.
        sleep(Duration::from_micros(random.u64(0..400_000))).await;
        lived += u32::from(process.kill());
    }
    assert_eq!(u64::from(lived), KILLS, "no process ended by itself");

    let (jobs, pool) = open(&path).await;
    let workers = Running::start(workers(&jobs, &pool));
    let begin = Instant::now();
    for state in [JobState::Pending, JobState::Running, JobState::Failed] {
        loop {
            let left = list(&jobs, state).await;
            if left.is_empty() {
                break;
            }
            let (count, first) = (left.len(), &left[0]);
            assert!(begin.elapsed() < PATIENCE, "{count} jobs are left, the first is {first}");
            sleep(Duration::from_millis(100)).await;
        }
    }
    workers.stop().await;

    let orders: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM orders").fetch_all(&pool).await.unwrap();
    let orders: BTreeSet<i64> = orders.into_iter().collect();
    let rows: Vec<i64> =
        sqlx::query_scalar("SELECT order_id FROM shipped").fetch_all(&pool).await.unwrap();
    let mut shipped: BTreeMap<i64, usize> = BTreeMap::new();
    for order in &rows {
        *shipped.entry(*order).or_default() += 1;
    }
    let lost: Vec<_> = orders.iter().filter(|order| !shipped.contains_key(order)).collect();
    let ghosts: Vec<_> = shipped.keys().filter(|order| !orders.contains(order)).collect();
    println!(
        "{KILLS} kills: {} orders committed, {} jobs run, {} of them again",
        orders.len(),
        rows.len(),
        rows.len() - shipped.len(),
    );
    assert!(lost.is_empty(), "committed, and never shipped: {lost:?}");
    assert!(ghosts.is_empty(), "rolled back, and shipped: {ghosts:?}");
    assert!(orders.iter().all(|order| !is_rolled_back(*order)));
    assert!(orders.len() > 1_000, "there was a load");
    assert!(list(&jobs, JobState::Dead).await.is_empty());
}
