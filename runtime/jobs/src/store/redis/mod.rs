//! Redis: any number of machines, outside of the application's transactions.
//!
//! The engine keeps each job's data and state in hashes, and its id where it stands: in the sorted
//! set of what is scheduled, in the set of what a worker has, or in that of what is done or dead.
//! What moves it from one to the other is a script, so that no job is ever in between.

mod scripts;

use std::time::Duration;

use apalis_core::task::{builder::TaskBuilder, task_id::TaskId};
use apalis_redis::{Config, queries};
use redis::{AsyncCommands as _, aio::ConnectionManager};
use ulid::Ulid;

use self::scripts::{Script, Scripts};
use super::{Columns, LOST, Result, Store, Worker};
use crate::{
    error::JobError,
    record::{End, Fetched, JobId, JobState, NewJob, Seconds, StoredJob},
};

/// The engine forgets an idempotency key after some time, and at once unless told otherwise.
const FOR_EVER: Duration = Duration::from_hours(10 * 365 * 24);

/// Jobs in a Redis server.
#[derive(Clone)]
pub struct Redis {
    connection: ConnectionManager,
    config: Config,
    scripts: &'static Scripts,
}

/// A row of a listing, as the scripts return it.
type Listed = (String, Vec<u8>, String, u32, u32, i64, Option<String>);

impl Redis {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let connection = apalis_redis::connect(url).await;
        let mut connection = connection.map_err(JobError::store("connecting to Redis"))?;
        warn_if_not_durable(&mut connection).await;
        Ok(Self { connection, config: config(super::QUEUE), scripts: Scripts::get() })
    }

    pub(crate) fn set_queue(&mut self, queue: &str) {
        self.config = config(queue);
    }

    fn call(&self, script: &'static Script) -> scripts::Call<'_> {
        script.call(&self.config)
    }
}

fn config(queue: &str) -> Config {
    Config::default().queue(queue).idempotency_ttl(Some(FOR_EVER))
}

impl Store for Redis {
    async fn insert(&self, job: &NewJob) -> Result<Option<JobId>> {
        let failed = "storing a job";
        let mut connection = self.connection.clone();
        let id = Ulid::from_string(&job.id.0).map_err(JobError::store(failed))?;
        let mut task = TaskBuilder::new(job.payload.clone())
            .task_id(TaskId::from_ulid(id))
            .max_attempts(usize::try_from(job.max_attempts).unwrap_or(usize::MAX));
        if let Some(run_at) = job.run_at() {
            task = task.run_at_timestamp(run_at.0.cast_unsigned());
        }
        if let Some(key) = &job.key {
            task = task.idempotency_key(key.clone());
        }
        let pushed = queries::push_tasks(&mut connection, &self.config, &[task.build()]).await;
        let (active, scheduled) = pushed.map_err(JobError::store(failed))?;
        if active + scheduled > 0 {
            return Ok(None);
        }
        let key = job.key.as_deref().unwrap_or_default();
        let key = format!("{}:{key}", self.config.idempotency_key_set());
        let id = connection.get(key).await.map_err(JobError::store(failed))?;
        Ok(Some(JobId(id)))
    }

    async fn release(&self, id: &JobId, due: Option<Seconds>) -> Result<()> {
        let due = due.map(|due| due.0.to_string()).unwrap_or_default();
        let release = self.call(&self.scripts.release).arg(&id.0).arg(due);
        release.run::<u32>(&self.connection, "releasing a job").await.map(drop)
    }

    async fn beat(&self, worker: &Worker) -> Result<()> {
        let known = self.config.worker_metadata_key(&worker.context);
        let beat = self.call(&self.scripts.beat).arg(worker.name()).arg(known);
        beat.run::<u32>(&self.connection, "telling that a worker lives").await.map(drop)
    }

    async fn leave(&self, worker: &Worker) -> Result<()> {
        let known = self.config.worker_metadata_key(&worker.context);
        let leave = self.call(&self.scripts.leave).arg(worker.name()).arg(known);
        leave.run::<u32>(&self.connection, "taking leave of a worker").await.map(drop)
    }

    async fn fetch(&self, worker: &Worker, limit: usize) -> Result<Vec<Fetched>> {
        let fetch = self.call(&self.scripts.fetch).arg(worker.name()).arg(limit);
        let rows: Vec<(String, Vec<u8>, u32, u32)> =
            fetch.run(&self.connection, "fetching jobs").await?;
        let fetched = rows.into_iter().map(|(id, payload, attempt, max_attempts)| Fetched {
            id,
            payload,
            attempt,
            max_attempts,
        });
        Ok(fetched.collect())
    }

    async fn end(&self, worker: &Worker, id: &str, attempt: u32, end: &End) -> Result<bool> {
        let run_at = end.run_at().map(|run_at| run_at.0.to_string()).unwrap_or_default();
        let ended = self
            .call(&self.scripts.end)
            .arg(worker.name())
            .arg(id)
            .arg(attempt)
            .arg(end.status())
            .arg(end.attempts(attempt))
            .arg(run_at)
            .arg(end.result());
        ended.run::<bool>(&self.connection, "storing how a job ended").await
    }

    async fn recover(&self, dead_for: Duration) -> Result<Vec<StoredJob>> {
        let recover = self.call(&self.scripts.recover).arg(dead_for.as_secs()).arg(LOST);
        let rows: Vec<Listed> =
            recover.run(&self.connection, "taking jobs of dead workers back").await?;
        Ok(stored(&rows))
    }

    async fn purge(&self, before: Seconds) -> Result<()> {
        let purge = self.call(&self.scripts.purge).arg(before.0);
        purge.run::<u32>(&self.connection, "deleting jobs that are done").await.map(drop)
    }

    async fn list(&self, state: JobState, limit: u32) -> Result<Vec<StoredJob>> {
        let place = match state {
            JobState::Pending | JobState::Failed => "waiting",
            JobState::Running => "running",
            JobState::Dead => "dead",
            JobState::Done => "done",
        };
        let list = self.call(&self.scripts.list).arg(limit).arg(place);
        let list = state.statuses().iter().fold(list, |list, status| list.arg(*status));
        let rows: Vec<Listed> = list.run(&self.connection, "listing jobs").await?;
        Ok(stored(&rows))
    }

    async fn retry(&self, id: &JobId) -> Result<bool> {
        self.call(&self.scripts.retry).arg(&id.0).run(&self.connection, "retrying a job").await
    }
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").field("queue", &self.config.queue).finish_non_exhaustive()
    }
}

/// A server of somebody else's may not say how it is configured.
async fn warn_if_not_durable(connection: &mut ConnectionManager) {
    let mut config = redis::cmd("CONFIG");
    let config = config.arg("GET").arg("appendonly");
    let append: redis::RedisResult<(String, String)> = config.query_async(connection).await;
    if append.is_ok_and(|(_, append)| append != "yes") {
        tracing::warn!(
            "Redis does not write what it is told to a log (`appendonly no`), so its crash can \
             lose jobs that were stored"
        );
    }
}

fn stored(rows: &[Listed]) -> Vec<StoredJob> {
    let jobs = rows.iter().filter_map(|row| {
        let (id, payload, status, attempts, max_attempts, run_at, result) = row;
        let columns = Columns {
            id: id.clone(),
            payload: payload.clone(),
            status,
            attempts: *attempts,
            max_attempts: *max_attempts,
            run_at: *run_at,
            result: result.as_deref(),
        };
        columns.into_job()
    });
    jobs.collect()
}
