//! A job: a call that is stored, and the function behind it.

use std::{fmt, panic::Location, pin::Pin, time::Duration};

use crate::{arguments::Arguments, error::BoxError, state::State};

/// A call of a [`#[job]`](macro@crate::job) function, to be stored by
/// [`Jobs::enqueue`](crate::Jobs::enqueue).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use with_after_jobs::{Jobs, job, JobError, Sqlite};
///
/// #[job]
/// async fn send_receipt(order: i64, email: String) {
///     println!("order {order}: receipt to {email}");
/// }
///
/// async fn checkout(jobs: &Jobs<Sqlite>) -> Result<(), JobError> {
///     let receipt = send_receipt(7, "ann@example.org".into());
///     jobs.enqueue(receipt.key("order 7").max_attempts(5)).await?;
///     Ok(())
/// }
/// ```
#[derive(Debug)]
#[must_use = "a job runs only if it is enqueued"]
pub struct Job {
    pub(crate) definition: &'static Definition,
    pub(crate) arguments: Arguments,
    pub(crate) location: &'static Location<'static>,
    pub(crate) key: Option<String>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) delay: Duration,
}

impl Job {
    #[doc(hidden)]
    #[track_caller]
    pub fn new(definition: &'static Definition, arguments: Arguments) -> Self {
        let location = Location::caller();
        let max_attempts = definition.max_attempts;
        Self { definition, arguments, location, key: None, max_attempts, delay: Duration::ZERO }
    }

    /// Names the job, so that it is stored once: an idempotency key.
    ///
    /// While a job of the same function with the same key is stored, waiting or ended, enqueuing
    /// another one does nothing. A job that has ended is kept for
    /// [`Workers::keep_done_for`](crate::WorkersBuilder::keep_done_for), a dead one for ever.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Limits how often the job is tried, 25 times by default, or as often as `#[job(max_attempts
    /// = ..)]` says. At least once.
    ///
    /// An attempt counts from its start, so one during which the process dies counts too.
    pub fn max_attempts(mut self, max_attempts: u32) -> Self {
        self.max_attempts = Some(max_attempts.max(1));
        self
    }

    /// Runs the job no earlier than after this time, counted from when it is enqueued.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// What `#[job]` says of a function.
#[derive(Debug)]
pub struct Definition {
    pub(crate) handler: with_after::__private::Handler,
    pub(crate) name: &'static str,
    pub(crate) location: &'static Location<'static>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) max_duration: Option<Duration>,
}

impl Definition {
    /// Creates the description that an expansion keeps as a constant.
    #[must_use]
    #[track_caller]
    pub const fn new(
        name: &'static str,
        max_attempts: Option<u32>,
        max_duration: Option<Duration>,
    ) -> Self {
        use with_after::__private::{Handler, Kind};
        let handler = Handler::new(Kind::Job, name, None);
        Self { handler, name, location: Location::caller(), max_attempts, max_duration }
    }
}

/// A running job.
pub type Run = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// The function behind a job: implemented by [`#[job]`](macro@crate::job) for the type that has
/// the function's name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no job",
    note = "a job is named by its function: `.job::<send_receipt>()`, where `send_receipt` is \
            marked with `#[job]`"
)]
pub trait JobFn: 'static {
    #[doc(hidden)]
    const DEFINITION: &'static Definition;

    /// Names the state that the worker lacks.
    #[doc(hidden)]
    fn missing(state: &State) -> Vec<&'static str>;

    #[doc(hidden)]
    fn run(arguments: Arguments, state: State) -> Result<Run, BoxError>;
}

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.name, self.location)
    }
}
