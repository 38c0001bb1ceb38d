//! What all runs of a client's jobs share.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio_util::task::TaskTracker;

use crate::{ends::Ends, failure::JobFailure, state::State};

/// What all runs of a client's jobs share.
pub(crate) struct Workers {
    pub(crate) state: Arc<State>,
    pub(crate) on_failure: Option<OnFailure>,
    pub(crate) times: Times,
    pub(crate) ends: Ends,
    /// The tasks of jobs that have ended.
    pub(crate) tasks: TaskTracker,
    stopping: AtomicBool,
    /// Since when this client leads, if it does.
    leads_since: Mutex<Option<Instant>>,
}

pub(crate) type OnFailure = Box<dyn Fn(&JobFailure) + Send + Sync>;

/// A hundred years: times that end later have no date.
const LONGEST: Duration = Duration::from_hours(100 * 365 * 24);

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// How long a job may take which does not say it itself.
    pub(crate) max_duration: Duration,
    /// How long after its time a job of another process is taken for lost.
    pub(crate) grace: Duration,
}

impl Times {
    /// How long a job that was told to stop may go on.
    pub(crate) fn patience(self) -> Duration {
        self.grace / 6
    }

    /// How long a new leader leaves lost jobs alone: after an outage of the database, those who
    /// live have that long to store how their jobs ended.
    fn truce(self) -> Duration {
        self.grace / 3 * 2
    }

    /// When River takes a job with this limit for lost. By then the job was dropped: only one
    /// that blocks its thread can still be running.
    pub(crate) fn lost_after(self, limit: Duration) -> Duration {
        limit.saturating_add(self.grace).min(LONGEST)
    }
}

impl Workers {
    pub(crate) fn new(state: State, on_failure: Option<OnFailure>, times: Times) -> Self {
        Self {
            state: Arc::new(state),
            on_failure,
            times,
            ends: Ends::default(),
            tasks: TaskTracker::new(),
            stopping: AtomicBool::new(false),
            leads_since: Mutex::new(None),
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn set_stopping(&self, stopping: bool) {
        self.stopping.store(stopping, Ordering::Relaxed);
    }

    /// Takes note that this client leads from now on.
    pub(crate) fn leads(&self) {
        *self.leads_since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    pub(crate) fn has_truce(&self) -> bool {
        let since = *self.leads_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() < self.times.truce())
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers")
            .field("state", &self.state)
            .field("on_failure", &self.on_failure.is_some())
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}
