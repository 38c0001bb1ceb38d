//! How a task ended, as its platform sees it.

use std::{panic::Location, time::Duration};

use crate::{
    place::Kind,
    work::{Cause, Record, TaskInfo},
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

/// A task that has just ended, as its [`Platform`] sees it.
#[derive(Debug)]
pub struct TaskReport<'a> {
    record: &'a Record,
    end: TaskEnd<'a>,
}

impl<'a> TaskReport<'a> {
    pub(super) fn new(record: &'a Record, end: TaskEnd<'a>) -> Self {
        Self { record, end }
    }

    pub(crate) fn info(&self) -> &'a TaskInfo {
        &self.record.info
    }

    pub(super) fn has_started(&self) -> bool {
        self.record.started().is_some()
    }

    /// Returns the task's name: see [`TaskFailure::name`].
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
        self.record.started().map_or_else(|| scheduled.elapsed(), |started| started - scheduled)
    }

    /// Returns the time from the task's start to its end; zero if it never started.
    #[must_use]
    pub fn run_time(&self) -> Duration {
        self.record.started().map_or(Duration::ZERO, |started| started.elapsed())
    }
}
