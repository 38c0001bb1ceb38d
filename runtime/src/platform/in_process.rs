//! The host that is the server process itself.

use std::{
    env, fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{runtime::Handle, time::timeout};

use super::{
    DrainReport, InProcessBuilder, Overload, Platform, TaskReport, Work,
    builder::Runtime,
    drain::{Drain, Tally},
    registry::Registry,
};
use crate::scope::{Inner, Track};

/// The server process itself: work runs on its tokio runtime, and is waited for by
/// [`drain`](Self::drain).
///
/// A cheap handle: clones stand for the same platform.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use with_after::{AfterLayer, platform::InProcess};
///
/// let platform = InProcess::builder()
///     .max_tasks(10_000)
///     .max_duration(Duration::from_secs(300))
///     .build();
/// let layer = AfterLayer::with_platform(platform.clone());
/// // … and before the process exits:
/// # async {
/// println!("{}", platform.drain(Duration::from_secs(30)).await);
/// # };
/// ```
#[derive(Clone)]
pub struct InProcess {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) pending: Registry<Arc<Inner>>,
    pub(super) tally: Tally,
    /// Tasks that have not ended.
    tasks: AtomicUsize,
    options: InProcessBuilder,
}

impl InProcess {
    /// Creates a platform with the defaults of [`builder`](Self::builder).
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Creates a platform that runs its work on another runtime, so that heavy work never slows
    /// the requests.
    #[must_use]
    pub fn on(runtime: Handle) -> Self {
        Self::builder().on(runtime).build()
    }

    /// Creates the platform of a server whose connections are on `runtime`.
    #[cfg(feature = "axum")]
    pub(crate) fn of_server(runtime: Handle) -> Self {
        let runtime = Runtime::OfServer(runtime);
        InProcessBuilder { runtime, refusal: refusal(), ..InProcessBuilder::default() }.build()
    }

    /// Creates the platform of all servers that announce none.
    pub(super) fn process_wide() -> Self {
        InProcessBuilder { refusal: refusal(), ..InProcessBuilder::default() }.build()
    }

    /// Starts the description of a platform.
    pub fn builder() -> InProcessBuilder {
        InProcessBuilder::default()
    }

    /// Returns how many requests have work that has not ended, responses in progress included.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shared.pending.len()
    }

    /// Waits until all pending work has ended, nested tasks included, but no longer than
    /// `deadline`.
    ///
    /// What has not ended by then is abandoned: dropped, if it is not blocking its thread, and
    /// reported, each task by an error event, the `on_failure` hook, and its name in the returned
    /// report. Call it when the server has stopped, and before the runtime is dropped. Work that
    /// is scheduled meanwhile is waited for as well; the platform can be used on afterwards.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the waiting and abandons nothing.
    ///
    /// # Panics
    ///
    /// Panics where no tokio runtime with enabled time is running.
    pub async fn drain(&self, deadline: Duration) -> DrainReport {
        let drain = self.begin_drain();
        let time_is_over = timeout(deadline, self.wait_until_empty()).await.is_err();
        drain.finish(time_is_over)
    }

    pub(super) fn with_options(options: InProcessBuilder) -> Self {
        let (pending, tally) = (Registry::new(), Tally::default());
        Self { shared: Arc::new(Shared { pending, tally, tasks: AtomicUsize::new(0), options }) }
    }

    /// Waits until nothing is pending.
    pub(crate) async fn wait_until_empty(&self) {
        self.shared.pending.wait_until_empty().await;
    }

    /// Begins to count what is drained.
    pub(crate) fn begin_drain(&self) -> Drain<'_> {
        Drain::begin(&self.shared)
    }
}

impl Default for InProcess {
    fn default() -> Self {
        Self::new()
    }
}

impl Platform for InProcess {
    fn wait_until(&self, mut work: Work) {
        let key = self.shared.pending.add(Arc::clone(work.scope()));
        work.track(Arc::clone(&self.shared) as Arc<dyn Track>, key);
        match &self.shared.options.runtime {
            Runtime::Other(runtime) => work.spawn_when_finished(runtime.clone()),
            Runtime::OfServer(runtime) => work.run_when_finished(runtime),
            // `refusal` was asked just before. Without a runtime the work is dropped and reported.
            Runtime::Current => {
                if let Ok(runtime) = Handle::try_current() {
                    work.run_when_finished(&runtime);
                }
            }
        }
    }

    fn refusal(&self) -> Option<&str> {
        if let Some(refusal) = self.shared.options.refusal {
            return Some(refusal);
        }
        let none = matches!(self.shared.options.runtime, Runtime::Current)
            && Handle::try_current().is_err();
        none.then_some(
            "no tokio runtime is running in this thread; name one with `InProcess::on(handle)`",
        )
    }

    fn max_duration(&self) -> Option<Duration> {
        self.shared.options.max_duration
    }

    fn max_tasks_per_request(&self) -> usize {
        self.shared.options.max_tasks_per_request
    }

    fn admit(&self) -> Result<(), Overload> {
        let max_tasks = self.shared.options.max_tasks;
        let others = self.shared.tasks.fetch_add(1, Ordering::Relaxed);
        if others >= max_tasks {
            self.shared.tasks.fetch_sub(1, Ordering::Relaxed);
            return Err(Overload::new(format!(
                "the process has {others} tasks already that have not ended; shed load, or raise \
                 `InProcess::builder().max_tasks(..)`"
            )));
        }
        Ok(())
    }

    fn task_ended(&self, report: &TaskReport<'_>) {
        // A platform around this one may report tasks that it did not have admitted.
        let fewer = |tasks: usize| tasks.checked_sub(1);
        let _ = self.shared.tasks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
        self.shared.tally.count(report.end());
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").field("pending", &self.pending()).finish_non_exhaustive()
    }
}

/// Returns why work would be frozen here, unless somebody is known to wait for it.
fn refusal() -> Option<&'static str> {
    env::var_os("AWS_LAMBDA_RUNTIME_API").map(|_| {
        "AWS Lambda freezes the process once the response is posted; run the application by \
         `with_after::lambda::run` (feature `lambda`), which waits for the work"
    })
}

impl Track for Shared {
    fn untrack(&self, key: usize) {
        self.pending.remove(key, Inner::close);
    }
}
