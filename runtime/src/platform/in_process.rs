//! The host that is the server process itself.

use std::{
    env, fmt,
    pin::Pin,
    sync::{Arc, OnceLock, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{runtime::Handle, time::timeout};

use super::{
    DrainReport, InProcessBuilder, Overload, Platform, TaskReport, Work,
    drain::{Drain, Tally},
    registry::Registry,
};
use crate::work::{Meter, Owner};

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
    pub(super) pending: Registry<Arc<dyn Owner>>,
    pub(super) tally: Tally,
    /// How many tasks outlive their responses.
    tasks: Meter,
    /// That of the server which drains this, for work of threads without a runtime.
    server: OnceLock<Handle>,
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
    /// Creates the platform of a server that is given none.
    #[cfg(feature = "axum")]
    pub(crate) fn of_server() -> Self {
        Self::process_wide()
    }

    /// Has work run on `runtime` where it can be run nowhere else: both its first `after` was
    /// called and its response ended in threads without a runtime.
    #[cfg(feature = "axum")]
    pub(crate) fn serve_on(&self, runtime: &Handle) {
        self.shared.server.get_or_init(|| runtime.clone());
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
        Self {
            shared: Arc::new(Shared {
                pending: Registry::new(),
                tally: Tally::default(),
                tasks: Meter::default(),
                server: OnceLock::new(),
                options,
            }),
        }
    }

    /// Waits until nothing is pending.
    pub(crate) async fn wait_until_empty(&self) {
        self.shared.pending.wait_until_empty().await;
    }

    /// Abandons all that is pending, each task of which is reported.
    #[cfg(feature = "axum")]
    pub(crate) fn abandon(&self) {
        drop(self.shared.abandon());
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
    fn wait_until(&self, work: Work) {
        work.measure(Arc::clone(&self.shared.tasks));
        let key = self.shared.pending.add(Arc::clone(work.owner()));
        let pending = Pending { shared: Arc::clone(&self.shared), key };
        // Not asked for where it would not be used: it counts references.
        let current = self.shared.options.runtime.is_none().then(Handle::try_current);
        let scheduled_on = current.and_then(Result::ok);
        work.when_finished(move |work| pending.spawn(work, scheduled_on));
    }

    fn refusal(&self) -> Option<&str> {
        if let Some(refusal) = self.shared.options.refusal {
            return Some(refusal);
        }
        let named = self.shared.options.runtime.is_some() || self.shared.server.get().is_some();
        let none = !named && Handle::try_current().is_err();
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
        let tasks = self.shared.tasks.load(Ordering::Relaxed);
        if tasks >= self.shared.options.max_tasks {
            return Err(Overload::new(format!(
                "the process has {tasks} tasks already that have not ended; shed load, or raise \
                 `InProcess::builder().max_tasks(..)`"
            )));
        }
        Ok(())
    }

    fn task_ended(&self, report: &TaskReport<'_>) {
        self.shared.tally.count(report.end());
    }
}

/// Work that is pending as long as this lives.
struct Pending {
    shared: Arc<Shared>,
    key: usize,
}

impl Pending {
    /// Spawns the work, whose response is finished, on the named runtime; else on the one in which
    /// the response ended, which is that of its connection, rather than on the one in which it was
    /// scheduled, which may be short-lived.
    #[inline]
    fn spawn(self, work: Work, scheduled_on: Option<Handle>) {
        let Shared { server, options, .. } = &*self.shared;
        let runtime = options.runtime.clone();
        let runtime = runtime.or_else(|| Handle::try_current().ok()).or(scheduled_on);
        // Without any, the work is dropped and reported.
        if let Some(runtime) = runtime.or_else(|| server.get().cloned()) {
            runtime.spawn(PendingWork { work, _pending: self });
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.shared.pending.remove(self.key, Owner::close);
    }
}

/// A work, which is pending until all of it is gone.
struct PendingWork {
    work: Work,
    /// Dropped last.
    _pending: Pending,
}

impl Future for PendingWork {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.work).poll(cx)
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
