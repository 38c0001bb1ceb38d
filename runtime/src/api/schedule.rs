//! `after` and its variants.

use std::{borrow::Cow, panic::Location, time::Duration};

use crate::{
    error::AfterError,
    scope,
    work::{IntoTask, Options, RunOn},
};

/// Schedules `task` to run after the response is finished.
///
/// It never runs the task itself, never blocks, and does not wait. Tasks start once the response
/// is finished, whatever became of it, in the order in which they were scheduled, and run
/// concurrently. Each runs at most once, and exactly once if the process lives. An `Err`, a panic
/// or a timeout of a task is reported, and touches neither the other tasks nor the process.
///
/// A closure runs on the async workers, and is meant to be short.
///
/// See [`try_after`] for the same without panics, and [`task`](task()) for options.
///
/// # Panics
///
/// Panics, at the caller, where the program is wrong: outside of any scope, and on a platform that
/// cannot keep work alive after a response. `tokio::spawn` does the same outside of a runtime.
/// Where the process is merely overloaded, or shuts down, nothing panics: the task is reported by
/// an error event and the `on_failure` hook, as [`Cause::NotScheduled`](crate::Cause).
///
/// # Examples
///
/// ```
/// use with_after::{after, with_after};
///
/// #[with_after]
/// async fn signup() -> &'static str {
///     let mail = String::from("…");
///     after(async move { send(mail).await });
///     "welcome"
/// }
///
/// async fn send(mail: String) -> std::io::Result<()> {
/// #   drop(mail);
///     // An `Err` is reported.
///     Ok(())
/// }
/// ```
#[doc(alias = "spawn")]
#[doc(alias = "defer")]
#[doc(alias = "background")]
#[track_caller]
pub fn after<M>(task: impl IntoTask<M>) {
    TaskBuilder::default().schedule(task);
}

/// Schedules `task` as [`after`] does, without panics.
///
/// # Errors
///
/// Returns an error, and drops the task, outside of any scope, on a platform that cannot keep work
/// alive after a response, and where the process is overloaded or shuts down.
///
/// # Examples
///
/// ```
/// let error = with_after::try_after(|| ()).unwrap_err();
/// assert!(error.is_outside_scope());
/// ```
#[track_caller]
pub fn try_after<M>(task: impl IntoTask<M>) -> Result<(), AfterError> {
    TaskBuilder::default().try_schedule(task)
}

/// Starts the description of a task called `name`, by which reports and spans name it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use with_after::{task, with_after};
///
/// #[with_after]
/// async fn order() {
///     task("receipt").max_duration(Duration::from_secs(10)).schedule(async { /* … */ });
/// }
/// ```
pub fn task(name: impl Into<Cow<'static, str>>) -> TaskBuilder {
    TaskBuilder { options: Options { name: Some(name.into().into()), ..Options::default() } }
}

/// A task that is being described: see [`task`](task()).
///
/// Without options a task is what `after` of Next.js makes of it, which has none:
///
/// | | here | Next.js `after` | Laravel `defer` |
/// |---|---|---|---|
/// | runs after | every response ([`run_on`](Self::run_on)) | every response | a status below 400, or every with `always()` |
/// | of several with one name | each runs, or the last ([`unique`](Self::unique)) | there are no names | the last runs |
/// | taken back by name | [`Scope::cancel`](crate::Scope::cancel) | no | `forget(name)` |
/// | tasks of one request | run concurrently | run concurrently | run one after the other |
/// | code that blocks | on a pool of threads ([`blocking`](Self::blocking)) | blocks the event loop | blocks its worker |
/// | time | without limit ([`max_duration`](Self::max_duration)), counted from the end of the response | `maxDuration` of the route, which the request uses up too; self-hosted without limit | of its process |
#[derive(Clone, Debug, Default)]
#[must_use = "a task runs only if it is scheduled"]
pub struct TaskBuilder {
    options: Options,
}

impl TaskBuilder {
    /// Limits how long the task may run after the response is finished.
    ///
    /// At its deadline it is dropped, and reported as timed out. The default is that of the
    /// innermost annotated function, else the layer's, else the platform's, whose limit is never
    /// exceeded. Of a task that is scheduled by another task, the time begins at once, and ends
    /// no later than that of the other.
    pub fn max_duration(mut self, max_duration: Duration) -> Self {
        self.options.max_duration = Some(max_duration);
        self
    }

    /// Runs the task only after such responses. The default is [`RunOn::Always`], as in Next.js
    /// (and unlike in Laravel, where it is success).
    ///
    /// A task that does not run is dropped when the response is finished. In a scope without a
    /// response, success is that the function returned.
    pub fn run_on(mut self, run_on: RunOn) -> Self {
        self.options.run_on = run_on;
        self
    }

    /// Runs the task on tokio's pool for blocking code, so that it may block its thread or compute
    /// for long. By default a task runs on the async workers (so does every one in Next.js).
    ///
    /// A blocking task that has begun cannot be stopped: at its deadline it is reported as timed
    /// out, and left to itself.
    pub fn blocking(mut self) -> Self {
        self.options.blocking = true;
        self
    }

    /// Lets the task replace those with its name that have not started, whatever their options:
    /// the last one scheduled runs. By default each one runs (as in Next.js; in Laravel the last
    /// one does).
    ///
    /// One that has started already goes on, and this one runs too. Those that are replaced are
    /// dropped at once. When two threads schedule at the same moment, both may run.
    pub fn unique(mut self) -> Self {
        self.options.unique = true;
        self
    }

    /// Schedules `task`, as [`after`] does.
    ///
    /// # Panics
    ///
    /// Panics where [`after`] does.
    #[track_caller]
    pub fn schedule<M>(self, task: impl IntoTask<M>) {
        let caller = Location::caller();
        let Err(error) = self.submit(task, caller) else { return };
        assert!(error.is_overloaded() || error.is_abandoned(), "{error}");
        // It was there to refuse.
        if let Some(scope) = scope::current() {
            scope.report_refused(&self.options, caller, error);
        }
    }

    /// Schedules `task`, as [`try_after`] does.
    ///
    /// # Errors
    ///
    /// Fails where [`try_after`] does.
    #[track_caller]
    pub fn try_schedule<M>(self, task: impl IntoTask<M>) -> Result<(), AfterError> {
        self.submit(task, Location::caller())
    }

    fn submit<M>(
        &self,
        task: impl IntoTask<M>,
        caller: &'static Location<'static>,
    ) -> Result<(), AfterError> {
        let scope = scope::current().ok_or_else(|| AfterError::outside_scope(caller))?;
        scope.schedule(|seed| task.into_task(seed), &self.options, caller)
    }
}
