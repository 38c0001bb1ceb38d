//! One attempt at one job.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use tokio::time::{sleep, timeout};
use tracing::{Instrument as _, Span, field};
use with_after::{__private::future, Cause};

use super::{Entry, Shared, report::panic_message};
use crate::{
    record::{End, Fetched, JobId, JobState, Payload, Seconds, StoredJob},
    store::{Store, Worker},
};

/// How long a job of an unknown function is left to workers that may know it.
const UNKNOWN: Duration = Duration::from_secs(30);

/// One attempt at one job.
pub(super) struct Attempt<S> {
    pub(super) store: S,
    pub(super) worker: Arc<Worker>,
    pub(super) shared: Arc<Shared>,
    pub(super) cut: Arc<Cut>,
    pub(super) fetched: Fetched,
}

/// The attempts that were dropped before they had ended.
#[derive(Debug, Default)]
pub(super) struct Cut {
    attempts: Mutex<Vec<(String, u32, End)>>,
}

impl Cut {
    pub(super) fn take(&self) -> Vec<(String, u32, End)> {
        std::mem::take(&mut self.attempts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, attempt: (String, u32, End)) {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).push(attempt);
    }
}

impl<S: Store> Attempt<S> {
    /// Runs the job, stores how it ended, then runs the tasks that it scheduled.
    pub(super) async fn run(self) {
        let payload = Payload::read(&self.fetched.payload);
        let Some(entry) = self.shared.table.get(payload.job.as_str()).copied() else {
            return self.leave_to_others(&payload).await;
        };
        let span = self.open_span(entry, &payload);
        let job = async {
            let mut cutting = Cutting { attempt: &self, entry, ended: false };
            let result = self.call(entry, &payload).await;
            cutting.ended = true;
            let failed = result.as_ref().err().map(ToString::to_string);
            let end = failed.map_or(End::Done, |error| self.failure(error));
            let is_ours = self.store_end(&end).await;
            if let Err(cause) = result {
                self.shared.hooks.failed(entry.definition, cause);
            }
            if is_ours && matches!(end, End::Dead { .. }) {
                self.shared.hooks.dead(&self.stored(payload.clone(), &end));
            }
        };
        // A scope of its own: what the job schedules with `after` starts when its end is stored.
        with_after::run(job).instrument(span).await;
    }

    async fn call(&self, entry: Entry, payload: &Payload) -> Result<(), Cause> {
        let arguments = payload.arguments.clone().into();
        let run = (entry.run)(arguments, self.shared.state.clone()).map_err(Cause::Error)?;
        let run = future(&entry.definition.handler, AssertUnwindSafe(run).catch_unwind());
        let limit = entry.definition.max_duration.or(self.shared.max_duration);
        let result = match limit {
            Some(limit) => timeout(limit, run).await.map_err(|_| Cause::TimedOut(limit))?,
            None => run.await,
        };
        result.map_err(|panic| Cause::Panicked(panic_message(panic)))?.map_err(Cause::Error)
    }

    fn failure(&self, error: String) -> End {
        let Fetched { attempt, max_attempts, .. } = self.fetched;
        if attempt >= max_attempts {
            return End::Dead { error };
        }
        End::Failed { error, run_at: Seconds::after(self.shared.backoff.after(attempt)) }
    }

    /// Stores the end, however long it takes: a job that is not ended is locked while this worker
    /// lives. Returns whether the job was still this worker's.
    async fn store_end(&self, end: &End) -> bool {
        let Fetched { id, attempt, .. } = &self.fetched;
        let mut wait = Duration::from_millis(50);
        loop {
            match self.store.end(&self.worker, id, *attempt, end).await {
                Ok(true) => return true,
                Ok(false) => {
                    tracing::warn!(target: "with_after", id, "another worker has taken the job over: this process missed its heartbeats");
                    return false;
                }
                Err(error) => tracing::error!(target: "with_after", id, %error, "tried again"),
            }
            sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
    }

    async fn leave_to_others(&self, payload: &Payload) {
        let (id, job, from) = (&self.fetched.id, &payload.job, &payload.from);
        tracing::error!(target: "with_after", id, job, called_at = from, "these workers do not know the job: have them run it with `.job::<..>()`; it is left to others for 30 seconds");
        let reason = format!("no worker knows the job `{job}`");
        self.store_end(&End::NotBegun { reason, run_at: Seconds::after(UNKNOWN) }).await;
    }

    fn open_span(&self, entry: Entry, payload: &Payload) -> Span {
        let Fetched { id, attempt, max_attempts, .. } = &self.fetched;
        let span = tracing::info_span!(
            target: "with_after",
            parent: None,
            "job",
            task = entry.definition.name,
            location = %entry.definition.location,
            kind = "job",
            id,
            attempt,
            max_attempts,
            called_at = payload.from,
            called_in = payload.origin.span.as_ref().map(field::display),
        );
        payload.origin.link(&span);
        span
    }

    fn stored(&self, payload: Payload, end: &End) -> StoredJob {
        StoredJob {
            id: JobId(self.fetched.id.clone()),
            payload,
            state: JobState::Dead,
            attempts: self.fetched.attempt,
            max_attempts: self.fetched.max_attempts,
            run_at: Seconds::now(),
            error: end.error().map(ToOwned::to_owned),
        }
    }
}

/// Reports an attempt that is dropped before it has ended.
struct Cutting<'a, S: Store> {
    attempt: &'a Attempt<S>,
    entry: Entry,
    ended: bool,
}

impl<S: Store> Drop for Cutting<'_, S> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let Attempt { fetched, shared, cut, .. } = self.attempt;
        let error = Cause::Abandoned.to_string();
        let end = if fetched.attempt >= fetched.max_attempts {
            End::Dead { error }
        } else {
            End::Failed { error, run_at: Seconds::now() }
        };
        cut.add((fetched.id.clone(), fetched.attempt, end));
        shared.hooks.failed(self.entry.definition, Cause::Abandoned);
    }
}
