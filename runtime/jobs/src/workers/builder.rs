//! The description of workers.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use with_after::TaskFailure;

use super::{Entry, Options, Shared, Workers, report::Hooks};
use crate::{
    backoff::Backoff, error::JobError, job::JobFn, jobs::Jobs, record::StoredJob, state::State,
    store::Store,
};

/// Workers that are being described: see [`Jobs::workers`].
///
/// # Examples
///
/// ```
/// use with_after_jobs::{Jobs, JobError, Sqlite, Workers, job};
///
/// #[derive(Debug)]
/// struct Mailer;
///
/// #[job]
/// async fn send_receipt(order: i64, mailer: &Mailer) {
///     println!("{mailer:?}: receipt of order {order}");
/// }
///
/// fn workers(jobs: &Jobs<Sqlite>) -> Result<Workers<Sqlite>, JobError> {
///     jobs.workers()
///         .job::<send_receipt>()
///         .state(Mailer)
///         .concurrency(4)
///         .on_failure(|failure| eprintln!("{failure}"))
///         .build()
/// }
/// ```
#[must_use = "a description does nothing until it is built"]
pub struct WorkersBuilder<S> {
    jobs: Jobs<S>,
    table: HashMap<&'static str, Entry>,
    /// Two functions of one name.
    clash: Option<String>,
    state: State,
    hooks: Hooks,
    max_duration: Option<Duration>,
    backoff: Backoff,
    options: Options,
}

impl<S: Store> Jobs<S> {
    /// Starts the description of workers that run these jobs.
    pub fn workers(&self) -> WorkersBuilder<S> {
        WorkersBuilder::new(self.clone())
    }
}

impl<S> WorkersBuilder<S> {
    fn new(jobs: Jobs<S>) -> Self {
        let options = Options {
            concurrency: 16,
            poll: Duration::from_secs(1),
            heartbeat: Duration::from_secs(2),
            drain_within: Duration::from_secs(25),
            keep_done_for: Duration::from_hours(7 * 24),
        };
        Self {
            jobs,
            table: HashMap::new(),
            clash: None,
            state: State::default(),
            hooks: Hooks::default(),
            max_duration: None,
            backoff: Backoff::default(),
            options,
        }
    }

    /// Has the workers run the jobs of a function, which is named as a type: `.job::<send_mail>()`.
    ///
    /// A stored job of a function that the workers do not know is reported, and left to others
    /// for 30 seconds.
    pub fn job<J: JobFn>(mut self) -> Self {
        let new = Entry::of::<J>();
        let known = self.table.insert(new.definition.name, new);
        let (known, new) = (known.map(|known| known.definition), new.definition);
        if let Some(other) = known.filter(|known| known.location != new.location) {
            self.clash = Some(format!(
                "two jobs have one name, {other} and {new}: rename one, with `#[job(name = \"..\")]`"
            ));
        }
        self
    }

    /// Lends a value to the jobs: their parameters of the type `&T`. There is one of each type.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.state.insert(value);
        self
    }

    /// Limits how many jobs run side by side, 16 by default. At least one.
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.options.concurrency = concurrency.max(1);
        self
    }

    /// Sets how often an idle worker looks for jobs that other processes have stored, and for
    /// those whose time has come: each second by default. What this process enqueues and releases
    /// is found at once.
    pub fn poll_every(mut self, interval: Duration) -> Self {
        self.options.poll = interval.max(Duration::from_millis(10));
        self
    }

    /// Sets how often the workers tell that they live, every 2 seconds by default, at most every
    /// second.
    ///
    /// When three heartbeats are missing, other workers take their jobs over. All workers of a
    /// queue should have the same interval.
    pub fn heartbeat(mut self, interval: Duration) -> Self {
        self.options.heartbeat = interval.max(Duration::from_secs(1));
        self
    }

    /// Limits how long the jobs that run may take once the workers are told to stop, 25 seconds by
    /// default: less than the 30 of [`serve`](https://docs.rs/with-after), so that what is cut is
    /// given back.
    pub fn drain_within(mut self, time: Duration) -> Self {
        self.options.drain_within = time;
        self
    }

    /// Limits how long an attempt may take, where its function does not say `#[job(max_duration =
    /// ..)]`. By default there is no limit.
    pub fn max_duration(mut self, max_duration: Duration) -> Self {
        self.max_duration = Some(max_duration);
        self
    }

    /// Sets how long a job waits after its first failed attempt, 1 second by default, and at most,
    /// 1 hour by default. The time doubles with each attempt, and up to a quarter is added at
    /// random. It is stored with the job, and to the second.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.backoff = Backoff { first, longest };
        self
    }

    /// Sets how long a job that is done stays stored, 7 days by default; that long its
    /// [key](crate::Job::key) is taken.
    pub fn keep_done_for(mut self, time: Duration) -> Self {
        self.options.keep_done_for = time;
        self
    }

    /// Calls `hook` for each failed attempt, with what
    /// [`AfterLayer::on_failure`](with_after::AfterLayer::on_failure) gets of other tasks.
    ///
    /// Its location is that of the job's function.
    pub fn on_failure(mut self, hook: impl Fn(&TaskFailure) + Send + Sync + 'static) -> Self {
        self.hooks.on_failure = Some(Box::new(hook));
        self
    }

    /// Calls `hook` for each job that is dead: whose last attempt has failed.
    pub fn on_dead(mut self, hook: impl Fn(&StoredJob) + Send + Sync + 'static) -> Self {
        self.hooks.on_dead = Some(Box::new(hook));
        self
    }

    /// Creates the workers.
    ///
    /// # Errors
    ///
    /// Fails if the state that a job needs is missing, and if two functions have one name.
    pub fn build(self) -> Result<Workers<S>, JobError> {
        if let Some(clash) = self.clash {
            return Err(JobError::workers(clash));
        }
        for entry in self.table.values() {
            if let Some(ty) = (entry.missing)(&self.state).first() {
                let job = entry.definition;
                return Err(JobError::workers(format!(
                    "the job {job} needs a `&{ty}`, which the workers do not have: lend it with \
                     `.state(..)`"
                )));
            }
        }
        let shared = Shared {
            table: self.table,
            state: self.state,
            hooks: self.hooks,
            max_duration: self.max_duration,
            backoff: self.backoff,
        };
        Ok(Workers { jobs: self.jobs, shared: Arc::new(shared), options: self.options })
    }
}

impl<S> fmt::Debug for WorkersBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let jobs: Vec<_> = self.table.keys().collect();
        f.debug_struct("WorkersBuilder").field("jobs", &jobs).finish_non_exhaustive()
    }
}
