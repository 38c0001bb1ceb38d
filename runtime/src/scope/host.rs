//! Who keeps the process alive for the work, and what holds for all tasks of a layer.

use std::{
    error::Error,
    fmt,
    panic::Location,
    sync::Arc,
    time::{self, Duration},
};

use tokio::time::Instant;

use super::{Server, Work};
use crate::{
    phase::Kind,
    work::{Cause, TaskFailure, TaskInfo},
};

/// A host that keeps the process alive for the work after a response.
///
/// It is the `waitUntil` of other platforms. In a server process [`InProcess`] is the one to use;
/// a host with a lifecycle of its own implements this trait.
///
/// [`InProcess`]: crate::platform::InProcess
pub trait Platform: Send + Sync + 'static {
    /// Drives `work` to its end, and keeps the process alive for it.
    ///
    /// Called once a request, at its first `after`. The work waits by itself for the end of the
    /// response. Dropping it abandons its tasks, each of which is then reported as such.
    fn wait_until(&self, work: Work);

    /// Returns the longest time for which work may run after a response; without another
    /// `max_duration` every task gets it. `None`, the default, is no limit.
    fn max_duration(&self) -> Option<Duration> {
        None
    }

    /// Returns when this host ends the work of the current request, whatever its `max_duration`.
    /// `None`, the default, is never.
    fn deadline(&self) -> Option<time::Instant> {
        None
    }

    /// Returns why this host cannot keep work alive, or `None`, the default, if it can.
    ///
    /// Scheduling fails with this reason, at the call.
    fn refusal(&self) -> Option<&str> {
        None
    }

    /// Returns how many tasks of one request may be pending or running; more are refused as
    /// [overloaded](crate::AfterError::is_overloaded). The default is no limit.
    fn max_tasks_per_request(&self) -> usize {
        usize::MAX
    }

    /// Admits one more task, or returns why it is one too many.
    ///
    /// A task that is not admitted is not scheduled. Each that is admitted is the subject of one
    /// [`task_ended`](Self::task_ended).
    ///
    /// # Errors
    ///
    /// The default admits every task.
    fn admit(&self) -> Result<(), Overload> {
        Ok(())
    }

    /// Is told of each task that has ended, however it ended.
    fn task_ended(&self, report: &TaskReport<'_>) {
        let _ = report;
    }
}

/// Why a [`Platform`] does not admit a task.
#[derive(Debug)]
pub struct Overload {
    reason: String,
}

impl Overload {
    /// Creates a refusal; `reason` becomes part of the error message, and says what to do.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl fmt::Display for Overload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Error for Overload {}

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
    pub(super) info: &'a TaskInfo,
    /// `None` if it never started.
    pub(super) started: Option<Instant>,
    pub(super) end: TaskEnd<'a>,
}

impl<'a> TaskReport<'a> {
    pub(crate) fn info(&self) -> &'a TaskInfo {
        self.info
    }

    /// Returns the task's name: see [`TaskFailure::name`].
    #[must_use]
    pub fn name(&self) -> &'a str {
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

    /// Returns how the task ended.
    #[must_use]
    pub fn end(&self) -> TaskEnd<'a> {
        self.end
    }

    /// Returns the time from `after` to the task's start.
    #[must_use]
    pub fn queue_wait(&self) -> Duration {
        let scheduled = self.info.scheduled;
        self.started.map_or_else(|| scheduled.elapsed(), |started| started - scheduled)
    }

    /// Returns the time from the task's start to its end; zero if it never started.
    #[must_use]
    pub fn run_time(&self) -> Duration {
        self.started.map_or(Duration::ZERO, |started| started.elapsed())
    }
}

pub(crate) type OnFailure = Arc<dyn Fn(&TaskFailure) + Send + Sync>;

/// What holds for all tasks of a layer.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) hosting: Hosting,
    /// The server whose connection has this policy to itself.
    pub(crate) server: Option<Arc<Server>>,
    pub(crate) max_duration: Option<Duration>,
    pub(crate) on_failure: Option<OnFailure>,
}

/// Which platform gets the work.
#[derive(Clone)]
pub(crate) enum Hosting {
    Given(Arc<dyn Platform>),
    /// That of the server which announces itself in the request, else this one.
    Announced {
        otherwise: fn() -> &'static dyn Platform,
    },
}

impl Policy {
    /// Returns the policy without a limit of time and without a hook.
    pub(crate) fn new(hosting: Hosting) -> Self {
        Self { hosting, server: None, max_duration: None, on_failure: None }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let platform = match self.hosting {
            Hosting::Given(_) => "given",
            Hosting::Announced { .. } => "the server's",
        };
        f.debug_struct("Policy")
            .field("platform", &platform)
            .field("server", &self.server)
            .field("max_duration", &self.max_duration)
            .field("on_failure", &self.on_failure.is_some())
            .finish()
    }
}
