//! Limits of the server process as a host.

use std::time::Duration;

use tokio::runtime::Handle;

use super::InProcess;

/// Limits, and the runtime, of an [`InProcess`].
#[derive(Clone, Debug)]
#[must_use = "a description does nothing until it is built"]
pub struct InProcessBuilder {
    pub(super) max_tasks: usize,
    pub(super) max_tasks_per_request: usize,
    pub(super) max_duration: Option<Duration>,
    /// `None` for that of the response or, failing that, of its first task.
    pub(super) runtime: Option<Handle>,
    pub(super) refusal: Option<&'static str>,
}

impl InProcessBuilder {
    /// Limits how many tasks of the process may outlive their responses, 100,000 by default.
    ///
    /// A task counts from the end of its response to its own. One that still waits for it belongs
    /// to the request: a client that does not read holds back its own tasks, and nobody else's.
    /// Beyond the limit, scheduling is refused as [overloaded](crate::AfterError::is_overloaded).
    pub fn max_tasks(self, max_tasks: usize) -> Self {
        Self { max_tasks, ..self }
    }

    /// Limits how many tasks of one request may be pending or running, 1,000 by default.
    ///
    /// Beyond it, scheduling is refused as [overloaded](crate::AfterError::is_overloaded).
    pub fn max_tasks_per_request(self, max_tasks_per_request: usize) -> Self {
        Self { max_tasks_per_request, ..self }
    }

    /// Limits how long any task may run after its response; without it there is no limit, as in
    /// Next.js when it is self-hosted.
    pub fn max_duration(self, max_duration: Duration) -> Self {
        Self { max_duration: Some(max_duration), ..self }
    }

    /// Runs the work on this runtime. The default is the one in which the response ends: that of
    /// its connection.
    pub fn on(self, runtime: Handle) -> Self {
        Self { runtime: Some(runtime), ..self }
    }

    /// Creates the platform.
    #[must_use]
    pub fn build(self) -> InProcess {
        InProcess::with_options(self)
    }
}

impl Default for InProcessBuilder {
    fn default() -> Self {
        Self {
            max_tasks: 100_000,
            max_tasks_per_request: 1_000,
            max_duration: None,
            runtime: None,
            refusal: None,
        }
    }
}
