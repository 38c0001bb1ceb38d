//! What a test learns of its tasks.

use std::{panic::Location, time::Duration};

use cookie::Cookie;
use http::{HeaderMap, HeaderValue, header::SET_COOKIE};

use crate::{
    place::Kind,
    platform::{TaskEnd, TaskReport},
    work::TaskInfo,
};

/// What became of the tasks of a [`TestScope`](super::TestScope), and which cookies were written.
#[derive(Clone, Debug)]
pub struct FinishReport {
    tasks: Vec<TestedTask>,
    set_cookies: Vec<Cookie<'static>>,
}

/// A task that has not started.
#[derive(Clone, Debug)]
pub struct PendingTask {
    info: TaskInfo,
}

/// A task that has ended.
#[derive(Clone, Debug)]
pub struct TestedTask {
    info: TaskInfo,
    end: End,
    queue_wait: Duration,
    run_time: Duration,
}

#[derive(Clone, Debug)]
enum End {
    Completed,
    Failed(String),
    Skipped,
}

impl FinishReport {
    pub(super) fn new(tasks: Vec<TestedTask>, head: &HeaderMap) -> Self {
        let written = head.get_all(SET_COOKIE).iter().filter_map(|value| {
            let text = HeaderValue::to_str(value).ok()?;
            Cookie::parse(text.to_owned()).ok()
        });
        Self { tasks, set_cookies: written.collect() }
    }

    /// Returns the tasks in the order in which they ended.
    #[must_use]
    pub fn tasks(&self) -> &[TestedTask] {
        &self.tasks
    }

    /// Returns the tasks of this name in the order in which they ended.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a TestedTask> {
        self.tasks.iter().filter(move |task| task.name() == name)
    }

    /// Returns the cookies that the handler wrote.
    #[must_use]
    pub fn set_cookies(&self) -> &[Cookie<'static>] {
        &self.set_cookies
    }
}

impl PendingTask {
    pub(super) fn new(info: TaskInfo) -> Self {
        Self { info }
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
}

impl TestedTask {
    pub(super) fn new(report: &TaskReport<'_>) -> Self {
        let end = match report.end() {
            TaskEnd::Completed => End::Completed,
            TaskEnd::Failed(cause) => End::Failed(cause.to_string()),
            TaskEnd::Skipped => End::Skipped,
        };
        let (queue_wait, run_time) = (report.queue_wait(), report.run_time());
        Self { info: report.info().clone(), end, queue_wait, run_time }
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

    /// Returns whether the task ran to its end without failing.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        matches!(self.end, End::Completed)
    }

    /// Returns whether the task never started: see [`TaskEnd::Skipped`].
    #[must_use]
    pub fn is_skipped(&self) -> bool {
        matches!(self.end, End::Skipped)
    }

    /// Returns how the task failed (`"failed: …"`, `"panicked: …"`, `"timed out after …"`), or
    /// `None` if it did not.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        match &self.end {
            End::Failed(failure) => Some(failure),
            End::Completed | End::Skipped => None,
        }
    }

    /// Returns the time from `after` to the task's start.
    #[must_use]
    pub fn queue_wait(&self) -> Duration {
        self.queue_wait
    }

    /// Returns the time from the task's start to its end.
    #[must_use]
    pub fn run_time(&self) -> Duration {
        self.run_time
    }
}
