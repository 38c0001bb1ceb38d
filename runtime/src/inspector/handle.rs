//! The inspector as its application holds it.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::{Instant, SystemTime},
};

use http::HeaderName;

use super::{
    clock::{Clock, Micros},
    jobs::JobSource,
    journal::Journal,
    kept::Limits,
    notes::Shown,
};
use crate::observe::{Event, Observer};

/// A live page of requests and their tasks.
///
/// A cheap handle: clones stand for the same page. See the [module docs](super).
#[derive(Clone)]
pub struct Inspector {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) journal: Journal,
    clock: Clock,
    /// Milliseconds since 1970.
    pub(super) made_at: u64,
    /// Who lists the jobs, and whether they may be retried and cancelled.
    pub(super) jobs: OnceLock<Arc<dyn JobSource>>,
    pub(super) job_control: bool,
}

impl Inspector {
    /// Creates an inspector of the last 1,000 requests.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Starts the description of an inspector.
    pub fn builder() -> InspectorBuilder {
        InspectorBuilder {
            limits: Limits { requests: 1_000, bytes: 16 * 1024 * 1024 },
            shown: Shown::default(),
            job_control: false,
        }
    }

    /// Shows the jobs of `source` on a page of their own. The first source stays.
    ///
    /// `with-after-jobs` has one: see its feature `inspector`.
    pub fn jobs(&self, source: impl JobSource) {
        // Another one is there.
        drop(self.shared.jobs.set(Arc::new(source)));
    }

    /// Forgets a request of its own.
    pub(super) fn hide(&self, scope: u64) {
        self.shared.journal.hide(scope);
    }

    pub(super) fn now(&self) -> Micros {
        self.shared.clock.at(Instant::now())
    }
}

impl Observer for Inspector {
    fn event(&self, event: &Event<'_>) {
        self.shared.journal.write(event);
    }
}

impl Default for Inspector {
    fn default() -> Self {
        Self::new()
    }
}

/// What an [`Inspector`] keeps and shows.
#[derive(Clone, Debug)]
#[must_use = "a description does nothing until it is built"]
pub struct InspectorBuilder {
    limits: Limits,
    shown: Shown,
    job_control: bool,
}

impl InspectorBuilder {
    /// Limits how many requests are kept, 1,000 by default: the newest ones.
    pub fn max_requests(mut self, max_requests: usize) -> Self {
        self.limits.requests = max_requests;
        self
    }

    /// Limits the memory for them, about 16 MiB by default.
    pub fn max_bytes(mut self, max_bytes: usize) -> Self {
        self.limits.bytes = max_bytes;
        self
    }

    /// Shows the query behind the path, which is left out by default: it may hold secrets.
    pub fn show_query(mut self) -> Self {
        self.shown.query = true;
        self
    }

    /// Shows this header of each request. None is shown by default.
    pub fn show_header(mut self, name: HeaderName) -> Self {
        self.shown.headers.push(name);
        self
    }

    /// Lets those who see the page retry and cancel jobs. By default they can only look.
    pub fn allow_job_control(self) -> Self {
        Self { job_control: true, ..self }
    }

    /// Creates the inspector.
    #[must_use]
    pub fn build(self) -> Inspector {
        let Self { limits, shown, job_control } = self;
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let made_at = since_1970.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0));
        let clock = Clock(Instant::now());
        let shared = Shared {
            journal: Journal::new(limits, clock, shown),
            clock,
            made_at,
            jobs: OnceLock::new(),
            job_control,
        };
        Inspector { shared: Arc::new(shared) }
    }
}

impl fmt::Debug for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspector").field("made_at", &self.shared.made_at).finish_non_exhaustive()
    }
}
