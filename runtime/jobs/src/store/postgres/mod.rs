//! PostgreSQL: any number of machines.

mod statements;

use std::time::Duration;

use apalis_postgres::{Config, PostgresStorage, queries};
use serde_json::Value;
use sqlx::{PgConnection, PgPool, Row as _, postgres::PgRow};

use self::statements::{
    BEAT, BEGIN, BY_KEY, END, FORGET, INSERT, LEAVE, LIST, PURGE, RECOVER, RELEASE, RETRY,
};
use super::{Columns, LOST, Result, Store, Worker, id_of, next_attempt};
use crate::{
    error::JobError,
    record::{End, Fetched, JobId, JobState, NewJob, Seconds, StoredJob},
};

/// Jobs in a PostgreSQL database.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: PgPool,
    queue: String,
}

impl Postgres {
    pub(crate) async fn new(pool: PgPool) -> Result<Self> {
        warn_if_not_durable(&pool).await?;
        let made = PostgresStorage::setup(&pool).await;
        made.map_err(JobError::store("creating the tables of the jobs"))?;
        Ok(Self { pool, queue: super::QUEUE.to_owned() })
    }

    pub(crate) fn set_queue(&mut self, queue: &str) {
        queue.clone_into(&mut self.queue);
    }

    fn config(&self) -> Config {
        Config::default().queue(&self.queue)
    }

    pub(crate) fn storage(&self) -> PostgresStorage<Value> {
        PostgresStorage::new(&self.pool).with_config(self.config())
    }

    /// Stores a job on a connection, which may be in a transaction.
    pub(crate) async fn insert_in(
        &self,
        connection: &mut PgConnection,
        job: &NewJob,
    ) -> Result<Option<JobId>> {
        let stored = sqlx::query(INSERT)
            .bind(&job.payload)
            .bind(&job.id.0)
            .bind(&self.queue)
            .bind(signed(job.max_attempts))
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

impl Store for Postgres {
    async fn insert(&self, job: &NewJob) -> Result<Option<JobId>> {
        let mut connection = self.pool.acquire().await.map_err(JobError::store(STORING))?;
        self.insert_in(&mut connection, job).await
    }

    async fn release(&self, id: &JobId, due: Option<Seconds>) -> Result<()> {
        let due = due.map(|due| due.0);
        let release = sqlx::query(RELEASE).bind(&id.0).bind(due).execute(&self.pool);
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
        if !tasks.is_empty() {
            let ids: Vec<String> = tasks.iter().map(id_of).collect();
            let begun = sqlx::query(BEGIN).bind(ids).bind(worker.name()).execute(&mut *tx);
            begun.await.map_err(JobError::store(failed))?;
        }
        tx.commit().await.map_err(JobError::store(failed))?;
        Ok(tasks.into_iter().map(next_attempt).collect())
    }

    async fn end(&self, worker: &Worker, id: &str, attempt: u32, end: &End) -> Result<bool> {
        let ended = sqlx::query(END)
            .bind(end.status())
            .bind(signed(end.attempts(attempt)))
            .bind(end.run_at().map(|run_at| run_at.0))
            .bind(end.result())
            .bind(id)
            .bind(worker.name())
            .bind(signed(attempt))
            .execute(&self.pool)
            .await
            .map_err(JobError::store("storing how a job ended"))?;
        Ok(ended.rows_affected() > 0)
    }

    async fn recover(&self, dead_for: Duration) -> Result<Vec<StoredJob>> {
        let failed = "taking jobs of dead workers back";
        let dead_for = dead_for.as_secs_f64();
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
        let rows = sqlx::query(LIST)
            .bind(&self.queue)
            .bind(state.statuses())
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(JobError::store("listing jobs"))?;
        Ok(rows.iter().filter_map(stored).collect())
    }

    async fn retry(&self, id: &JobId) -> Result<bool> {
        let retried = sqlx::query(RETRY).bind(&id.0).bind(&self.queue).execute(&self.pool);
        let retried = retried.await.map_err(JobError::store("retrying a job"))?;
        Ok(retried.rows_affected() > 0)
    }
}

async fn warn_if_not_durable(pool: &PgPool) -> Result<()> {
    let commit: String = sqlx::query_scalar("SHOW synchronous_commit")
        .fetch_one(pool)
        .await
        .map_err(JobError::store("opening the database"))?;
    if commit == "off" {
        tracing::warn!(
            "PostgreSQL does not wait for the disk (`synchronous_commit = off`), so its crash can \
             lose jobs that were stored"
        );
    }
    Ok(())
}

fn stored(row: &PgRow) -> Option<StoredJob> {
    let number = |name: &str| row.try_get::<i32, _>(name).ok()?.try_into().ok();
    let columns = Columns {
        id: row.try_get("id").ok()?,
        payload: row.try_get("job").ok()?,
        status: row.try_get("status").ok()?,
        attempts: number("attempts")?,
        max_attempts: number("max_attempts")?,
        run_at: row.try_get("run_at").ok()?,
        result: row.try_get("last_result").ok()?,
    };
    columns.into_job()
}

fn signed(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

const STORING: &str = "storing a job";
