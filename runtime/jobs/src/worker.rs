//! How River calls a job, and judges one that seems lost.

use std::{
    marker::PhantomData,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt as _;
use riverqueue::{
    BoxError, Client, Hook, Job, PeriodicJobs, WorkContext, WorkError, WorkOutcome, Worker,
    WorkerTimeout, jiff::Timestamp,
};
use with_after::__private::contain;

use crate::{
    call::{Call, JobFn},
    failure::clean,
    run::Attempt,
    state::Lent,
    workers::Workers,
};

/// What River gives as the error of a job whose process is gone.
const RESCUED: &str = "Stuck job rescued by JobRescuer";

/// Notes when this client becomes the leader.
pub(crate) struct Leadership(pub(crate) Arc<Workers>);

impl Hook for Leadership {
    async fn periodic_jobs_start(&self, _: &PeriodicJobs) -> Result<(), BoxError> {
        self.0.leads();
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
        let run = AssertUnwindSafe(attempt.run::<J>(args.into_arguments(), lent));
        // The last net: for a subscriber, or whatever else a run calls. River would store the
        // message of a panic as it is.
        run.catch_unwind().await.unwrap_or_else(|payload| {
            let panic = contain(|| panic::resume_unwind(payload))
                .map_or_else(|panic| panic, |()| String::new());
            Err(clean(&format!("panicked: {panic}")).into())
        })
    }
}
