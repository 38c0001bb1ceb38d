//! What a watcher is told, at its own pace.
//!
//! A watcher is not told events but what has changed since it was told last, by looks at the state
//! ten times a second. So nothing is queued for one that is slow, and nobody who handles a request
//! wakes one.

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use tokio::time::Instant;

use super::{
    Inspector,
    clock::Micros,
    counts::{Failed, Percentiles, Totals},
    live::{LiveTask, OpenRequest, oldest},
    settled::{Revalidated, Settled},
    view::{View, Written},
};

/// How often a watcher looks.
pub(super) const PAUSE: Duration = Duration::from_millis(100);

/// How often it is told something if nothing happens: so it is known whether it is still there.
const BEAT: Duration = Duration::from_secs(1);

/// How often it is told the overview, which has to be told as a whole.
const OVERVIEW: Duration = Duration::from_millis(300);

/// More changed rows than that are too many to be told one by one.
const MANY: usize = 200;

/// How many of the oldest tasks and requests are told by name.
const OLDEST: usize = 100;

/// What one watcher has been told.
#[derive(Debug)]
pub(super) struct Watcher {
    inspector: Inspector,
    /// The version of the state that it knows; 0 if none.
    version: u64,
    told: Option<Instant>,
    overview_told: Option<Instant>,
}

/// What has changed.
#[derive(Serialize)]
pub(super) struct Message {
    #[serde(skip)]
    version: u64,
    made_at: u64,
    now: Micros,
    /// Whether it replaces all that was told before.
    snapshot: bool,
    /// Whether that is so since too much has changed: then not all is told.
    lagged: bool,
    rows: Vec<Arc<Written>>,
    gone: Vec<u64>,
    /// Of what is older nothing is known any more.
    oldest: [u64; 2],
    revalidations: Vec<Revalidated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overview: Option<Overview>,
}

#[derive(Serialize)]
struct Overview {
    totals: Totals,
    per_second: [f64; 3],
    percentiles: Percentiles,
    failures: std::collections::BTreeMap<String, Failed>,
    open_requests: Vec<OpenRequest>,
    live_tasks: Vec<LiveTask>,
    draining: bool,
    drained: Option<String>,
    jobs: bool,
    job_control: bool,
}

impl Message {
    /// Returns what a browser that was told this says of it when it asks again.
    pub(super) fn id(&self) -> String {
        format!("{}-{}", self.made_at, self.version)
    }
}

impl Watcher {
    /// Creates one that knows the state of this version of the inspector which was made then.
    pub(super) fn new(inspector: Inspector, known: Option<(u64, u64)>) -> Self {
        let version = known.filter(|(made_at, _)| *made_at == inspector.shared.made_at);
        let version = version.map_or(0, |(_, version)| version);
        Self { inspector, version, told: None, overview_told: None }
    }

    /// Returns whether the platform is being drained, or was.
    pub(super) fn is_over(&self) -> bool {
        self.inspector.shared.journal.read(|settled| settled.draining)
    }

    /// Looks whether there is something to tell.
    pub(super) fn look(&mut self) -> Option<Message> {
        let inspector = self.inspector.clone();
        inspector.shared.journal.read(|settled| self.look_at(settled))
    }

    fn look_at(&mut self, settled: &mut Settled) -> Option<Message> {
        let now = self.inspector.now();
        let due = self.told.is_none_or(|told| told.elapsed() >= BEAT);
        let view = settled.view();
        if view.version == self.version && !due {
            return None;
        }
        let mut message = self.tell(settled, &view, now);
        self.told = Some(Instant::now());
        self.version = message.version;
        if settled.draining || self.overview_told.is_none_or(|told| told.elapsed() >= OVERVIEW) {
            self.overview_told = self.told;
            message.overview = Some(self.overview(settled, &view, now));
        }
        Some(message)
    }

    fn tell(&self, settled: &Settled, view: &View, now: Micros) -> Message {
        // A version of another process, or none.
        let known = if self.version > view.version { 0 } else { self.version };
        let mut rows = view.requests.changed_since(known);
        let lagged = known > 0 && rows.len() > MANY;
        if lagged {
            rows.drain(..rows.len() - MANY);
        }
        rows.extend(view.renders.changed_since(if lagged { 0 } else { known }));
        // What is younger than the view is told with the next one.
        let is_new = |version: u64| version > known && version <= view.version;
        let gone = settled.gone.iter().filter(|(version, _)| known > 0 && is_new(*version));
        let revalidations =
            settled.revalidations.iter().filter(|(version, _)| is_new(*version) || lagged);
        Message {
            version: view.version,
            made_at: self.inspector.shared.made_at,
            now,
            snapshot: known == 0 || lagged,
            lagged,
            rows,
            gone: gone.map(|(_, id)| *id).collect(),
            oldest: [view.requests.oldest(), view.renders.oldest()],
            revalidations: revalidations.map(|(_, revalidated)| revalidated.clone()).collect(),
            overview: None,
        }
    }

    fn overview(&self, settled: &Settled, view: &View, now: Micros) -> Overview {
        let rows = view.requests.unfinished().chain(view.renders.unfinished());
        let (open_requests, live_tasks) = oldest(rows, OLDEST);
        let counts = &settled.counts;
        Overview {
            totals: counts.totals.clone(),
            per_second: counts.rates.per_second(now),
            percentiles: Percentiles::of(&counts.times),
            failures: counts.failures.copy(),
            open_requests,
            live_tasks,
            draining: settled.draining,
            drained: settled.drained.clone(),
            jobs: self.inspector.shared.jobs.get().is_some(),
            job_control: self.inspector.shared.job_control,
        }
    }
}
