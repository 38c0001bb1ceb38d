//! The description of a handle.

use std::{fmt, sync::Arc, time::Duration};

use riverqueue::{
    Client, ClientBuilder, MaintenanceConfig, QUEUE_DEFAULT, QueueConfig, database::IntoDatabase,
};

use crate::{
    call::JobFn,
    entry::{Entry, check},
    error::BuildError,
    failure::JobFailure,
    hold::Hold,
    jobs::Jobs,
    release::Database,
    state::State,
    worker::Leadership,
    workers::{OnFailure, Times, Workers},
};

/// Longer than most responses, and as long as a job waits if its process dies during one.
const HOLD: Duration = Duration::from_mins(1);
const MAX_DURATION: Duration = Duration::from_mins(1);
const GRACE: Duration = Duration::from_secs(30);
/// Less than the 30 seconds of `serve`, so that what is cut is given back.
const DRAIN_WITHIN: Duration = Duration::from_secs(25);
const CONCURRENCY: usize = 16;
/// River's own 100 ms keep 16 slots from more than 160 short jobs a second.
const COOLDOWN: Duration = Duration::from_millis(2);
/// SQLite tells nobody of a commit but by a table that River reads every 100 ms.
const SQLITE_POLL: Duration = Duration::from_millis(5);

/// A handle that is being described: see [`Jobs::builder`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use riverqueue::{CronSchedule, PeriodicJob, PeriodicJobOpts, QueueConfig};
/// use sqlx::SqlitePool;
/// use with_after_jobs::{BuildError, Jobs, job, riverqueue};
///
/// #[derive(Debug)]
/// struct Mailer;
///
/// #[job]
/// async fn send_receipt(order: i64, mailer: &Mailer) {
///     println!("{mailer:?}: receipt of order {order}");
/// }
///
/// fn open(pool: SqlitePool) -> Result<Jobs, BuildError> {
///     Jobs::builder(pool)
///         .job::<send_receipt>()
///         .state(Mailer)
///         .concurrency(4)
///         .on_failure(|failure| eprintln!("{failure}"))
///         .client(|client| client.queue("reports", QueueConfig::new(1)))
///         .build()
/// }
/// ```
#[must_use = "a description does nothing until it is built"]
pub struct JobsBuilder {
    client: ClientBuilder,
    hold: Duration,
    jobs: Vec<Entry>,
    state: State,
    on_failure: Option<OnFailure>,
    times: Times,
    drain_within: Duration,
    concurrency: usize,
    maintenance: Box<dyn FnOnce(MaintenanceConfig) -> MaintenanceConfig>,
    configure: Vec<Box<dyn FnOnce(ClientBuilder) -> ClientBuilder>>,
}

impl Jobs {
    /// Starts the description of a handle; `database` is a pool of sqlx.
    ///
    /// One that names no [jobs](JobsBuilder::job) stores those of all functions, and runs none.
    ///
    /// River's tables are made by [`migrate`](Self::migrate), or by the command `riverqueue
    /// migrate-up`.
    pub fn builder(database: impl IntoDatabase) -> JobsBuilder {
        JobsBuilder::new(database)
    }
}

impl JobsBuilder {
    fn new(database: impl IntoDatabase) -> Self {
        Self {
            client: Client::builder(database).fetch_cooldown(COOLDOWN),
            hold: HOLD,
            jobs: Vec::new(),
            state: State::default(),
            on_failure: None,
            times: Times { max_duration: MAX_DURATION, grace: GRACE },
            drain_within: DRAIN_WITHIN,
            concurrency: CONCURRENCY,
            maintenance: Box::new(|maintenance| maintenance),
            configure: Vec::new(),
        }
    }

    /// Has the handle run the jobs of a function, which is named as a type: `.job::<send_mail>()`.
    ///
    /// Jobs of other functions are left to other processes. The leader discards what such a
    /// process leaves behind when it dies, so either all processes name all jobs, or those that
    /// do not are built with `.client(|client| client.without_leader_election())`.
    pub fn job<J: JobFn>(mut self) -> Self {
        if !self.jobs.iter().any(|entry| entry.is_of::<J>()) {
            self.jobs.push(Entry::of::<J>());
        }
        self
    }

    /// Lends a value to the jobs: their parameters of the type `&T`. There is one of each type.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.state.insert(value);
        self
    }

    /// Limits how many jobs of River's default queue run side by side, 16 by default.
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Limits how long a job waits for the end of the response during which it was enqueued, 60
    /// seconds by default.
    ///
    /// Choose more than the longest response takes: when this time is over the job runs anyway,
    /// since its process may have died.
    pub fn hold(mut self, hold: Duration) -> Self {
        self.hold = hold;
        self
    }

    /// Limits how long a run may take, where its function does not say `#[job(max_duration =
    /// ..)]`: 60 seconds by default.
    ///
    /// A job that borrows River's `&WorkContext` is told, and has a few seconds left; every other
    /// is dropped where it waits. One that blocks its thread cannot be stopped.
    pub fn max_duration(mut self, max_duration: Duration) -> Self {
        self.times.max_duration = max_duration;
        self
    }

    /// Sets how long beyond its `max_duration` a run may seem to go on before its process is taken
    /// for dead, and the job is run again: 30 seconds by default, at least
    /// one.
    ///
    /// A new leader leaves two thirds of it to the others, so that they can store how their jobs
    /// ended during an outage of the database. All processes should have the same.
    pub fn rescue_after(mut self, grace: Duration) -> Self {
        self.times.grace = grace.max(Duration::from_secs(1));
        self
    }

    /// Limits how long the jobs that run may take once the handle is told to stop, 25 seconds by
    /// default. In the last part of it they are told to stop too, and given back.
    pub fn drain_within(mut self, time: Duration) -> Self {
        self.drain_within = time;
        self
    }

    /// Calls `hook` for each run that failed.
    ///
    /// A job that died with its process is told by nobody: River lists it, retried or discarded.
    pub fn on_failure(mut self, hook: impl Fn(&JobFailure) + Send + Sync + 'static) -> Self {
        self.on_failure = Some(Box::new(hook));
        self
    }

    /// Changes how River keeps its tables: retention, and how often the leader looks.
    pub fn maintenance(
        mut self,
        change: impl FnOnce(MaintenanceConfig) -> MaintenanceConfig + 'static,
    ) -> Self {
        self.maintenance = Box::new(change);
        self
    }

    /// Changes River's client in whatever River allows: further queues, periodic jobs, hooks, the
    /// policy of retries. Called last, so it has the last word.
    pub fn client(mut self, change: impl FnOnce(ClientBuilder) -> ClientBuilder + 'static) -> Self {
        self.configure.push(Box::new(change));
        self
    }

    /// Creates the handle.
    ///
    /// # Errors
    ///
    /// Fails if what a job borrows is missing, if two functions have one name, and where River
    /// does not accept what it is given.
    pub fn build(self) -> Result<Jobs, BuildError> {
        check(&self.jobs, &self.state)?;
        let Self { hold, times, drain_within, .. } = self;
        let workers = Arc::new(Workers::new(self.state, self.on_failure, times));
        let lost_after = times.lost_after(times.max_duration);
        let maintenance = MaintenanceConfig::default()
            .with_rescue_after(lost_after)
            .with_rescuer_interval((times.grace / 3).min(Duration::from_secs(10)));
        let soft = drain_within.saturating_sub(times.patience()).max(drain_within / 2);
        let soft = soft.max(Duration::from_millis(1));
        let hold = Hold::new(hold);
        let mut client = self
            .client
            .insert_middleware(hold.clone())
            .hook(Leadership(Arc::clone(&workers)))
            .fetch_only_known_kinds(true)
            .job_timeout(lost_after)
            .job_stuck_threshold(times.patience())
            .soft_stop_timeout(soft)
            .maintenance((self.maintenance)(maintenance));
        if !self.jobs.is_empty() {
            let mut table = riverqueue::Workers::new();
            for entry in &self.jobs {
                entry.add(&mut table, &workers)?;
            }
            client = client.workers(table);
        }
        for change in self.configure {
            client = change(client);
        }
        let client = client.build()?;
        let mut queue = QueueConfig::new(self.concurrency);
        if let Some(database) = Database::of(&client) {
            if database.is_file() {
                queue = queue.with_fetch_poll_interval(SQLITE_POLL);
            }
            hold.set_database(database);
        }
        let queues = client.local_queues();
        if !self.jobs.is_empty() && !queues.configs().contains_key(QUEUE_DEFAULT) {
            queues.add(QUEUE_DEFAULT, queue)?;
        }
        Ok(Jobs { client, workers })
    }
}

impl fmt::Debug for JobsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let jobs: Vec<_> = self.jobs.iter().map(|entry| entry.name()).collect();
        f.debug_struct("JobsBuilder")
            .field("client", &self.client)
            .field("jobs", &jobs)
            .finish_non_exhaustive()
    }
}
