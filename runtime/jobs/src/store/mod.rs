//! What is asked of an engine, and the engines.
//!
//! Tables and keys, their migrations, and the queries that push and fetch are apalis's, so that
//! its board and tools read them. What changes the state of a job is written here: apalis's own
//! worker forgets the waiting time of a retry, counts attempts that never began, lets a recovered
//! job exceed its maximum, and stops its heartbeat while it drains.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

use std::time::Duration;

use serde_json::Value;

use crate::{
    error::JobError,
    record::{End, Fetched, JobId, JobState, NewJob, Payload, Seconds, StoredJob},
};

type Result<T> = std::result::Result<T, JobError>;

/// An engine that stores jobs: `Sqlite`, `Postgres` or `Redis`.
///
/// Sealed: its methods are not for use, and may change.
pub trait Store: Clone + Send + Sync + 'static {
    /// Stores a job, unless one with its key is stored: then returns the id of that.
    #[doc(hidden)]
    fn insert(&self, job: &NewJob) -> impl Future<Output = Result<Option<JobId>>> + Send;

    /// Ends the hold of a job that has not begun; one that is not stored is no error.
    #[doc(hidden)]
    fn release(&self, id: &JobId, due: Option<Seconds>) -> impl Future<Output = Result<()>> + Send;

    /// Tells that a worker lives.
    #[doc(hidden)]
    fn beat(&self, worker: &Worker) -> impl Future<Output = Result<()>> + Send;

    /// Takes a worker off the list: it has no job any more.
    #[doc(hidden)]
    fn leave(&self, worker: &Worker) -> impl Future<Output = Result<()>> + Send;

    /// Gives a worker jobs that are due, and counts an attempt of each.
    #[doc(hidden)]
    fn fetch(
        &self,
        worker: &Worker,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Fetched>>> + Send;

    /// Stores how an attempt ended; `false` if another worker has taken the job over.
    #[doc(hidden)]
    fn end(
        &self,
        worker: &Worker,
        id: &str,
        attempt: u32,
        end: &End,
    ) -> impl Future<Output = Result<bool>> + Send;

    /// Takes the jobs of dead workers back, and returns those that had no attempt left.
    #[doc(hidden)]
    fn recover(&self, dead_for: Duration) -> impl Future<Output = Result<Vec<StoredJob>>> + Send;

    /// Deletes some of the jobs that are done since then.
    #[doc(hidden)]
    fn purge(&self, before: Seconds) -> impl Future<Output = Result<()>> + Send;

    #[doc(hidden)]
    fn list(
        &self,
        state: JobState,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<StoredJob>>> + Send;

    /// Gives a dead job all its attempts back; `false` if it is not dead.
    #[doc(hidden)]
    fn retry(&self, id: &JobId) -> impl Future<Output = Result<bool>> + Send;
}

/// A worker, under a name that no other ever has.
#[derive(Clone, Debug)]
#[expect(unnameable_types, reason = "only hidden methods of `Store` name it")]
pub struct Worker {
    pub(crate) context: apalis_core::worker::context::WorkerContext,
}

impl Worker {
    pub(crate) fn new() -> Self {
        let name = format!("with-after-{}", ulid::Ulid::generate());
        Self { context: apalis_core::worker::context::WorkerContext::new(&name) }
    }

    pub(crate) fn name(&self) -> &str {
        self.context.name()
    }
}

/// What is stored as the result of an attempt that was lost with its process.
pub(crate) const LOST: &str = r#"{"Err":"the process died while the job ran"}"#;

/// A row, or what stands for one.
pub(crate) struct Columns<'a> {
    pub(crate) id: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) status: &'a str,
    pub(crate) attempts: u32,
    pub(crate) max_attempts: u32,
    pub(crate) run_at: i64,
    pub(crate) result: Option<&'a str>,
}

impl Columns<'_> {
    /// Returns the stored job; what somebody else has stored in the queue may be none.
    pub(crate) fn into_job(self) -> Option<StoredJob> {
        let states = [
            JobState::Pending,
            JobState::Running,
            JobState::Failed,
            JobState::Dead,
            JobState::Done,
        ];
        let state = states.into_iter().find(|state| state.statuses().contains(&self.status))?;
        Some(StoredJob {
            id: JobId(self.id),
            payload: Payload::read(&self.payload),
            state,
            attempts: self.attempts,
            max_attempts: self.max_attempts,
            run_at: Seconds(self.run_at),
            error: error_of(self.result),
        })
    }
}

/// Returns the error in the engine's column for a result.
fn error_of(result: Option<&str>) -> Option<String> {
    let result: std::result::Result<Value, String> = serde_json::from_str(result?).ok()?;
    result.err()
}

/// Returns a fetched task as its next attempt.
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
pub(crate) fn next_attempt(task: apalis_core::task::Task<Vec<u8>>) -> Fetched {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Fetched {
        id: id_of(&task),
        attempt: number(task.attempt()).saturating_add(1),
        max_attempts: number(task.max_attempts().unwrap_or_default()),
        payload: task.args,
    }
}

#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
pub(crate) fn id_of(task: &apalis_core::task::Task<Vec<u8>>) -> String {
    task.task_id().map(ToString::to_string).unwrap_or_default()
}

/// The queue of jobs that name no other.
pub(crate) const QUEUE: &str = "with-after-jobs";
