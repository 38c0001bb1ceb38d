//! How a task ended, as its platform sees it.

use std::{panic::Location, time::Duration};

use tokio::time::Instant;

use crate::{
    place::Kind,
    work::{Cause, Ended, TaskInfo},
};

/// How a task ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum TaskEnd<'a> {
    /// It ran to its end.
    Completed,
    /// It failed, for this reason.
    Failed(&'a Cause),
    /// It never started: its [`RunOn`](crate::RunOn) did not apply, a
    /// [unique](crate::TaskBuilder::unique) successor replaced it, it was
    /// [cancelled](crate::Scope::cancel), or its request had too many tasks.
    Skipped,
}

/// A task that has just ended, as its [`Platform`](super::Platform) sees it.
#[derive(Debug)]
pub struct TaskReport<'a> {
    info: &'a TaskInfo,
    /// `None` if it never started.
    started: Option<Instant>,
    end: TaskEnd<'a>,
}

impl<'a> TaskReport<'a> {
    pub(super) fn new(ended: Ended<'a>, end: TaskEnd<'a>) -> Self {
        Self { info: ended.info, started: ended.started, end }
    }

    pub(crate) fn info(&self) -> &'a TaskInfo {
        self.info
    }

    #[cfg(any(feature = "metrics", feature = "inspector"))]
    pub(crate) fn has_started(&self) -> bool {
        self.started.is_some()
    }

    /// Returns the task's name: see [`TaskFailure::name`](crate::TaskFailure::name).
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.info().name()
    }

    /// Returns where `after` was called.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.info().location
    }

    /// Returns the kind of the annotated function that scheduled the task, if there was one.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.info().kind()
    }

    /// Returns how the task ended.
    #[must_use]
    pub fn end(&self) -> TaskEnd<'a> {
        self.end
    }

    /// Returns the time from `after` to the task's start.
    #[must_use]
    pub fn queue_wait(&self) -> Duration {
        let scheduled = self.info().scheduled;
        self.started.map_or_else(|| scheduled.elapsed(), |started| started - scheduled)
    }

    /// Returns the time from the task's start to its end; zero if it never started.
    #[must_use]
    pub fn run_time(&self) -> Duration {
        self.started.map_or(Duration::ZERO, |started| started.elapsed())
    }
}
