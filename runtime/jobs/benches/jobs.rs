//! What a durable job costs beside the insert of its business row: see `README.md`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a program that prints a table"
)]

use std::{
    env, fs,
    future::Future,
    time::{Duration, Instant},
};

use sqlx::{PgPool, SqlitePool, postgres::PgPoolOptions, sqlite::SqlitePoolOptions};
use with_after_jobs::{Jobs, Postgres, Sqlite, job, sqlite_options};

const ROUNDS: usize = 3;

#[job]
async fn nothing(order: i64) {
    drop(std::future::ready(order));
}

/// Counts how often a request is served in a second, by so many clients; the best of some rounds.
async fn rate<F>(clients: usize, request: impl Fn() -> F + Clone + Send + 'static) -> f64
where
    F: Future<Output = ()> + Send,
{
    let mut best = 0.0_f64;
    let seconds = env::var("SECONDS_PER_ROUND").map_or(2.0, |seconds| seconds.parse().unwrap());
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let clients = (0..clients).map(|_| {
            let request = request.clone();
            tokio::spawn(async move {
                let mut served = 0_u32;
                while begin.elapsed() < Duration::from_secs_f64(seconds) {
                    request().await;
                    served += 1;
                }
                served
            })
        });
        let mut served = 0;
        for client in clients.collect::<Vec<_>>() {
            served += client.await.unwrap();
        }
        best = best.max(f64::from(served) / begin.elapsed().as_secs_f64());
    }
    best
}

macro_rules! measure {
    ($name:literal, $engine:ty, $pool:ty, $insert:literal, $pool_value:expr) => {{
        let pool: $pool = $pool_value;
        let jobs: Jobs<$engine> = <Jobs<$engine>>::from_pool(pool.clone()).await;
        for clients in [1, 8] {
            let bare = rate(clients, {
                let pool = pool.clone();
                move || {
                    let pool = pool.clone();
                    async move {
                        let mut tx = pool.begin().await.unwrap();
                        sqlx::query($insert).execute(&mut *tx).await.unwrap();
                        tx.commit().await.unwrap();
                    }
                }
            })
            .await;
            let stored = rate(clients, {
                let (pool, jobs) = (pool.clone(), jobs.clone());
                move || {
                    let (pool, jobs) = (pool.clone(), jobs.clone());
                    async move {
                        let mut tx = pool.begin().await.unwrap();
                        sqlx::query($insert).execute(&mut *tx).await.unwrap();
                        jobs.enqueue_in(&mut tx, nothing(7)).await.unwrap();
                        tx.commit().await.unwrap();
                    }
                }
            })
            .await;
            let released = rate(clients, {
                let (pool, jobs) = (pool.clone(), jobs.clone());
                move || {
                    let (pool, jobs) = (pool.clone(), jobs.clone());
                    // The scope ends when the job is released.
                    with_after::run(async move {
                        let mut tx = pool.begin().await.unwrap();
                        sqlx::query($insert).execute(&mut *tx).await.unwrap();
                        jobs.enqueue_in(&mut tx, nothing(7)).await.unwrap();
                        tx.commit().await.unwrap();
                    })
                }
            })
            .await;
            println!(
                "| {} | {clients} | {bare:.0} | {stored:.0} | {released:.0} | {:.2} |",
                $name,
                bare / released
            );
        }
    }};
}

/// The constructor of each engine, under one name.
trait FromPool<P> {
    async fn from_pool(pool: P) -> Self;
}

impl FromPool<SqlitePool> for Jobs<Sqlite> {
    async fn from_pool(pool: SqlitePool) -> Self {
        Self::sqlite(pool).await.unwrap()
    }
}

impl FromPool<PgPool> for Jobs<Postgres> {
    async fn from_pool(pool: PgPool) -> Self {
        Self::postgres(pool).await.unwrap()
    }
}

#[tokio::main]
async fn main() {
    println!("requests a second, the best of {ROUNDS} rounds\n");
    println!(
        "| engine | clients | bare insert | insert + enqueue | insert + enqueue + release | cost |"
    );
    println!("|---|---|---|---|---|---|");

    let folder = env::temp_dir().join(format!("with-after-jobs-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let options = sqlite_options(folder.join("jobs.db"));
    let pool = SqlitePoolOptions::new().connect_with(options).await.unwrap();
    sqlx::query("CREATE TABLE orders (id INTEGER PRIMARY KEY)").execute(&pool).await.unwrap();
    measure!("SQLite", Sqlite, SqlitePool, "INSERT INTO orders DEFAULT VALUES", pool.clone());
    pool.close().await;
    fs::remove_dir_all(&folder).unwrap();

    let Ok(url) = env::var("WITH_AFTER_POSTGRES_URL") else {
        println!("\nPostgreSQL SKIPPED: `WITH_AFTER_POSTGRES_URL` is not set");
        return;
    };
    let pool = PgPoolOptions::new().connect(&url).await.unwrap();
    sqlx::query("CREATE TABLE IF NOT EXISTS bench_orders (id BIGSERIAL PRIMARY KEY)")
        .execute(&pool)
        .await
        .unwrap();
    measure!("PostgreSQL", Postgres, PgPool, "INSERT INTO bench_orders DEFAULT VALUES", pool);
}
