//! A job as it is stored.

mod stored;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::stored::{JobId, JobState, StoredJob};
use crate::trace::Origin;

/// What stands in the engine's column for a job: JSON, which apalis-board shows.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Payload {
    pub(crate) job: String,
    pub(crate) arguments: Map<String, Value>,
    /// `file:line` of the call.
    #[serde(default)]
    pub(crate) from: String,
    #[serde(default, flatten)]
    pub(crate) origin: Origin,
}

impl Payload {
    /// Reads what is stored; what is none of ours has no name.
    pub(crate) fn read(stored: &[u8]) -> Self {
        serde_json::from_slice(stored).unwrap_or_default()
    }
}

/// A job that is to be stored.
#[derive(Debug)]
#[expect(unnameable_types, reason = "only hidden methods of `Store` name it")]
pub struct NewJob {
    pub(crate) id: JobId,
    pub(crate) payload: Vec<u8>,
    pub(crate) key: Option<String>,
    pub(crate) max_attempts: u32,
    /// When it may run; `None` for at once, by the clock of the database.
    pub(crate) due: Option<Seconds>,
    /// When it runs although it was never released; `None` for one that is not held.
    pub(crate) held_until: Option<Seconds>,
}

impl NewJob {
    /// When it runs if nobody releases it; `None` for at once.
    pub(crate) fn run_at(&self) -> Option<Seconds> {
        self.held_until.max(self.due)
    }
}

/// A job that a worker has fetched: its attempt is counted.
#[derive(Debug)]
#[expect(unnameable_types, reason = "only hidden methods of `Store` name it")]
pub struct Fetched {
    pub(crate) id: String,
    pub(crate) payload: Vec<u8>,
    /// The number of this attempt, the first being 1.
    pub(crate) attempt: u32,
    pub(crate) max_attempts: u32,
}

/// How an attempt ended, as it is stored.
#[derive(Clone, Debug)]
#[expect(unnameable_types, reason = "only hidden methods of `Store` name it")]
pub enum End {
    Done,
    /// To be tried again.
    Failed {
        error: String,
        run_at: Seconds,
    },
    /// Never to be tried again, unless somebody asks for it.
    Dead {
        error: String,
    },
    /// Not begun: it does not count as an attempt.
    NotBegun {
        reason: String,
        run_at: Seconds,
    },
}

impl End {
    pub(crate) fn error(&self) -> Option<&str> {
        match self {
            Self::Done => None,
            Self::Failed { error, .. } | Self::Dead { error } => Some(error),
            Self::NotBegun { reason, .. } => Some(reason),
        }
    }

    pub(crate) fn run_at(&self) -> Option<Seconds> {
        match self {
            Self::Done | Self::Dead { .. } => None,
            Self::Failed { run_at, .. } | Self::NotBegun { run_at, .. } => Some(*run_at),
        }
    }

    /// The word that the engine has for it.
    pub(crate) fn status(&self) -> &'static str {
        match self {
            Self::Done => DONE,
            Self::Failed { .. } => FAILED,
            Self::Dead { .. } => DEAD,
            Self::NotBegun { .. } => PENDING,
        }
    }

    /// The engine's column for a result.
    pub(crate) fn result(&self) -> String {
        let result: Result<(), &str> = self.error().map_or(Ok(()), Err);
        serde_json::to_string(&result).unwrap_or_default()
    }

    /// How many attempts are counted in the end.
    pub(crate) fn attempts(&self, attempt: u32) -> u32 {
        match self {
            Self::NotBegun { .. } => attempt - 1,
            Self::Done | Self::Failed { .. } | Self::Dead { .. } => attempt,
        }
    }
}

pub(crate) const PENDING: &str = "Pending";
pub(crate) const QUEUED: &str = "Queued";
pub(crate) const RUNNING: &str = "Running";
pub(crate) const FAILED: &str = "Failed";
pub(crate) const DEAD: &str = "Killed";
pub(crate) const DONE: &str = "Done";

/// Whole seconds since 1970: the finest that the engine stores.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[expect(unnameable_types, reason = "only hidden methods of `Store` name it")]
pub struct Seconds(pub(crate) i64);

impl Seconds {
    /// Returns the second that has begun: what is due then is due now.
    pub(crate) fn now() -> Self {
        Self(since_1970().as_secs().cast_signed())
    }

    /// Returns the first whole second after that time, so that nothing is early.
    pub(crate) fn after(time: Duration) -> Self {
        let then = since_1970().saturating_add(time);
        let begun = u64::from(then.subsec_nanos() > 0);
        Self(i64::try_from(then.as_secs().saturating_add(begun)).unwrap_or(LATEST).min(LATEST))
    }

    /// Returns the second that time ago.
    pub(crate) fn before(time: Duration) -> Self {
        let then = since_1970().saturating_sub(time);
        Self(then.as_secs().cast_signed())
    }

    pub(crate) fn time(self) -> SystemTime {
        let seconds = u64::try_from(self.0).unwrap_or_default();
        UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH)
    }
}

/// The end of the year 9999, which every engine can store.
const LATEST: i64 = 253_402_300_799;

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
