//! A task that failed.

use std::{
    any::Any,
    error::Error,
    fmt, mem,
    panic::{self, AssertUnwindSafe, Location},
    time::Duration,
};

use super::seed::TaskInfo;
use crate::{
    error::{AfterError, BoxError},
    phase::Kind,
};

/// A task that failed, as [`AfterLayer::on_failure`](crate::AfterLayer::on_failure) sees it.
///
/// Displays the task's name, the `file:line` of its `after`, and the cause.
#[derive(Debug)]
pub struct TaskFailure {
    info: TaskInfo,
    cause: Cause,
}

/// Why a task failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// It returned an `Err`.
    Error(BoxError),
    /// It panicked, with this message.
    Panicked(String),
    /// It was still running at its deadline, after this time, and was dropped.
    TimedOut(Duration),
    /// It was dropped before it had ended, since the process shuts down.
    Abandoned,
    /// It was never scheduled: [`after`](crate::after) was refused, since the process is
    /// overloaded or shuts down.
    NotScheduled(AfterError),
}

impl TaskFailure {
    pub(crate) fn new(info: TaskInfo, cause: Cause) -> Self {
        Self { info, cause }
    }

    /// Returns the name given by [`task`](crate::task), or that of the annotated function which
    /// scheduled the task.
    #[must_use]
    pub fn name(&self) -> &str {
        self.info.name()
    }

    /// Returns where `after` was called.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.info.location
    }

    /// Returns the kind of the annotated function that scheduled the task, if there was one.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.info.kind()
    }

    /// Returns why the task failed.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.cause
    }
}

impl fmt::Display for TaskFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task `{}` ({}) {}", self.name(), self.location(), self.cause)
    }
}

impl Error for TaskFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Cause::Error(error) => Some(error.as_ref()),
            Cause::NotScheduled(error) => Some(error),
            Cause::Panicked(_) | Cause::TimedOut(_) | Cause::Abandoned => None,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => write!(f, "failed: {error}"),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
            Self::TimedOut(after) => write!(f, "timed out after {after:?}"),
            Self::Abandoned => f.write_str("was abandoned at shutdown"),
            Self::NotScheduled(error) => write!(f, "was not scheduled: {}", error.reason()),
        }
    }
}

/// Calls a user's code, and returns the message of its panic if it does.
///
/// What a panic carries may itself panic when it is dropped. That is not reported again.
#[inline]
pub(crate) fn contain<R>(code: impl FnOnce() -> R) -> Result<R, String> {
    panic::catch_unwind(AssertUnwindSafe(code)).map_err(|payload| {
        let message = panic_message(payload.as_ref());
        let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
        dropped.unwrap_or_else(mem::forget);
        message
    })
}

/// Returns what a panic says; payloads other than text say nothing.
fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
