//! What a drain did.

use std::{fmt, panic::Location, time::Duration};

use crate::{place::Kind, work::TaskInfo};

/// What a [drain](super::InProcess::drain) did.
///
/// Displays as one line, and one more for each abandoned task.
#[derive(Clone, Debug)]
#[must_use = "it names the tasks that were abandoned"]
pub struct DrainReport {
    pub(super) completed: u64,
    pub(super) failed: u64,
    pub(super) elapsed: Duration,
    pub(super) abandoned: Vec<AbandonedTask>,
}

/// A task that had not ended when a drain's time was over.
#[derive(Clone, Debug)]
pub struct AbandonedTask {
    info: TaskInfo,
    age: Duration,
}

impl DrainReport {
    /// Returns how many tasks completed during the drain.
    #[must_use]
    pub fn completed(&self) -> u64 {
        self.completed
    }

    /// Returns how many tasks failed or timed out during the drain, without the abandoned ones.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// Returns how long the drain took.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns the tasks that had not ended when the time was over.
    #[must_use]
    pub fn abandoned(&self) -> &[AbandonedTask] {
        &self.abandoned
    }

    /// Returns whether no task was abandoned.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.abandoned.is_empty()
    }

    /// Ends the process at once, with the exit code 0 if the drain [is complete](Self::is_complete)
    /// and 1 if it is not.
    ///
    /// For the end of `main`, where tokio's runtime would wait for threads that a task blocks, and
    /// so keep the process for as long as that takes. No destructor runs, as with
    /// [`std::process::exit`].
    pub fn exit(&self) -> ! {
        std::process::exit(i32::from(!self.is_complete()))
    }
}

impl AbandonedTask {
    pub(super) fn new(info: TaskInfo) -> Self {
        let age = info.scheduled.elapsed();
        Self { info, age }
    }

    /// Returns the task's name: see [`TaskFailure::name`](crate::TaskFailure::name).
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

    /// Returns how long ago `after` was called.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.age
    }
}

impl fmt::Display for DrainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { completed, failed, elapsed, abandoned } = self;
        write!(
            f,
            "drained in {elapsed:.1?}: {completed} completed, {failed} failed, {} abandoned",
            abandoned.len()
        )?;
        abandoned.iter().try_for_each(|task| write!(f, "\n  abandoned: {task}"))
    }
}

impl fmt::Display for AbandonedTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({}), scheduled {:.1?} ago", self.name(), self.location(), self.age)
    }
}
