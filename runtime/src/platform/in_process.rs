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
#[cfg(feature = "observe")]
use crate::host::{Observer, Observers};
use crate::work::{Host, Meter, Owner, Pending};

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
#[doc(alias = "TaskTracker")]
#[derive(Clone)]
pub struct InProcess {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) pending: Registry<Account>,
    pub(super) tally: Tally,
    /// How many tasks outlive their responses.
    tasks: Meter,
    /// That of the server which drains this, for work of threads without a runtime.
    server: OnceLock<Handle>,
    #[cfg(feature = "observe")]
    pub(super) observers: Observers,
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
    /// Has work run on `runtime` where it can be run nowhere else: both its first `after` was
    /// called and its response ended in threads without a runtime.
    #[cfg(feature = "axum")]
    pub(crate) fn serve_on(&self, runtime: &Handle) {
        self.shared.server.get_or_init(|| runtime.clone());
    }

    /// Creates the platform of a server that is given none, or of all that announce none.
    pub(crate) fn process_wide() -> Self {
        InProcessBuilder { refusal: refusal(), ..InProcessBuilder::default() }.build()
    }

    /// Starts the description of a platform.
    pub fn builder() -> InProcessBuilder {
        InProcessBuilder::default()
    }

    /// Tells `observer` what happens from now on in the requests of this platform.
    ///
    /// There can be several; each is told everything.
    #[cfg(feature = "observe")]
    pub fn observe(&self, observer: impl Observer) {
        self.add_observer(Box::new(observer));
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
                #[cfg(feature = "observe")]
                observers: Observers::default(),
                options,
            }),
        }
    }

    #[cfg(feature = "observe")]
    pub(crate) fn add_observer(&self, observer: Box<dyn Observer>) {
        self.shared.observers.add(observer);
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
        let Shared { pending, tasks, server, options, .. } = &*self.shared;
        let named = options.runtime.is_some() || server.get().is_some();
        let runtime = if named { None } else { Handle::try_current().ok() };
        let key = pending.add(Account { owner: Arc::clone(work.owner()), runtime });
        let host = Arc::clone(&self.shared) as Arc<dyn Host>;
        work.host_when_finished(Pending::new(host, key), Arc::clone(tasks));
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

    #[cfg(feature = "observe")]
    fn observer(&self) -> Option<&dyn Observer> {
        self.shared.observers.any()
    }
}

/// What is known of pending work.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) owner: Arc<dyn Owner>,
    /// On which it was scheduled, if no other is sure to be there.
    runtime: Option<Handle>,
}

impl Host for Shared {
    /// Spawns the work on the named runtime; else on the one in which the response ended, which is
    /// that of its connection, rather than on the one in which it was scheduled, which may be
    /// short-lived. Without any, the work is dropped and reported.
    #[inline]
    fn start(&self, work: Work, pending: Pending) {
        let key = pending.key();
        let work = PendingWork { work, _pending: pending };
        if let Some(runtime) = &self.options.runtime {
            runtime.spawn(work);
        } else if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(work);
        } else if let Some(runtime) = self.pending.get(key).runtime.or(self.server.get().cloned()) {
            runtime.spawn(work);
        }
    }

    #[inline]
    fn ended(&self, key: usize) {
        self.pending.remove(key, |account| account.owner.close());
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
    // First, since Vercel's functions may run on AWS Lambda.
    if env::var_os("VERCEL_IPC_PATH").is_some() {
        return Some(
            "Vercel freezes the process once the invocation has ended; make the function by \
             `with_after::vercel::function` (feature `vercel`), which keeps the invocation open",
        );
    }
    env::var_os("AWS_LAMBDA_RUNTIME_API").map(|_| {
        "AWS Lambda freezes the process once the response is posted; run the application by \
         `with_after::lambda::run` (feature `lambda`), which waits for the work"
    })
}
