//! A job and the rows of its transaction are stored together, or not at all.

use sqlx::{PgPool, SqlitePool};
use with_after_jobs::{Jobs, Postgres, Sqlite};

use crate::support::{
    engines::{postgres_database, sqlite_pool},
    temp::TempFolder,
};

/// The same tests on each engine that has transactions.
macro_rules! transactions {
    ($engine:ident, $open:expr) => {
        mod $engine {
            use with_after_jobs::JobState;

            use crate::support::{
                Running, list, quick,
                seen::{Seen, tell},
                until,
            };

            const INSERT: &str = "INSERT INTO orders DEFAULT VALUES";
            const COUNT: &str = "SELECT count(*) FROM orders";

            #[tokio::test]
            async fn a_committed_job_runs_and_one_that_was_rolled_back_never_existed() {
                let Some((jobs, pool, _folder)) = $open.await else { return };
                let seen = Seen::new();
                let workers =
                    Running::start(quick(&jobs).job::<tell>().state(seen.clone()).build().unwrap());
                with_after::run(async {
                    for (commit, what) in
                        [(true, "committed"), (false, "rolled back"), (true, "second")]
                    {
                        let mut tx = pool.begin().await.unwrap();
                        sqlx::query(INSERT).execute(&mut *tx).await.unwrap();
                        jobs.enqueue_in(&mut tx, tell(what.into())).await.unwrap();
                        if commit {
                            tx.commit().await.unwrap();
                        } else {
                            tx.rollback().await.unwrap();
                        }
                    }
                    assert_eq!(list(&jobs, JobState::Pending).await.len(), 2);
                })
                .await;
                until(&jobs, JobState::Done, 2).await;
                workers.stop().await;
                let mut all = seen.all();
                all.sort();
                assert_eq!(all, ["committed", "second"]);
                let orders: i64 = sqlx::query_scalar(COUNT).fetch_one(&pool).await.unwrap();
                assert_eq!(orders, 2);
            }

            #[tokio::test]
            async fn a_taken_key_leaves_the_transaction_as_it_was() {
                let Some((jobs, pool, _folder)) = $open.await else { return };
                let first = jobs.enqueue(tell("first".into()).key("7")).await.unwrap();
                let mut tx = pool.begin().await.unwrap();
                sqlx::query(INSERT).execute(&mut *tx).await.unwrap();
                let second =
                    jobs.enqueue_in(&mut tx, tell("second".into()).key("7")).await.unwrap();
                tx.commit().await.unwrap();
                assert_eq!((second.is_new(), second.id()), (false, first.id()));
                let orders: i64 = sqlx::query_scalar(COUNT).fetch_one(&pool).await.unwrap();
                assert_eq!(orders, 1);
            }

            #[tokio::test]
            async fn outside_of_a_scope_a_committed_job_starts_at_once() {
                let Some((jobs, pool, _folder)) = $open.await else { return };
                let seen = Seen::new();
                let workers =
                    Running::start(quick(&jobs).job::<tell>().state(seen.clone()).build().unwrap());
                let mut tx = pool.begin().await.unwrap();
                jobs.enqueue_in(&mut tx, tell("job".into())).await.unwrap();
                tx.commit().await.unwrap();
                assert_eq!(seen.next().await, "job");
                workers.stop().await;
            }
        }
    };
}

transactions!(sqlite, super::sqlite_shop());
transactions!(postgres, super::postgres_shop());

async fn sqlite_shop() -> Option<(Jobs<Sqlite>, SqlitePool, TempFolder)> {
    let folder = TempFolder::new();
    let pool = sqlite_pool(&folder).await;
    sqlx::query("CREATE TABLE orders (id INTEGER PRIMARY KEY)").execute(&pool).await.unwrap();
    Some((Jobs::sqlite(pool.clone()).await.unwrap(), pool, folder))
}

async fn postgres_shop() -> Option<(Jobs<Postgres>, PgPool, ())> {
    let pool = postgres_database().await?;
    sqlx::query("CREATE TABLE orders (id SERIAL PRIMARY KEY)").execute(&pool).await.unwrap();
    Some((Jobs::postgres(pool.clone()).await.unwrap(), pool, ()))
}
