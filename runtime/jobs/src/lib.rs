#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod arguments;
mod builder;
mod call;
#[cfg(doc)]
#[doc = include_str!("../COMING_FROM.md")]
pub mod coming_from {}
mod ends;
mod entry;
mod error;
mod failure;
mod hold;
#[cfg(feature = "inspector")]
mod inspect;
mod jobs;
mod metadata;
mod migrate;
mod release;
mod releases;
mod run;
#[cfg(feature = "sqlite")]
mod sqlite;
mod state;
mod trace;
mod worker;
mod workers;

pub use riverqueue;

#[cfg(feature = "sqlite")]
pub use crate::sqlite::{sqlite_options, sqlite_pool};
pub use crate::{
    builder::JobsBuilder,
    call::{Call, JobFn, JobOutput},
    error::BuildError,
    failure::JobFailure,
    jobs::Jobs,
};

/// Marks an async function whose calls can be stored.
///
/// ```
/// use with_after_jobs::{Call, job};
///
/// #[derive(Debug)]
/// struct Mailer;
///
/// #[job(max_attempts = 5, max_duration = "30s")]
/// async fn send_receipt(order: i64, email: String, mailer: &Mailer) -> std::io::Result<()> {
///     println!("{mailer:?}: receipt of order {order} to {email}");
///     Ok(())
/// }
///
/// let call: Call<send_receipt> = send_receipt(7, "ann@example.org".into());
/// # drop(call);
/// ```
///
/// The name then stands for two things: a function that takes the arguments and returns a
/// [`Call`], and a type by which the [handle](JobsBuilder::job) knows the job. `send_receipt::call`
/// does the work at once, for tests.
///
/// - A parameter by value is an argument. It is stored as JSON, under its name: its type is
///   `Serialize` and `DeserializeOwned`. While jobs are stored, an `Option` may be added and an
///   argument removed; another type or name is another function.
/// - A parameter by reference is lent while the job runs: a value of the handle's
///   [state](JobsBuilder::state), or what River says of the run:
///   [`&WorkContext`](riverqueue::WorkContext), [`&JobRow`](riverqueue::JobRow) and
///   [`&Client`](riverqueue::Client). A job that borrows the context is told by it to stop; every
///   other is dropped.
/// - The output is `()`, a [`WorkOutcome`](riverqueue::WorkOutcome), or a `Result` of either, whose
///   error is one or whatever else turns into a `Box<dyn Error + Send + Sync>`.
///
/// It takes, in any order:
///
/// - `name = "send_receipt"`: River's kind, under which it is stored, by default the function's
///   name. Keep it when the function is renamed. No two jobs of a handle have the same name.
/// - `max_attempts = 5`: how often it is tried, by default as River's client says: 25 times.
/// - `max_duration = "30s"`: how long a run may take, by default as long as
///   [the handle says](JobsBuilder::max_duration).
/// - `insert_opts = path`: a function that returns the [`InsertOpts`](riverqueue::InsertOpts) of
///   all calls: queue, priority, tags, uniqueness.
/// - `crate = some::path`: where this crate is found, if not at `::with_after_jobs`.
///
/// The request APIs (`cookies`, `headers`, `connection`, `try_cookies`, `try_headers`) and
/// `outcome` are refused in its body at compile time, as far as the attribute sees them: see
/// [`#[with_after]`](macro@with_after::with_after).
#[doc(inline)]
#[cfg(not(with_after_transitive))]
pub use with_after_macros::job;
#[cfg(with_after_transitive)]
pub use with_after_macros::job_transitive as job;

#[doc(hidden)]
pub mod __private {
    pub use riverqueue::BoxError;
    #[cfg(with_after_transitive)]
    pub use with_after::__private::transitive;

    pub use crate::{
        arguments::Arguments,
        call::{Definition, Run},
        state::{Lent, Need},
    };
}
