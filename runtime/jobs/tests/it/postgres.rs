//! What is PostgreSQL's own: the application's migrations in the same database.

use std::borrow::Cow;

use sqlx::{
    PgPool, SqlStr,
    migrate::{Migration, MigrationType, Migrator},
};
use with_after_jobs::Jobs;

use crate::support::engines::postgres_database;

/// The application's migrations, in sqlx's usual table.
fn application() -> Migrator {
    let sql = SqlStr::from_static("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
    let name = Cow::Borrowed("orders");
    let first = Migration::new(20_260_101_000_000, name, MigrationType::Simple, sql, false);
    Migrator::with_migrations(vec![first])
}

async fn tables(pool: &PgPool) -> i64 {
    let tables =
        "SELECT count(*) FROM information_schema.tables WHERE table_name IN ('orders', 'jobs')";
    sqlx::query_scalar(tables).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn the_applications_migrations_may_come_before_or_after() {
    for jobs_first in [true, false] {
        let Some(pool) = postgres_database().await else { return };
        // Twice: as at each start of the process.
        for _ in 0..2 {
            if jobs_first {
                Jobs::postgres(pool.clone()).await.unwrap();
                application().run(&pool).await.unwrap();
            } else {
                application().run(&pool).await.unwrap();
                Jobs::postgres(pool.clone()).await.unwrap();
            }
        }
        assert_eq!(tables(&pool).await, 2);
    }
}

#[tokio::test]
async fn processes_that_start_together_make_the_tables_once() {
    let Some(pool) = postgres_database().await else { return };
    let opens: Vec<_> = (0..4)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move { Jobs::postgres(pool).await.map(drop) })
        })
        .collect();
    for open in opens {
        open.await.unwrap().unwrap();
    }
}
