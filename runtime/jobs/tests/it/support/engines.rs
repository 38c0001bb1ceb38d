//! One test on each engine that there is.

use std::{
    env, process,
    sync::atomic::{AtomicU32, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::SqlitePoolOptions,
};
use with_after_jobs::{Jobs, Postgres, Redis, Sqlite, sqlite_options};

use super::temp::TempFolder;

/// Makes of a generic `async fn name(jobs: Jobs<impl Store>)` a test on each engine.
macro_rules! on_each_engine {
    ($($name:ident),+ $(,)?) => {
        $(
            mod $name {
                #[tokio::test]
                async fn sqlite() {
                    let (jobs, _folder) = crate::support::engines::sqlite().await;
                    super::$name(jobs).await;
                }

                #[tokio::test]
                async fn postgres() {
                    if let Some(jobs) = crate::support::engines::postgres().await {
                        super::$name(jobs).await;
                    }
                }

                #[tokio::test]
                async fn redis() {
                    if let Some(jobs) = crate::support::engines::redis().await {
                        super::$name(jobs).await;
                    }
                }
            }
        )+
    };
}
pub(crate) use on_each_engine;

pub(crate) const POSTGRES: &str = "WITH_AFTER_POSTGRES_URL";
pub(crate) const REDIS: &str = "WITH_AFTER_REDIS_URL";

/// Opens jobs in a new SQLite file.
pub(crate) async fn sqlite() -> (Jobs<Sqlite>, TempFolder) {
    let folder = TempFolder::new();
    let jobs = Jobs::sqlite(sqlite_pool(&folder).await).await.expect("the tables can be made");
    (jobs, folder)
}

pub(crate) async fn sqlite_pool(folder: &TempFolder) -> SqlitePool {
    let options = sqlite_options(folder.file("jobs.db"));
    SqlitePoolOptions::new().connect_with(options).await.expect("SQLite opens a file")
}

/// Opens jobs in a new queue of the PostgreSQL server, if there is one.
pub(crate) async fn postgres() -> Option<Jobs<Postgres>> {
    let pool = PgPoolOptions::new().max_connections(4);
    let pool = pool.connect(&server(POSTGRES)?).await.expect("PostgreSQL answers");
    let jobs = Jobs::postgres(pool).await.expect("the tables can be made");
    Some(jobs.queue(fresh_queue()))
}

/// Opens a new, empty database on the PostgreSQL server, if there is one.
pub(crate) async fn postgres_database() -> Option<PgPool> {
    let url = server(POSTGRES)?;
    let name = fresh_queue().replace('-', "_");
    let mut admin = PgConnection::connect(&url).await.expect("PostgreSQL answers");
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(create).execute(&mut admin).await.expect("a database can be made");
    let options: PgConnectOptions = url.parse().expect("it is an address");
    let pool = PgPoolOptions::new().max_connections(8).connect_with(options.database(&name));
    Some(pool.await.expect("PostgreSQL answers"))
}

/// Opens jobs in a new queue of the Redis server, if there is one.
pub(crate) async fn redis() -> Option<Jobs<Redis>> {
    let jobs = Jobs::redis(&server(REDIS)?).await.expect("Redis answers");
    Some(jobs.queue(fresh_queue()))
}

/// A queue that no other test uses, also of an earlier run.
pub(crate) fn fresh_queue() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    format!("test-{}-{}-{number}", now.as_millis(), process::id())
}

/// Returns the address of a server, or says that the test is skipped.
pub(crate) fn server(variable: &str) -> Option<String> {
    let url = env::var(variable).ok();
    if url.is_none() {
        eprintln!("SKIPPED: `{variable}` is not set");
    }
    url
}
