//! The databases, and bare `riverqueue` with the settings of ours.

use std::{env, fs, path::PathBuf, time::Duration};

use riverqueue::{
    Client, ClientBuilder, Error, InsertResult, QueueConfig,
    database::{begin_postgres, begin_sqlite_write},
};
use serde::{Deserialize, Serialize};
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use with_after_jobs::{Jobs, JobsBuilder, job, riverqueue, sqlite_pool};

#[derive(Clone, Debug)]
pub(crate) enum Database {
    Sqlite(SqlitePool, #[expect(dead_code, reason = "it is kept")] Folder),
    Postgres(PgPool),
}

/// Goes away with its last clone.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    _temp: std::sync::Arc<Temp>,
}

#[derive(Debug)]
struct Temp(PathBuf);

impl Drop for Temp {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The job of bare `riverqueue`.
#[derive(Clone, Debug, Deserialize, Serialize, riverqueue::JobArgs)]
#[river(kind = "nothing")]
pub(crate) struct Nothing {
    pub(crate) order: i64,
}

/// Ours.
#[job]
pub(crate) async fn nothing(order: i64) {
    drop(std::future::ready(order));
}

impl Database {
    /// Opens a new database of each kind that there is.
    pub(crate) async fn all() -> Vec<Self> {
        let mut all = vec![Self::sqlite().await];
        match env::var("WITH_AFTER_POSTGRES_URL") {
            Ok(url) => all.push(Self::postgres(&url).await),
            Err(_) => println!("PostgreSQL SKIPPED: `WITH_AFTER_POSTGRES_URL` is not set"),
        }
        all
    }

    pub(crate) async fn fresh(&self) -> Self {
        match self {
            Self::Sqlite(..) => Self::sqlite().await,
            Self::Postgres(_) => {
                Self::postgres(&env::var("WITH_AFTER_POSTGRES_URL").unwrap()).await
            }
        }
    }

    async fn sqlite() -> Self {
        let folder = env::temp_dir().join(format!("with-after-jobs-bench-{}", fastrand::u64(..)));
        fs::create_dir_all(&folder).unwrap();
        let pool = sqlite_pool(folder.join("jobs.db")).await.unwrap();
        Self::Sqlite(pool, Folder { _temp: std::sync::Arc::new(Temp(folder)) }).prepared().await
    }

    async fn postgres(url: &str) -> Self {
        let name = format!("bench_{}", fastrand::u64(..));
        let mut admin = PgConnection::connect(url).await.unwrap();
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut admin).await.unwrap();
        let options = url.parse::<PgConnectOptions>().unwrap().database(&name);
        let pool = PgPoolOptions::new().max_connections(20).connect_with(options).await.unwrap();
        Self::Postgres(pool).prepared().await
    }

    async fn prepared(self) -> Self {
        self.builder().build().unwrap().migrate().await.unwrap();
        self.execute("CREATE TABLE orders (number BIGINT)").await;
        self
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(..) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    pub(crate) fn address(&self) -> String {
        match self {
            Self::Sqlite(pool, _) => {
                pool.connect_options().get_filename().to_string_lossy().into_owned()
            }
            Self::Postgres(pool) => {
                let options = pool.connect_options();
                let (user, host, port) =
                    (options.get_username(), options.get_host(), options.get_port());
                format!("postgres://{user}@{host}:{port}/{}", options.get_database().unwrap())
            }
        }
    }

    pub(crate) async fn execute(&self, sql: &'static str) {
        match self {
            Self::Sqlite(pool, _) => drop(sqlx::raw_sql(sql).execute(pool).await.unwrap()),
            Self::Postgres(pool) => drop(sqlx::raw_sql(sql).execute(pool).await.unwrap()),
        }
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        match self {
            Self::Sqlite(pool, _) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        }
    }

    pub(crate) fn builder(&self) -> JobsBuilder {
        match self {
            Self::Sqlite(pool, _) => Jobs::builder(pool),
            Self::Postgres(pool) => Jobs::builder(pool),
        }
    }

    /// Bare `riverqueue`, with our settings.
    pub(crate) fn bare(&self) -> (ClientBuilder, QueueConfig) {
        let queue = QueueConfig::new(16);
        let (client, queue) = match self {
            Self::Sqlite(pool, _) => {
                let queue = queue.with_fetch_poll_interval(Duration::from_millis(5));
                (Client::builder(pool), queue)
            }
            Self::Postgres(pool) => (Client::builder(pool), queue),
        };
        (client.fetch_cooldown(Duration::from_millis(2)).fetch_only_known_kinds(true), queue)
    }

    /// Stores a row and a job in one transaction.
    pub(crate) async fn place<A: riverqueue::JobArgs>(
        &self,
        client: &Client,
        args: A,
    ) -> Result<InsertResult<A>, Error> {
        match self {
            Self::Sqlite(pool, _) => {
                let mut tx = begin_sqlite_write(pool).await?;
                sqlx::query("INSERT INTO orders VALUES (7)").execute(&mut *tx).await?;
                let inserted = client.insert(args).tx(&mut tx).await?;
                tx.commit().await?;
                Ok(inserted)
            }
            Self::Postgres(pool) => {
                let mut tx = begin_postgres(pool).await?;
                sqlx::query("INSERT INTO orders VALUES (7)").execute(&mut *tx).await?;
                let inserted = client.insert(args).tx(&mut tx).await?;
                tx.commit().await?;
                Ok(inserted)
            }
        }
    }
}
