//! The same shop in SQLite and in PostgreSQL.

use std::{env, time::Duration};

use riverqueue::database::{begin_postgres, begin_sqlite_write};
use sqlx::{PgPool, SqlitePool, migrate::Migrator};
use tokio::time::sleep;
use with_after_jobs::{Call, JobFn, Jobs, JobsBuilder, riverqueue, sqlite_pool};

use crate::Failure;

#[derive(Clone, Debug)]
pub(crate) enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

static SQLITE: Migrator = sqlx::migrate!("examples/orders/migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("examples/orders/migrations/postgres");

impl Database {
    /// Opens the database that `DATABASE_URL` names, or a file that needs no set-up.
    pub(crate) async fn open() -> Result<Self, Failure> {
        match env::var("DATABASE_URL") {
            Ok(url) if url.starts_with("postgres") => {
                Ok(Self::Postgres(PgPool::connect(&url).await?))
            }
            Ok(url) => Ok(Self::Sqlite(sqlite_pool(url.trim_start_matches("sqlite:")).await?)),
            Err(_) => {
                let file = env::temp_dir().join("with-after-orders.db");
                Ok(Self::Sqlite(sqlite_pool(file).await?))
            }
        }
    }

    pub(crate) fn jobs(&self) -> JobsBuilder {
        match self {
            Self::Sqlite(pool) => Jobs::builder(pool),
            Self::Postgres(pool) => Jobs::builder(pool),
        }
    }

    /// Makes the shop's own tables, also where several processes start together: on SQLite sqlx
    /// has no lock for it, so all but one of them fail, and go on where the first one is.
    pub(crate) async fn migrate(&self) -> Result<(), Failure> {
        for _ in 0..50 {
            if self.is_migrated().await {
                return Ok(());
            }
            if let Err(error) = self.run_migrations().await {
                println!("the migration is tried again: {error}");
                sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(self.run_migrations().await?)
    }

    /// A role that may not create anything finds out by this that it need not.
    async fn is_migrated(&self) -> bool {
        let count = "SELECT count(*) FROM _sqlx_migrations WHERE success";
        let (done, all): (Result<i64, _>, _) = match self {
            Self::Sqlite(pool) => (sqlx::query_scalar(count).fetch_one(pool).await, &SQLITE),
            Self::Postgres(pool) => (sqlx::query_scalar(count).fetch_one(pool).await, &POSTGRES),
        };
        done.is_ok_and(|done| usize::try_from(done) == Ok(all.iter().count()))
    }

    async fn run_migrations(&self) -> Result<(), sqlx::migrate::MigrateError> {
        match self {
            Self::Sqlite(pool) => SQLITE.run(pool).await,
            Self::Postgres(pool) => POSTGRES.run(pool).await,
        }
    }

    /// Stores an order and the job of its receipt, or neither.
    pub(crate) async fn place<J: JobFn>(
        &self,
        jobs: &Jobs,
        items: &[String],
        receipt: impl FnOnce(i64) -> Call<J>,
    ) -> Result<i64, Failure> {
        let items = items.join(", ");
        match self {
            Self::Sqlite(pool) => {
                let mut tx = begin_sqlite_write(pool).await?;
                let insert = "INSERT INTO orders (items) VALUES (?1) RETURNING id";
                let order = sqlx::query_scalar(insert).bind(items).fetch_one(&mut *tx).await?;
                jobs.enqueue(receipt(order)).tx(&mut tx).await?;
                tx.commit().await?;
                Ok(order)
            }
            Self::Postgres(pool) => {
                let mut tx = begin_postgres(pool).await?;
                let insert = "INSERT INTO orders (items) VALUES ($1) RETURNING id";
                let order = sqlx::query_scalar(insert).bind(items).fetch_one(&mut *tx).await?;
                jobs.enqueue(receipt(order)).tx(&mut tx).await?;
                tx.commit().await?;
                Ok(order)
            }
        }
    }
}
