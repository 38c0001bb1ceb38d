//! What is SQLite's own: durability, and the application's tables in the same file.

use std::borrow::Cow;

use sqlx::{
    SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
};
use with_after_jobs::{Jobs, sqlite_pool as open};

use crate::support::{engines::sqlite_pool, temp::TempFolder};

/// The application's migrations, in sqlx's usual table.
fn application() -> Migrator {
    let sql = "CREATE TABLE orders (id INTEGER PRIMARY KEY)";
    let (description, sql) = (Cow::Borrowed("orders"), sqlx::SqlStr::from_static(sql));
    let first = Migration::new(20_260_101_000_000, description, MigrationType::Simple, sql, false);
    Migrator::with_migrations(vec![first])
}

async fn count(pool: &SqlitePool, table: &'static str) -> i64 {
    let exists = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1";
    sqlx::query_scalar(exists).bind(table).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn what_is_committed_is_on_the_disk() {
    let folder = TempFolder::new();
    let pool = sqlite_pool(&folder).await;
    Jobs::sqlite(pool.clone()).await.unwrap();
    // On each connection, also after the tables were made.
    let mut connections = Vec::new();
    for _ in 0..5 {
        let mut connection = pool.acquire().await.unwrap();
        let pragma = async |name: &'static str, connection: &mut sqlx::SqliteConnection| {
            let row: (String,) = sqlx::query_as(name).fetch_one(connection).await.unwrap();
            row.0
        };
        let synchronous = "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous";
        let journal = "SELECT journal_mode FROM pragma_journal_mode";
        assert_eq!(pragma(synchronous, &mut connection).await, "2");
        assert_eq!(pragma(journal, &mut connection).await, "wal");
        connections.push(connection);
    }
}

#[tokio::test]
async fn the_applications_migrations_may_come_before_or_after() {
    for jobs_first in [true, false] {
        let folder = TempFolder::new();
        let pool = sqlite_pool(&folder).await;
        // Twice: as at each start of the process.
        for _ in 0..2 {
            if jobs_first {
                Jobs::sqlite(pool.clone()).await.unwrap();
                application().run(&pool).await.unwrap();
            } else {
                application().run(&pool).await.unwrap();
                Jobs::sqlite(pool.clone()).await.unwrap();
            }
        }
        assert_eq!((count(&pool, "orders").await, count(&pool, "Jobs").await), (1, 1));
    }
}

#[tokio::test]
async fn a_table_of_the_same_name_is_left_alone() {
    let folder = TempFolder::new();
    let pool = sqlite_pool(&folder).await;
    sqlx::query("CREATE TABLE jobs (title TEXT)").execute(&pool).await.unwrap();
    let error = Jobs::sqlite(pool.clone()).await.unwrap_err();
    assert!(error.is_setup(), "{error}");
    assert!(error.to_string().contains("a table `jobs`"), "{error}");
    assert_eq!(count(&pool, "Workers").await, 0);
}

#[tokio::test]
async fn processes_that_start_together_make_the_tables_once() {
    let folder = TempFolder::new();
    let path = folder.file("jobs.db");
    let opens: Vec<_> = (0..4)
        .map(|_| {
            let path = path.clone();
            tokio::spawn(async move {
                let pool = open(path).await.unwrap();
                Jobs::sqlite(pool).await.map(drop)
            })
        })
        .collect();
    for open in opens {
        open.await.unwrap().unwrap();
    }
}
