//! The end of an attempt is told to everybody who wants to know.

use std::{
    any::Any,
    fmt,
    panic::{self, AssertUnwindSafe},
};

use tracing::field;
use with_after::{__private::job_failed, Cause, TaskFailure};

use crate::{job::Definition, record::StoredJob};

/// What is called when something went wrong.
#[derive(Default)]
pub(super) struct Hooks {
    pub(super) on_failure: Option<Hook<TaskFailure>>,
    pub(super) on_dead: Option<Hook<StoredJob>>,
}

type Hook<T> = Box<dyn Fn(&T) + Send + Sync>;

impl Hooks {
    /// Tells of a failed attempt, as other tasks' failures are told.
    pub(super) fn failed(&self, job: &'static Definition, cause: Cause) {
        let failure = job_failed(&job.handler, job.location, cause);
        // The error inside is the user's code.
        let cause = contain(|| failure.cause().to_string());
        let cause = cause.unwrap_or_else(|panic| format!("failed: its error panicked: {panic}"));
        let location = field::display(job.location);
        tracing::error!(target: "with_after", task = job.name, location, kind = "job", %cause, "task failed");
        if let Some(hook) = &self.on_failure {
            called("on_failure", || hook(&failure));
        }
        drop(contain(|| drop(failure)));
    }

    /// Tells of a job whose last attempt has failed.
    pub(super) fn dead(&self, job: &StoredJob) {
        let (name, id, error) = (job.name(), job.id(), job.error());
        tracing::error!(target: "with_after", task = name, %id, error, "job is dead: all its attempts failed");
        if let Some(hook) = &self.on_dead {
            called("on_dead", || hook(job));
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("on_failure", &self.on_failure.is_some())
            .field("on_dead", &self.on_dead.is_some())
            .finish()
    }
}

fn called(hook: &'static str, call: impl FnOnce()) {
    if let Err(panic) = contain(call) {
        tracing::error!(target: "with_after", hook, panic, "a hook of the workers panicked");
    }
}

/// Calls a user's code, and returns the message of its panic if it does.
pub(super) fn contain<R>(code: impl FnOnce() -> R) -> Result<R, String> {
    panic::catch_unwind(AssertUnwindSafe(code)).map_err(panic_message)
}

/// Returns what a panic says; payloads other than text say nothing.
pub(super) fn panic_message(payload: Box<dyn Any + Send>) -> String {
    let text = payload.downcast_ref::<&'static str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("no message").to_owned();
    // It may itself panic when it is dropped. That is not reported again.
    panic::catch_unwind(AssertUnwindSafe(|| drop(payload))).unwrap_or_else(std::mem::forget);
    message
}
