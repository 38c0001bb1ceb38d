//! What `after` accepts.

use super::{
    code::{Closure, Stage},
    task::{Seed, Task},
};
use crate::error::BoxError;

pub(crate) type TaskResult = Result<(), BoxError>;

/// Work that [`after`](crate::after) can run.
///
/// Implemented for
///
/// - futures: `after(async move { … })`, `after(save(id))`, a tokio `JoinHandle`,
/// - closures and functions: `after(|| …)`,
/// - closures, async closures and functions that return a future: `after(async || …)`,
///
/// each `Send + 'static` and with the output `()` or `Result<T, E>`, where `E` is an error or
/// whatever else turns into a `Box<dyn Error + Send + Sync>`. An `Err` is reported as the task's
/// failure, an `Ok` dropped.
///
/// A `JoinHandle`'s work is running already when it is scheduled; `after` reports its failure and
/// keeps the process alive for it. A `Result` inside of its output is not looked at: write
/// `after(async move { handle.await? })`.
///
/// The parameter `M` tells the implementations apart and is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no task for `after`",
    label = "not a task",
    note = "a task is a future, a closure, or a closure that returns a future; it is \
            `Send + 'static`, and its output is `()` or `Result<T, E>`",
    note = "to use values of the handler inside, move them in: `after(async move {{ .. }})`"
)]
pub trait IntoTask<M> {
    #[doc(hidden)]
    fn into_task(self, seed: TaskSeed) -> NewTask;
}

/// The output of a task: `()` or a `Result`.
#[diagnostic::on_unimplemented(
    message = "a task's output is `()` or `Result<T, E>`, not `{Self}`",
    label = "this task's output is not looked at",
    note = "end the task with a semicolon to drop its value"
)]
pub trait TaskOutput {
    #[doc(hidden)]
    fn into_result(self) -> TaskResult;
}

impl TaskOutput for () {
    fn into_result(self) -> TaskResult {
        Ok(())
    }
}

impl<T, E: Into<BoxError>> TaskOutput for Result<T, E> {
    fn into_result(self) -> TaskResult {
        self.map(drop).map_err(Into::into)
    }
}

#[doc(hidden)]
#[expect(unnameable_types, reason = "only `IntoTask`'s hidden method names it")]
#[derive(Debug)]
pub struct TaskSeed(pub(crate) Seed);

#[doc(hidden)]
#[expect(unnameable_types, reason = "only `IntoTask`'s hidden method names it")]
#[derive(Debug)]
pub struct NewTask(pub(crate) Task);

#[derive(Debug)]
#[expect(unnameable_types, reason = "tells implementations apart, and is always inferred")]
pub enum FutureTask {}

#[derive(Debug)]
#[expect(unnameable_types, reason = "tells implementations apart, and is always inferred")]
pub enum ClosureTask {}

#[derive(Debug)]
#[expect(unnameable_types, reason = "tells implementations apart, and is always inferred")]
pub enum AsyncClosureTask {}

impl<F> IntoTask<FutureTask> for F
where
    F: Future<Output: TaskOutput> + Send + 'static,
{
    #[inline]
    fn into_task(self, seed: TaskSeed) -> NewTask {
        NewTask(Task::new(seed.0, Stage::<_, fn() -> F>::Running { future: self }))
    }
}

impl<F, R> IntoTask<ClosureTask> for F
where
    F: FnOnce() -> R + Send + 'static,
    R: TaskOutput,
{
    #[inline]
    fn into_task(self, seed: TaskSeed) -> NewTask {
        NewTask(Task::new(seed.0, Closure::new(self)))
    }
}

impl<F, R> IntoTask<AsyncClosureTask> for F
where
    F: FnOnce() -> R + Send + 'static,
    R: Future<Output: TaskOutput> + Send + 'static,
{
    #[inline]
    fn into_task(self, seed: TaskSeed) -> NewTask {
        NewTask(Task::new(seed.0, Stage::Waiting { closure: Some(self) }))
    }
}
