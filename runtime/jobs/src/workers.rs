//! What all runs of a client's jobs share, and how River calls them.

use std::{
    fmt,
    marker::PhantomData,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use riverqueue::{
    BoxError, Client, Hook, Job, PeriodicJobs, WorkContext, WorkError, WorkOutcome, Worker,
    WorkerTimeout, jiff::Timestamp,
};
use tokio_util::task::TaskTracker;

use crate::{
    call::{Call, JobFn},
    ends::Ends,
    failure::{JobFailure, contain},
    run::Attempt,
    state::{Lent, State},
};

/// What River gives as the error of a job whose process is gone.
const RESCUED: &str = "Stuck job rescued by JobRescuer";

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
        self.grace * 2 / 3
    }

    /// When River takes a job with this limit for lost. By then the job was dropped: only one
    /// that blocks its thread can still be running.
    pub(crate) fn lost_after(self, limit: Duration) -> Duration {
        limit.saturating_add(self.grace)
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

    fn has_truce(&self) -> bool {
        let since = *self.leads_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() < self.times.truce())
    }
}

/// Notes when this client becomes the leader.
pub(crate) struct Leadership(pub(crate) Arc<Workers>);

impl Hook for Leadership {
    async fn periodic_jobs_start(&self, _: &PeriodicJobs) -> Result<(), BoxError> {
        let mut since = self.0.leads_since.lock().unwrap_or_else(PoisonError::into_inner);
        *since = Some(Instant::now());
        Ok(())
    }
}

/// Runs the jobs of one function.
pub(crate) struct JobWorker<J> {
    workers: Arc<Workers>,
    job: PhantomData<fn() -> J>,
}

impl<J> JobWorker<J> {
    pub(crate) fn new(workers: &Arc<Workers>) -> Self {
        Self { workers: Arc::clone(workers), job: PhantomData }
    }
}

impl<J: JobFn> Worker<Call<J>> for JobWorker<J> {
    type Error = BoxError;

    /// Asked when a run begins, and by the leader of a job that seems lost.
    fn timeout(&self, job: &Job<Call<J>>) -> WorkerTimeout {
        let times = self.workers.times;
        let limit = J::DEFINITION.max_duration.unwrap_or(times.max_duration);
        let lost_after = times.lost_after(limit);
        let began = job.row.attempted_at.unwrap_or(Timestamp::MAX);
        let seems_lost = Timestamp::now().duration_since(began).unsigned_abs() >= times.grace;
        if seems_lost && self.workers.has_truce() {
            return WorkerTimeout::Disabled;
        }
        WorkerTimeout::After(lost_after)
    }

    /// Jobs that were lost together come back apart, so that one which kills its process does not
    /// take the same others with it each time.
    fn next_retry(&self, _: &Job<Call<J>>, error: &WorkError, _: Timestamp) -> Option<Duration> {
        // In a net: River shows the errors of its resumable steps, which may be the user's.
        let is_rescued = contain(|| error.to_string() == RESCUED).unwrap_or(false);
        is_rescued.then(|| (self.workers.times.grace / 3).mul_f64(fastrand::f64()))
    }

    async fn work(&self, context: WorkContext, job: Job<Call<J>>) -> Result<WorkOutcome, BoxError> {
        let Job { args, row, .. } = job;
        let client: Option<Client> = context.client().cloned();
        let lent = Lent { state: Arc::clone(&self.workers.state), context, row, client };
        let attempt = Attempt::new::<J>(&self.workers, &lent);
        attempt.run::<J>(args.into_arguments(), lent).await
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
