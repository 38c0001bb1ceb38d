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

// The only implementation, so that what is missing is told: that this is no code at all, or what
// is wrong with its output.
impl<T, M> IntoTask<M> for T
where
    T: TaskCode<M, Output: TaskOutput>,
{
    #[inline]
    fn into_task(self, seed: TaskSeed) -> NewTask {
        self.into_code(seed)
    }
}

/// The output of a task: `()`, or a `Result` whose error can be reported. Code that never ends has
/// an output too, `!`.
///
/// This trait is sealed: it cannot be implemented outside of this crate.
#[diagnostic::on_unimplemented(
    message = "a task's output is `()` or `Result<T, E>`, not `{Self}`",
    label = "the output of this task is `{Self}`",
    note = "end the task with a semicolon to drop its value, or with `Ok::<_, E>(())` where it \
            uses `?` on results of the error `E`"
)]
pub trait TaskOutput: sealed::Sealed {
    #[doc(hidden)]
    fn into_result(self) -> TaskResult;
}

mod sealed {
    #[expect(unnameable_types, reason = "so that nobody else can implement it")]
    pub trait Sealed {}
}

impl sealed::Sealed for () {}

impl TaskOutput for () {
    fn into_result(self) -> TaskResult {
        Ok(())
    }
}

impl<T, E> sealed::Sealed for Result<T, E> {}

impl<T, E: TaskError> TaskOutput for Result<T, E> {
    fn into_result(self) -> TaskResult {
        self.map(drop).map_err(TaskError::into_error)
    }
}

impl sealed::Sealed for Never {}

#[diagnostic::do_not_recommend]
impl TaskOutput for Never {
    fn into_result(self) -> TaskResult {
        self
    }
}

/// What an `Err` of a task is: something that can be reported.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the output of this task is a `Result` with the error `{Self}`, which cannot be \
               reported",
    label = "`{Self}` does not turn into a `Box<dyn Error + Send + Sync>`",
    note = "turn it into one that does, as a text does: `.map_err(|error| format!(\"{{error:?}}\"))`"
)]
#[expect(unnameable_types, reason = "only the implementation for `Result` asks for it")]
pub trait TaskError {
    fn into_error(self) -> BoxError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> TaskError for E {
    fn into_error(self) -> BoxError {
        self.into()
    }
}

/// `!`, which has no name in stable Rust but this one.
type Never = <fn() -> ! as Returns>::Output;

#[doc(hidden)]
#[expect(unnameable_types, reason = "only a type alias asks for it")]
pub trait Returns {
    type Output;
}

impl<R> Returns for fn() -> R {
    type Output = R;
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

/// Code that a task can run, whatever its output.
#[doc(hidden)]
#[expect(unnameable_types, reason = "only the implementation of `IntoTask` asks for it")]
pub trait TaskCode<M> {
    type Output;

    fn into_code(self, seed: TaskSeed) -> NewTask
    where
        Self::Output: TaskOutput;
}

impl<F> TaskCode<FutureTask> for F
where
    F: Future + Send + 'static,
{
    type Output = F::Output;

    #[inline]
    fn into_code(self, seed: TaskSeed) -> NewTask
    where
        F::Output: TaskOutput,
    {
        NewTask(Task::new(seed.0, Stage::<_, fn() -> F>::Running { future: self }))
    }
}

impl<F, R> TaskCode<ClosureTask> for F
where
    F: FnOnce() -> R + Send + 'static,
    R: Value,
{
    type Output = R;

    #[inline]
    fn into_code(self, seed: TaskSeed) -> NewTask
    where
        R: TaskOutput,
    {
        NewTask(Task::new(seed.0, Closure::new(self)))
    }
}

impl<F, R> TaskCode<AsyncClosureTask> for F
where
    F: FnOnce() -> R + Send + 'static,
    R: Future + Send + 'static,
{
    type Output = R::Output;

    #[inline]
    fn into_code(self, seed: TaskSeed) -> NewTask
    where
        R::Output: TaskOutput,
    {
        NewTask(Task::new(seed.0, Stage::Waiting { closure: Some(self) }))
    }
}

/// What a closure returns that is surely no future: what a task's output is, and what is often
/// taken for one, so that the compiler can say that it is none.
#[doc(hidden)]
#[expect(unnameable_types, reason = "only the implementation for closures asks for it")]
pub trait Value {}

impl<T, E> Value for Result<T, E> {}
impl<T> Value for Option<T> {}
impl<T> Value for Vec<T> {}
impl<T: ?Sized> Value for std::sync::Arc<T> {}
impl<T> Value for std::thread::JoinHandle<T> {}
impl Value for &str {}
impl Value for Never {}

macro_rules! values {
    ($($value:ty),*) => { $(impl Value for $value {})* };
}

values!((), bool, char, f32, f64, i8, i16, i32, i64, i128, isize);
values!(u8, u16, u32, u64, u128, usize, String, http::StatusCode, std::time::Duration);
