//! Storing jobs, and looking at those that are stored.

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::{Notify, oneshot};

use crate::{
    error::JobError,
    job::Job,
    record::{JobId, JobState, NewJob, Payload, Seconds, StoredJob},
    store::Store,
    trace::Origin,
};

/// Unless a job says otherwise: with the waiting times in between, more than half a day.
const MAX_ATTEMPTS: u32 = 25;
/// Longer than most responses, and as long as a job waits if its process dies during one.
const HOLD: Duration = Duration::from_mins(1);

/// The jobs of an application, in its database: a cheap handle.
///
/// `S` is the engine. Each engine has its constructor, and those with transactions have
/// `enqueue_in`; Redis has none, and so no such method.
pub struct Jobs<S> {
    pub(crate) store: S,
    hold: Duration,
    /// Tells the workers of this process that a job may be due.
    pub(crate) wake: Arc<Notify>,
}

impl<S: Store> Jobs<S> {
    pub(crate) fn on(store: S) -> Self {
        Self { store, hold: HOLD, wake: Arc::default() }
    }

    /// Limits how long a job waits for the end of the response during which it was enqueued, 60
    /// seconds by default.
    ///
    /// Choose more than the longest response takes: when this time is over the job runs anyway,
    /// since its process may have died.
    #[must_use]
    pub fn hold(self, hold: Duration) -> Self {
        Self { hold, ..self }
    }

    /// Stores a job, and returns when it is stored.
    ///
    /// It runs at least once, also if the process is killed. In a scope, which a request has, it
    /// starts when the response is finished, or when the [hold](Self::hold) is over. Outside of
    /// any, and in a task, it starts at once.
    ///
    /// # Errors
    ///
    /// Fails if an argument cannot be turned into JSON, and if the database fails; nothing is
    /// stored then, or, where the connection was lost at the wrong moment, it is not known.
    ///
    /// # Cancel safety
    ///
    /// If the returned future is dropped, the job may be stored or not.
    pub async fn enqueue(&self, job: Job) -> Result<Enqueued, JobError> {
        let (new, release) = self.prepare(job)?;
        let earlier = self.store.insert(&new).await?;
        drop(release);
        if new.held_until.is_none() {
            self.wake.notify_one();
        }
        Ok(Enqueued::new(new, earlier))
    }

    /// Returns what is to be stored, and what releases it when dropped.
    pub(crate) fn prepare(&self, job: Job) -> Result<(NewJob, Option<Release>), JobError> {
        let definition = job.definition;
        let arguments = job.arguments.into_stored();
        let arguments =
            arguments.map_err(|reason| JobError::arguments(definition.to_string(), reason))?;
        let payload = Payload {
            job: definition.name.to_owned(),
            arguments,
            from: job.location.to_string(),
            origin: Origin::current(),
        };
        let payload = serde_json::to_vec(&payload)
            .map_err(|error| JobError::arguments(definition.to_string(), error.to_string()))?;

        let due = (!job.delay.is_zero()).then(|| Seconds::after(job.delay));
        let mut new = NewJob {
            id: JobId::new(),
            payload,
            key: job.key.map(|key| format!("{}: {key}", definition.name)),
            max_attempts: job.max_attempts.unwrap_or(MAX_ATTEMPTS).min(i32::MAX.cast_unsigned()),
            due,
            held_until: None,
        };
        let release = self.release_after_response(&new);
        if release.is_some() {
            new.held_until = Some(Seconds::after(self.hold));
        }
        Ok((new, release))
    }

    /// Schedules the release of a job. It is scheduled before the job is stored, so that a handler
    /// that is dropped in between leaves none that nobody releases.
    fn release_after_response(&self, job: &NewJob) -> Option<Release> {
        if !with_after::__private::response_is_open() {
            return None;
        }
        let (release, stored) = oneshot::channel::<()>();
        let (store, wake) = (self.store.clone(), Arc::clone(&self.wake));
        let (id, due) = (job.id.clone(), job.due);
        let task = async move {
            // Always an error: it is dropped.
            let _ = stored.await;
            store.release(&id, due).await?;
            wake.notify_one();
            Ok::<_, JobError>(())
        };
        // Where nothing can run after the response, the job need not wait for its end.
        with_after::task("release of a job").try_schedule(task).ok()?;
        Some(Release { _stored: release })
    }

    /// Returns stored jobs in a state, at most `limit`, the oldest first.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn list(&self, state: JobState, limit: u32) -> Result<Vec<StoredJob>, JobError> {
        self.store.list(state, limit).await
    }

    /// Gives a dead job all its attempts again, the first one at once, and returns whether there
    /// is a dead job of this id.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn retry(&self, id: &JobId) -> Result<bool, JobError> {
        let retried = self.store.retry(id).await?;
        self.wake.notify_one();
        Ok(retried)
    }
}

impl<S: Clone> Clone for Jobs<S> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), hold: self.hold, wake: Arc::clone(&self.wake) }
    }
}

impl<S: fmt::Debug> fmt::Debug for Jobs<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs")
            .field("store", &self.store)
            .field("hold", &self.hold)
            .finish_non_exhaustive()
    }
}

/// Lets a job be released, at the end of the response, once this is dropped.
#[derive(Debug)]
pub(crate) struct Release {
    _stored: oneshot::Sender<()>,
}

/// A job that is stored.
#[derive(Clone, Debug)]
pub struct Enqueued {
    id: JobId,
    is_new: bool,
}

impl Enqueued {
    pub(crate) fn new(job: NewJob, earlier: Option<JobId>) -> Self {
        Self { is_new: earlier.is_none(), id: earlier.unwrap_or(job.id) }
    }

    /// Returns the id of the job; where its [key](Job::key) was taken, of the earlier one.
    #[must_use]
    pub fn id(&self) -> &JobId {
        &self.id
    }

    /// Returns whether the job was stored by this call, and not an earlier one with its key.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }
}
