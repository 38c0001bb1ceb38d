//! A stored job, as it is shown.

use std::{fmt, time::SystemTime};

use serde_json::{Map, Value};
use ulid::Ulid;

use super::{DEAD, DONE, FAILED, PENDING, Payload, QUEUED, RUNNING, Seconds};

/// A stored job, as [`Jobs::list`](crate::Jobs::list) shows it.
///
/// Displays as one line.
#[derive(Clone, Debug)]
pub struct StoredJob {
    pub(crate) id: JobId,
    pub(crate) payload: Payload,
    pub(crate) state: JobState,
    pub(crate) attempts: u32,
    pub(crate) max_attempts: u32,
    pub(crate) run_at: Seconds,
    pub(crate) error: Option<String>,
}

impl StoredJob {
    /// Returns the id, which [`Jobs::retry`](crate::Jobs::retry) takes.
    #[must_use]
    pub fn id(&self) -> &JobId {
        &self.id
    }

    /// Returns the name of the job's function.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.payload.job
    }

    /// Returns the arguments, by their names.
    #[must_use]
    pub fn arguments(&self) -> &Map<String, Value> {
        &self.payload.arguments
    }

    /// Returns the `file:line` of the call that was enqueued.
    #[must_use]
    pub fn called_at(&self) -> &str {
        &self.payload.from
    }

    /// Returns where it stands.
    #[must_use]
    pub fn state(&self) -> JobState {
        self.state
    }

    /// Returns how many attempts have begun.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns how many attempts there will be at most.
    #[must_use]
    pub fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// Returns when it is, or was, due; to the second.
    #[must_use]
    pub fn run_at(&self) -> SystemTime {
        self.run_at.time()
    }

    /// Returns why the last attempt failed.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }
}

impl fmt::Display for StoredJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, payload, state, attempts, max_attempts, .. } = self;
        write!(f, "{id}  {state}  {}{}", payload.job, Value::Object(payload.arguments.clone()))?;
        write!(f, "  attempt {attempts} of {max_attempts}, called at {}", payload.from)?;
        self.error.iter().try_for_each(|error| write!(f, ": {error}"))
    }
}

/// The id of a stored job.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct JobId(pub(crate) String);

impl JobId {
    pub(crate) fn new() -> Self {
        Self(Ulid::generate().to_string())
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for JobId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

/// Where a stored job stands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum JobState {
    /// It waits: for a worker, for the end of its response, or for its time.
    Pending,
    /// A worker has it.
    Running,
    /// Its last attempt failed, and it will be tried again.
    Failed,
    /// All its attempts failed. It stays until it is [retried](crate::Jobs::retry).
    Dead,
    /// It ended well.
    Done,
}

impl JobState {
    /// Returns the words that the engine has for it.
    pub(crate) fn statuses(self) -> &'static [&'static str] {
        match self {
            Self::Pending => &[PENDING],
            Self::Running => &[QUEUED, RUNNING],
            Self::Failed => &[FAILED],
            Self::Dead => &[DEAD],
            Self::Done => &[DONE],
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Dead => "dead",
            Self::Done => "done",
        })
    }
}
