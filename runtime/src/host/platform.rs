//! Who keeps the process alive for the work.

use std::{
    error::Error,
    fmt,
    sync::Arc,
    time::{self, Duration},
};

#[cfg(feature = "observe")]
use super::event::Observer;
use super::report::TaskReport;
use crate::work::Work;

/// A host that keeps the process alive for the work after a response.
///
/// It is the `waitUntil` of other platforms. In a server process [`InProcess`] is the one to use;
/// a host with a lifecycle of its own implements this trait, for itself or by way of an `Arc` or a
/// `Box`, so that its author can keep a handle.
///
/// What it does runs within a request or a task: a panic of [`wait_until`](Self::wait_until) or
/// [`task_ended`](Self::task_ended) is caught, and the work which was handed over is abandoned.
///
/// [`InProcess`]: crate::platform::InProcess
pub trait Platform: Send + Sync + 'static {
    /// Drives `work` to its end, and keeps the process alive for it.
    ///
    /// Called once a request, at its first `after`. The work waits by itself for the end of the
    /// response. Dropping it abandons its tasks, each of which is then reported as such.
    ///
    /// A work that is kept in `self`, and not driven, is kept for ever: its request holds the layer
    /// and so this platform. Spawn it, hand it to whoever drives it, or give
    /// [`when_finished`](Work::when_finished) what will.
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
    /// A task that is not admitted is not scheduled, unless it [replaces] another: that one has
    /// ended before this is asked. Each that is admitted is the subject of one
    /// [`task_ended`](Self::task_ended).
    ///
    /// [replaces]: crate::TaskBuilder::unique
    ///
    /// # Errors
    ///
    /// The default admits every task.
    fn admit(&self) -> Result<(), Overload> {
        Ok(())
    }

    /// Is told of each task that has ended, however it ended, exactly once.
    fn task_ended(&self, report: &TaskReport<'_>) {
        let _ = report;
    }

    /// Returns who is told what happens in the requests whose work this host keeps alive. `None`,
    /// the default, is nobody.
    ///
    /// What a scope is asked when it is opened holds for its whole life.
    #[cfg(feature = "observe")]
    fn observer(&self) -> Option<&dyn Observer> {
        None
    }
}

macro_rules! forward {
    ($pointer:ident) => {
        impl<P: Platform + ?Sized> Platform for $pointer<P> {
            fn wait_until(&self, work: Work) {
                (**self).wait_until(work);
            }

            fn max_duration(&self) -> Option<Duration> {
                (**self).max_duration()
            }

            fn deadline(&self) -> Option<time::Instant> {
                (**self).deadline()
            }

            fn refusal(&self) -> Option<&str> {
                (**self).refusal()
            }

            fn max_tasks_per_request(&self) -> usize {
                (**self).max_tasks_per_request()
            }

            fn admit(&self) -> Result<(), Overload> {
                (**self).admit()
            }

            fn task_ended(&self, report: &TaskReport<'_>) {
                (**self).task_ended(report);
            }

            #[cfg(feature = "observe")]
            fn observer(&self) -> Option<&dyn Observer> {
                (**self).observer()
            }
        }
    };
}

forward!(Arc);
forward!(Box);

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
