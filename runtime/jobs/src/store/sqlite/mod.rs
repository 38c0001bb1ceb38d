//! SQLite: one file, on one machine.

mod statements;

use std::{path::Path, time::Duration};

use apalis_sqlite::{Config, SqliteStorage, queries};
use serde_json::Value;
use sqlx::{
    Row as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};
use tokio::time::sleep;

use self::statements::{
    BEAT, BEGIN, BY_KEY, END, FOREIGN, FORGET, INSERT, LEAVE, LIST, PURGE, RECOVER, RELEASE, RETRY,
};
use super::{Columns, LOST, Result, Store, Worker, id_of, next_attempt};
use crate::{
    error::JobError,
    record::{End, Fetched, JobId, JobState, NewJob, Seconds, StoredJob},
};

/// Jobs in an SQLite file.
#[derive(Clone, Debug)]
pub struct Sqlite {
    pool: SqlitePool,
    queue: String,
}

/// Returns how to connect to an SQLite file, which is made if it is not there, so that what is
/// committed survives a crash of the process and of the machine: with a write-ahead log that is
/// synchronised at each commit.
///
/// A connection waits up to 10 seconds for its turn to write.
pub fn sqlite_options(path: impl AsRef<Path>) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
}

/// Opens an SQLite file with [`sqlite_options`], also where several processes make it at the same
/// moment, of which SQLite tells all but one that it is locked.
///
/// # Errors
///
/// Fails if it cannot be opened within a second or two.
pub async fn sqlite_pool(path: impl AsRef<Path>) -> Result<SqlitePool> {
    let options = sqlite_options(path);
    let pool = patiently(|| SqlitePool::connect_with(options.clone())).await;
    pool.map_err(JobError::store("opening the database"))
}

impl Sqlite {
    pub(crate) async fn new(pool: SqlitePool) -> Result<Self> {
        warn_if_not_durable(&pool).await?;
        refuse_foreign_tables(&pool).await?;
        migrate(&pool).await?;
        Ok(Self { pool, queue: super::QUEUE.to_owned() })
    }

    pub(crate) fn set_queue(&mut self, queue: &str) {
        queue.clone_into(&mut self.queue);
    }

    fn config(&self) -> Config {
        Config::default().queue(&self.queue)
    }

    pub(crate) fn storage(&self) -> SqliteStorage<Value> {
        SqliteStorage::new(&self.pool).with_config(self.config())
    }

    /// Stores a job on a connection, which may be in a transaction.
    pub(crate) async fn insert_in(
        &self,
        connection: &mut SqliteConnection,
        job: &NewJob,
    ) -> Result<Option<JobId>> {
        let stored = sqlx::query(INSERT)
            .bind(&job.payload)
            .bind(&job.id.0)
            .bind(&self.queue)
            .bind(job.max_attempts)
            .bind(job.run_at().map(|run_at| run_at.0))
            .bind(&job.key)
            .execute(&mut *connection)
            .await
            .map_err(JobError::store(STORING))?;
        if stored.rows_affected() > 0 {
            return Ok(None);
        }
        let other = sqlx::query_scalar(BY_KEY).bind(&self.queue).bind(&job.key);
        let id = other.fetch_one(connection).await.map_err(JobError::store(STORING))?;
        Ok(Some(JobId(id)))
    }
}

impl Store for Sqlite {
    async fn insert(&self, job: &NewJob) -> Result<Option<JobId>> {
        let mut connection = self.pool.acquire().await.map_err(JobError::store(STORING))?;
        self.insert_in(&mut connection, job).await
    }

    async fn release(&self, id: &JobId, due: Option<Seconds>) -> Result<()> {
        let release =
            sqlx::query(RELEASE).bind(&id.0).bind(due.map(|due| due.0)).execute(&self.pool);
        release.await.map(drop).map_err(JobError::store("releasing a job"))
    }

    async fn beat(&self, worker: &Worker) -> Result<()> {
        let beat = sqlx::query(BEAT).bind(worker.name()).bind(&self.queue).execute(&self.pool);
        beat.await.map(drop).map_err(JobError::store("telling that a worker lives"))
    }

    async fn leave(&self, worker: &Worker) -> Result<()> {
        let leave = sqlx::query(LEAVE).bind(worker.name()).execute(&self.pool);
        leave.await.map(drop).map_err(JobError::store("taking leave of a worker"))
    }

    async fn fetch(&self, worker: &Worker, limit: usize) -> Result<Vec<Fetched>> {
        let failed = "fetching jobs";
        let mut tx = self.pool.begin().await.map_err(JobError::store(failed))?;
        let config = self.config().batch_size(limit);
        let tasks = queries::fetch_next(&mut *tx, &config, &worker.context);
        let tasks = tasks.await.map_err(JobError::store(failed))?;
        if tasks.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = tasks.iter().map(id_of).collect();
        let ids = Value::from(ids).to_string();
        let begun = sqlx::query(BEGIN).bind(ids).bind(worker.name()).execute(&mut *tx);
        begun.await.map_err(JobError::store(failed))?;
        tx.commit().await.map_err(JobError::store(failed))?;
        Ok(tasks.into_iter().map(next_attempt).collect())
    }

    async fn end(&self, worker: &Worker, id: &str, attempt: u32, end: &End) -> Result<bool> {
        let ended = sqlx::query(END)
            .bind(end.status())
            .bind(end.attempts(attempt))
            .bind(end.run_at().map(|run_at| run_at.0))
            .bind(end.result())
            .bind(id)
            .bind(worker.name())
            .bind(attempt)
            .execute(&self.pool)
            .await
            .map_err(JobError::store("storing how a job ended"))?;
        Ok(ended.rows_affected() > 0)
    }

    async fn recover(&self, dead_for: Duration) -> Result<Vec<StoredJob>> {
        let failed = "taking jobs of dead workers back";
        let dead_for = i64::try_from(dead_for.as_secs()).unwrap_or(i64::MAX);
        let rows = sqlx::query(RECOVER)
            .bind(&self.queue)
            .bind(dead_for)
            .bind(LOST)
            .fetch_all(&self.pool)
            .await
            .map_err(JobError::store(failed))?;
        let gone = sqlx::query(FORGET).bind(&self.queue).bind(dead_for).execute(&self.pool);
        gone.await.map_err(JobError::store(failed))?;
        let stored = rows.iter().filter_map(stored);
        Ok(stored.filter(|job| job.state == JobState::Dead).collect())
    }

    async fn purge(&self, before: Seconds) -> Result<()> {
        let purge = sqlx::query(PURGE).bind(&self.queue).bind(before.0).execute(&self.pool);
        purge.await.map(drop).map_err(JobError::store("deleting jobs that are done"))
    }

    async fn list(&self, state: JobState, limit: u32) -> Result<Vec<StoredJob>> {
        let statuses = Value::from(state.statuses()).to_string();
        let rows = sqlx::query(LIST).bind(&self.queue).bind(statuses).bind(limit);
        let rows = rows.fetch_all(&self.pool).await.map_err(JobError::store("listing jobs"))?;
        Ok(rows.iter().filter_map(stored).collect())
    }

    async fn retry(&self, id: &JobId) -> Result<bool> {
        let retried = sqlx::query(RETRY).bind(&id.0).bind(&self.queue).execute(&self.pool);
        let retried = retried.await.map_err(JobError::store("retrying a job"))?;
        Ok(retried.rows_affected() > 0)
    }
}

async fn migrate(pool: &SqlitePool) -> Result<()> {
    let mut migrations = SqliteStorage::migrations();
    // A table of their own: neither the application's migrations nor these miss the other's.
    migrations.dangerous_set_table_name(MIGRATIONS);
    // On SQLite sqlx has no lock for it. Where processes start together all but one fail, undo
    // what they did, and go on where the first one is.
    let migrated = patiently(|| migrations.run(pool)).await;
    migrated.map_err(JobError::store("creating the tables of the jobs"))
}

/// Tries again what fails where processes start together.
async fn patiently<F, T, E>(attempt: impl Fn() -> F) -> std::result::Result<T, E>
where
    F: Future<Output = std::result::Result<T, E>>,
{
    for _ in 0..TRIES {
        if let Ok(done) = attempt().await {
            return Ok(done);
        }
        sleep(Duration::from_millis(fastrand::u64(5..50))).await;
    }
    attempt().await
}

async fn warn_if_not_durable(pool: &SqlitePool) -> Result<()> {
    let failed = "opening the database";
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(pool)
        .await
        .map_err(JobError::store(failed))?;
    if synchronous < FULL {
        tracing::warn!(
            synchronous,
            "SQLite does not synchronise each commit, so a power failure can lose jobs that were \
             stored; connect with `with_after_jobs::sqlite_options(path)`"
        );
    }
    Ok(())
}

/// The engine's tables have plain names, and it would take others of that name for its own.
async fn refuse_foreign_tables(pool: &SqlitePool) -> Result<()> {
    let foreign: Option<String> = sqlx::query_scalar(FOREIGN)
        .bind(MIGRATIONS)
        .fetch_optional(pool)
        .await
        .map_err(JobError::store("opening the database"))?;
    foreign.map_or(Ok(()), |table| {
        Err(JobError::setup(format!(
            "the database has a table `{table}` that is not one of the job engine's, which needs \
             the names `Jobs` and `Workers`: rename it, or keep the jobs in a file of their own \
             (they are then outside of the application's transactions)"
        )))
    })
}

fn stored(row: &SqliteRow) -> Option<StoredJob> {
    let columns = Columns {
        id: row.try_get("id").ok()?,
        payload: row.try_get("job").ok()?,
        status: row.try_get("status").ok()?,
        attempts: row.try_get("attempts").ok()?,
        max_attempts: row.try_get("max_attempts").ok()?,
        run_at: row.try_get("run_at").ok()?,
        result: row.try_get("last_result").ok()?,
    };
    columns.into_job()
}

const MIGRATIONS: &str = "_with_after_jobs_migrations";
const TRIES: u32 = 40;
const STORING: &str = "storing a job";
/// `PRAGMA synchronous`: 0 off, 1 normal, 2 full, 3 extra.
const FULL: i64 = 2;
