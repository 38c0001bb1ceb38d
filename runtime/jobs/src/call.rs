//! A call that is to be stored, and the function behind it.

use std::{
    collections::BTreeMap,
    fmt,
    marker::PhantomData,
    panic::Location,
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use riverqueue::{BoxError, InsertOpts, JobArgs, WorkOutcome};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

use crate::{
    arguments::Arguments,
    state::{Lent, Need},
};

/// A call of a [`#[job]`](macro@crate::job) function `J`, to be stored by
/// [`Jobs::enqueue`](crate::Jobs::enqueue).
///
/// It is the [`JobArgs`] of River, so whatever River takes arguments for takes a call: inserts,
/// batches, periodic jobs.
///
/// # Examples
///
/// ```
/// use with_after_jobs::{
///     Jobs, job,
///     riverqueue::{Error, InsertOpts, UniqueOpts},
/// };
///
/// #[job]
/// async fn send_receipt(order: i64, email: String) {
///     println!("order {order}: receipt to {email}");
/// }
///
/// async fn checkout(jobs: &Jobs) -> Result<(), Error> {
///     let once = UniqueOpts::default().with_by_args(true);
///     let receipt = send_receipt(7, "ann@example.org".into());
///     jobs.enqueue(receipt).opts(InsertOpts::default().with_unique(once)).await?;
///     Ok(())
/// }
/// ```
#[must_use = "a job runs only if it is enqueued"]
pub struct Call<J> {
    arguments: Arguments,
    location: Option<&'static Location<'static>>,
    job: PhantomData<fn() -> J>,
}

/// What `#[job]` says of a function.
#[derive(Debug)]
pub struct Definition {
    pub(crate) handler: with_after::__private::Handler,
    pub(crate) name: &'static str,
    pub(crate) location: &'static Location<'static>,
    pub(crate) max_duration: Option<Duration>,
    pub(crate) max_attempts: Option<i32>,
    pub(crate) insert_opts: Option<fn() -> InsertOpts>,
}

/// A running job.
pub type Run = Pin<Box<dyn Future<Output = Result<WorkOutcome, BoxError>> + Send>>;

/// The function behind a job: implemented by [`#[job]`](macro@crate::job) for the type that has
/// the function's name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no job",
    note = "a job is named by its function: `.job::<send_receipt>()`, where `send_receipt` is \
            marked with `#[job]`"
)]
pub trait JobFn: Sized + 'static {
    #[doc(hidden)]
    const DEFINITION: &'static Definition;

    #[doc(hidden)]
    fn needs() -> Vec<Need>;

    #[doc(hidden)]
    fn run(arguments: Arguments, lent: Lent) -> Result<Run, BoxError>;
}

/// The output of a job: `()`, a [`WorkOutcome`], or a `Result` of either.
#[diagnostic::on_unimplemented(
    message = "a job's output is `()`, `WorkOutcome` or a `Result` of either, not `{Self}`",
    label = "this job's output is not looked at",
    note = "end the job with a semicolon to drop its value"
)]
pub trait JobOutput {
    #[doc(hidden)]
    fn into_result(self) -> Result<WorkOutcome, BoxError>;
}

impl<J> Call<J> {
    #[doc(hidden)]
    #[track_caller]
    pub fn new(arguments: Arguments) -> Self {
        Self { arguments, location: Some(Location::caller()), job: PhantomData }
    }

    pub(crate) fn into_arguments(self) -> Arguments {
        self.arguments
    }
}

impl Definition {
    /// Creates the description that an expansion keeps as a constant.
    #[must_use]
    #[track_caller]
    pub const fn new(
        name: &'static str,
        max_attempts: Option<i32>,
        max_duration: Option<Duration>,
        insert_opts: Option<fn() -> InsertOpts>,
    ) -> Self {
        use with_after::__private::{Handler, Kind};
        let handler = Handler::new(Kind::Job, name, None);
        let location = Location::caller();
        Self { handler, name, location, max_duration, max_attempts, insert_opts }
    }
}

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.name, self.location)
    }
}

impl<J: JobFn> JobArgs for Call<J> {
    const KIND: &'static str = J::DEFINITION.name;

    fn default_insert_opts() -> InsertOpts {
        let opts = J::DEFINITION.insert_opts.map_or_else(InsertOpts::default, |opts| opts());
        match J::DEFINITION.max_attempts {
            Some(max_attempts) => opts.with_max_attempts(max_attempts),
            None => opts,
        }
    }
}

impl<J: JobFn> Serialize for Call<J> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(location) = self.location {
            let mut called = CALLED.lock().unwrap_or_else(PoisonError::into_inner);
            called.insert(J::DEFINITION.name, location);
        }
        self.arguments
            .stored()
            .map_err(|reason| ser::Error::custom(self.refusal(reason)))?
            .serialize(serializer)
    }
}

/// Where each job was called last, by its name: River takes nothing along but what it stores.
static CALLED: Mutex<BTreeMap<&str, &Location<'static>>> = Mutex::new(BTreeMap::new());

/// Returns where a job of this name was called last.
pub(crate) fn called_at(name: &str) -> Option<&'static Location<'static>> {
    CALLED.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied()
}

impl<J: JobFn> Call<J> {
    fn refusal(&self, reason: &str) -> String {
        let name = J::DEFINITION.name;
        match self.location {
            Some(location) => format!("the job `{name}` ({location}) cannot be stored: {reason}"),
            None => format!("the job `{name}` cannot be stored: {reason}"),
        }
    }
}

impl<'de, J> Deserialize<'de> for Call<J> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let arguments = Arguments::deserialize(deserializer)?;
        Ok(Self { arguments, location: None, job: PhantomData })
    }
}

impl<J> Clone for Call<J> {
    fn clone(&self) -> Self {
        let Self { arguments, location, job } = self;
        Self { arguments: arguments.clone(), location: *location, job: *job }
    }
}

impl<J> fmt::Debug for Call<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("arguments", &self.arguments)
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

impl JobOutput for () {
    fn into_result(self) -> Result<WorkOutcome, BoxError> {
        Ok(WorkOutcome::Complete)
    }
}

impl JobOutput for WorkOutcome {
    fn into_result(self) -> Result<WorkOutcome, BoxError> {
        Ok(self)
    }
}

impl<E: Into<BoxError>> JobOutput for Result<(), E> {
    fn into_result(self) -> Result<WorkOutcome, BoxError> {
        self.map(|()| WorkOutcome::Complete).map_err(Into::into)
    }
}

impl<E: Into<BoxError>> JobOutput for Result<WorkOutcome, E> {
    fn into_result(self) -> Result<WorkOutcome, BoxError> {
        self.map_err(Into::into)
    }
}
