//! What was read of the journal: counted, and kept within limits of number and memory.

use std::{
    collections::{BTreeSet, VecDeque},
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{
    clock::{Clock, Micros},
    counts::{Counts, Rate, Totals, second},
    kept::{Kept, Limits, RENDERS},
    open::OpenScopes,
    record::{Happened, Pages, Place, Record, TaskResult, What},
    row::display,
    text::{LINE, cut},
    view::View,
};

/// What was read.
#[derive(Debug)]
pub(super) struct Settled {
    kept: Kept,
    open: OpenScopes,
    /// That of the last record.
    version: u64,
    pub(super) counts: Counts,
    /// Each with the version since which it is known.
    pub(super) revalidations: VecDeque<(u64, Revalidated)>,
    /// Whether a drain is in progress, or over.
    pub(super) draining: bool,
    pub(super) drained: Option<String>,
    /// At which version it was known that a request is one of the inspector itself.
    pub(super) gone: VecDeque<(u64, u64)>,
    hidden: BTreeSet<u64>,
    clock: Clock,
    /// Empty, to be written next.
    spare: Pages,
    seen: Option<Seen>,
}

/// What was shown last.
#[derive(Debug)]
struct Seen {
    view: Arc<View>,
    /// When another one may be made.
    again: Instant,
}

/// A revalidation.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Revalidated {
    pages: String,
    #[serde(serialize_with = "display")]
    location: Place,
    at: Micros,
}

/// The rows are made anew no sooner than after this time.
const PAUSE: Duration = Duration::from_millis(80);

/// Nor sooner than after so many times the time that it took.
const SHARE: u32 = 50;

/// How many requests of the inspector are remembered as such.
const HIDDEN: usize = 1_000;

impl Settled {
    pub(super) fn new(limits: Limits, clock: Clock) -> Self {
        Self {
            kept: Kept::new(limits),
            open: OpenScopes::default(),
            version: 1,
            counts: Counts::default(),
            revalidations: VecDeque::new(),
            draining: false,
            drained: None,
            gone: VecDeque::new(),
            hidden: BTreeSet::new(),
            clock,
            spare: Pages::default(),
            seen: None,
        }
    }

    /// Reads what `take` exchanges for empty pages: records in their order.
    pub(super) fn absorb(&mut self, take: impl FnOnce(&mut Pages)) {
        let mut fresh = mem::take(&mut self.spare);
        take(&mut fresh);
        if fresh.records.is_empty() {
            self.spare = fresh;
            return;
        }
        let first = self.version + 1;
        let (mut began, mut hidden) = (0, Vec::new());
        let seconds = self.seconds(&fresh);
        for (at, record) in fresh.records.iter().enumerate() {
            self.version += 1;
            let what = self.open.note(record);
            match record.what {
                Happened::Opened { what, .. } if what != What::Render => began += 1,
                Happened::Hidden => hidden.push(record.scope),
                _ => {}
            }
            if what.is_some() || !self.is_hidden(record.scope) {
                let second = seconds.unwrap_or_else(|| second(self.clock.at(record.at)));
                self.count(record, what, second, at, &fresh);
            }
        }
        self.kept.add(&mut fresh, first, began);
        fresh.clear();
        self.spare = fresh;
        for scope in hidden {
            self.kept.forget(scope);
        }
        self.kept.throw_away(&self.open, &mut self.spare);
    }

    /// Returns the second in which all of it has happened, if it is one.
    fn seconds(&self, pages: &Pages) -> Option<u64> {
        let second = |record: &Record| second(self.clock.at(record.at));
        let first = pages.records.first().map(second)?;
        (pages.records.last().map(second) == Some(first)).then_some(first)
    }

    /// Returns the rows, or those of a moment ago: all watchers share them.
    pub(super) fn view(&mut self) -> Arc<View> {
        let began = Instant::now();
        if let Some(Seen { view, again }) = &self.seen {
            // What is told in a drain may be the last.
            if view.version == self.version || (began < *again && !self.draining) {
                return Arc::clone(view);
            }
        }
        let view = Arc::new(View::of(&self.kept, self.version, self.clock));
        let again = Instant::now() + PAUSE.max(began.elapsed() * SHARE);
        self.seen = Some(Seen { view: Arc::clone(&view), again });
        view
    }

    /// Counts a record, which is the one `at` that place, of a scope for `of`, if that is known.
    fn count(&mut self, record: &Record, of: Option<What>, second: u64, at: usize, fresh: &Pages) {
        let Counts { totals, rates, times, failures } = &mut self.counts;
        let clock = self.clock;
        let now = || clock.at(record.at);
        match record.what {
            Happened::Opened { what, .. } => {
                if self.drained.take().is_some() {
                    // The platform is used on.
                    self.draining = false;
                }
                if what == What::Request {
                    totals.requests += 1;
                    totals.in_flight += 1;
                    rates.count(Rate::Requests, second);
                }
            }
            Happened::Finished { .. } => {
                // One that is not known is one of too many.
                if of.is_none_or(|what| what == What::Request) {
                    totals.in_flight = totals.in_flight.saturating_sub(1);
                }
            }
            Happened::Scheduled { .. } => totals.pending += 1,
            Happened::Started { .. } => {
                totals.pending = totals.pending.saturating_sub(1);
                totals.running += 1;
            }
            Happened::Ended { result, started, queue_wait, run_time, .. } => {
                let of = if started { &mut totals.running } else { &mut totals.pending };
                *of = of.saturating_sub(1);
                match result {
                    TaskResult::Completed => totals.completed += 1,
                    TaskResult::Skipped => totals.skipped += 1,
                    _ => totals.failed += 1,
                }
                if started {
                    rates.count(Rate::Tasks, second);
                    times.add(queue_wait, run_time);
                }
            }
            Happened::Failed { name, place, .. } => {
                rates.count(Rate::Failures, second);
                failures.add(fresh.read(name), place, why(fresh, at), now());
            }
            Happened::Refused { name, place } => {
                totals.refused += 1;
                rates.count(Rate::Failures, second);
                failures.add(fresh.read(name), place, why(fresh, at), now());
            }
            Happened::Revalidated { pages, place } => {
                if self.revalidations.len() == RENDERS {
                    self.revalidations.pop_front();
                }
                let pages = fresh.read(pages).to_owned();
                let revalidated = Revalidated { pages, location: place, at: now() };
                self.revalidations.push_back((self.version, revalidated));
            }
            Happened::DrainBegan => (self.draining, self.drained) = (true, None),
            Happened::DrainEnded { completed, failed, abandoned } => {
                let end = format!("{completed} completed, {failed} failed, {abandoned} abandoned");
                self.drained = Some(end);
            }
            Happened::Hidden => self.hide(record.scope),
            Happened::Header { .. }
            | Happened::Head { .. }
            | Happened::MoreTasks { .. }
            | Happened::Why { .. } => {}
        }
    }

    /// Takes back what was counted of a request of the inspector itself.
    fn hide(&mut self, scope: u64) {
        if self.hidden.len() == HIDDEN {
            self.hidden.pop_first();
            self.gone.pop_front();
        }
        self.hidden.insert(scope);
        self.gone.push_back((self.version, scope));
        // None has started before the response is finished.
        if let Some(tasks) = self.open.remove(scope) {
            let Totals { requests, in_flight, pending, .. } = &mut self.counts.totals;
            *requests = requests.saturating_sub(1);
            *in_flight = in_flight.saturating_sub(1);
            *pending = pending.saturating_sub(tasks as u64);
        }
    }

    /// Returns whether a scope is of a request of the inspector itself: most are younger than the
    /// last one.
    fn is_hidden(&self, scope: u64) -> bool {
        self.hidden.last().is_some_and(|last| scope <= *last) && self.hidden.contains(&scope)
    }
}

/// Returns what stands behind the record there: why a task has failed.
fn why(pages: &Pages, at: usize) -> String {
    let lines = pages.records.iter().skip(at + 1).map_while(|record| match record.what {
        Happened::Why { line, .. } => Some(pages.read(line)),
        _ => None,
    });
    cut(&lines.collect::<Vec<_>>().join(": "), LINE).into_owned()
}
