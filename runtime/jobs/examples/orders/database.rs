//! The same shop in SQLite and in PostgreSQL.

use apalis_board_api::framework::{ApiBuilder, RegisterRoute as _};
use axum::Router;
use sqlx::{PgPool, SqlitePool};
use with_after_jobs::{Job, Jobs, Postgres, Sqlite, Store, sqlite_pool};

use crate::Failure;

/// The orders, and the jobs beside them.
#[derive(Clone)]
pub(crate) struct Shop<D: Database> {
    pub(crate) jobs: Jobs<D>,
    pool: D::Pool,
}

/// What differs from one database to the other.
pub(crate) trait Database: Store {
    type Pool: Clone + Send + Sync + 'static;

    fn open(url: &str) -> impl Future<Output = Result<Shop<Self>, Failure>> + Send;
    fn place(
        shop: &Shop<Self>,
        items: String,
        receipt: impl FnOnce(i64) -> Job + Send,
    ) -> impl Future<Output = Result<i64, Failure>> + Send;
    fn board(jobs: &Jobs<Self>) -> Router;
}

impl<D: Database> Shop<D> {
    pub(crate) async fn open(url: &str) -> Result<Self, Failure> {
        D::open(url).await
    }

    /// Stores an order and the job of its receipt, or neither.
    pub(crate) async fn place(
        &self,
        items: &[String],
        receipt: impl FnOnce(i64) -> Job + Send,
    ) -> Result<i64, Failure> {
        D::place(self, items.join(", "), receipt).await
    }

    pub(crate) fn board(&self) -> Router {
        D::board(&self.jobs)
    }
}

const QUEUE: &str = "orders";

macro_rules! database {
    ($engine:ty, $pool:ty, $create:literal, $insert:literal, $connect:expr, $jobs:expr) => {
        impl Database for $engine {
            type Pool = $pool;

            async fn open(url: &str) -> Result<Shop<Self>, Failure> {
                let pool: $pool = $connect(url.to_owned()).await?;
                sqlx::query($create).execute(&pool).await?;
                let jobs = $jobs(pool.clone()).await?.queue(QUEUE);
                Ok(Shop { jobs, pool })
            }

            async fn place(
                shop: &Shop<Self>,
                items: String,
                receipt: impl FnOnce(i64) -> Job + Send,
            ) -> Result<i64, Failure> {
                let mut tx = shop.pool.begin().await?;
                let order = sqlx::query_scalar($insert).bind(items).fetch_one(&mut *tx).await?;
                shop.jobs.enqueue_in(&mut tx, receipt(order)).await?;
                tx.commit().await?;
                Ok(order)
            }

            fn board(jobs: &Jobs<Self>) -> Router {
                ApiBuilder::new(Router::new()).register(QUEUE, jobs.storage()).build()
            }
        }
    };
}

database!(
    Sqlite,
    SqlitePool,
    "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, items TEXT NOT NULL)",
    "INSERT INTO orders (items) VALUES (?1) RETURNING id",
    sqlite_pool,
    Jobs::sqlite
);

database!(
    Postgres,
    PgPool,
    "CREATE TABLE IF NOT EXISTS orders (id BIGSERIAL PRIMARY KEY, items TEXT NOT NULL)",
    "INSERT INTO orders (items) VALUES ($1) RETURNING id",
    async |url: String| PgPool::connect(&url).await,
    Jobs::postgres
);
