//! What an inspector knows, from the events that it is told.

use std::{
    borrow::Cow,
    collections::{BTreeSet, VecDeque},
    panic::Location,
    time::Duration,
};

use http::HeaderName;
use serde::Serialize;

use super::{
    counts::{Failures, Rate, Rates, Times, Totals},
    row::{MAX_TASKS, Micros, Row, TaskRow, What, display, size_of_lines},
    rows::Rows,
    text::{LINE, NAME, PATH, cut},
};
use crate::{
    observe::{Event, Origin, RequestHead, TaskId},
    outcome::{End, Outcome},
    place::Kind,
    platform::{TaskEnd, TaskReport},
    work::Cause,
};

/// What an inspector knows.
#[derive(Debug)]
pub(super) struct State {
    pub(super) version: u64,
    pub(super) requests: Rows,
    pub(super) renders: Rows,
    /// Each with the version since which it is known.
    pub(super) revalidations: VecDeque<(u64, Revalidated)>,
    pub(super) totals: Totals,
    pub(super) rates: Rates,
    pub(super) times: Times,
    pub(super) failures: Failures,
    /// Whether a drain is in progress, or over.
    pub(super) draining: bool,
    pub(super) drained: Option<String>,
    /// Requests of the inspector itself.
    hidden: BTreeSet<u64>,
    /// Which rows have gone before their time, and at which version.
    pub(super) gone: VecDeque<(u64, u64)>,
    shown: Shown,
}

/// What the application wants shown of a request beside its method and path.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    pub(super) query: bool,
    pub(super) headers: Vec<HeaderName>,
}

/// A revalidation.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Revalidated {
    pages: String,
    #[serde(serialize_with = "display")]
    location: &'static Location<'static>,
    at: Micros,
}

/// How many renders and revalidations are kept.
const RENDERS: usize = 200;

/// How many requests of the inspector are remembered as such, and how many rows as gone.
const HIDDEN: usize = 1_000;

impl State {
    pub(super) fn new(max_requests: usize, max_bytes: usize, shown: Shown) -> Self {
        Self {
            version: 1,
            requests: Rows::new(max_requests, max_bytes),
            renders: Rows::new(RENDERS.min(max_requests), max_bytes / 4),
            revalidations: VecDeque::new(),
            totals: Totals::default(),
            rates: Rates::default(),
            times: Times::default(),
            failures: Failures::default(),
            draining: false,
            drained: None,
            hidden: BTreeSet::new(),
            gone: VecDeque::new(),
            shown,
        }
    }

    /// Takes note of an event, `now`; `error` is why a task has failed, which is the user's code
    /// to tell, and so not told under a lock.
    pub(super) fn apply(&mut self, event: &Event<'_>, error: Vec<String>, now: Micros) {
        self.version += 1;
        match *event {
            Event::ScopeOpened { scope, origin } => self.open(scope.as_u64(), origin, now),
            Event::HeadProduced { scope, status } => self.change(scope.as_u64(), |row| {
                (row.head, row.status) = (Some(now), Some(status.as_u16()));
                0
            }),
            Event::ScopeFinished { scope, outcome } => self.finish(scope.as_u64(), outcome, now),
            Event::TaskScheduled { scope, task, parent, name, kind, location } => {
                let task = TaskRow {
                    id: task.as_u64(),
                    parent: parent.map(TaskId::as_u64),
                    name: cut(name, NAME).into(),
                    kind: kind.map(Kind::as_str),
                    location,
                    scheduled: now,
                    started: None,
                    deadline: None,
                    ended: None,
                    result: None,
                    error: Vec::new(),
                };
                self.schedule(scope.as_u64(), task);
            }
            Event::TaskStarted { scope, task, deadline, .. } => {
                let left =
                    deadline.map(|at| at.saturating_duration_since(tokio::time::Instant::now()));
                let deadline = left.map(|left| now.saturating_add(micros(left)));
                self.start(scope.as_u64(), task.as_u64(), deadline, now);
            }
            Event::TaskEnded { scope, task, report } => {
                self.end(scope.as_u64(), task.as_u64(), report, error, now);
            }
            Event::TaskRefused { scope, name, location, error, .. } => {
                if !self.is_hidden(scope.as_u64()) {
                    self.totals.refused += 1;
                    self.rates.count(Rate::Failures, now);
                    let why = cut(&format!("not scheduled: {}", error.reason()), LINE).into_owned();
                    self.failures.add(&cut(name, NAME), location, why, now);
                }
            }
            Event::Revalidated { pages, location } => {
                if self.revalidations.len() == RENDERS {
                    self.revalidations.pop_front();
                }
                let pages = cut(pages, PATH).into_owned();
                let revalidated = Revalidated { pages, location, at: now };
                self.revalidations.push_back((self.version, revalidated));
            }
            Event::DrainBegan => (self.draining, self.drained) = (true, None),
            Event::DrainEnded { completed, failed, abandoned } => {
                let end = format!("{completed} completed, {failed} failed, {abandoned} abandoned");
                self.drained = Some(end);
            }
        }
    }

    /// Forgets a request of the inspector itself, with all that is told of it later.
    pub(super) fn hide(&mut self, scope: u64) {
        self.version += 1;
        if self.hidden.len() == HIDDEN {
            self.hidden.pop_first();
            self.gone.pop_front();
        }
        if !self.hidden.insert(scope) {
            return;
        }
        self.gone.push_back((self.version, scope));
        let Some(removed) = self.requests.remove(scope) else { return };
        let Totals { requests, in_flight, pending, .. } = &mut self.totals;
        *requests = requests.saturating_sub(1);
        *in_flight = in_flight.saturating_sub(1);
        // None has started before the response is finished.
        *pending = pending.saturating_sub(removed.row.tasks.len() as u64);
    }

    fn open(&mut self, id: u64, origin: Origin<'_>, now: Micros) {
        let (what, method, path, headers) = match origin {
            Origin::Request(head) => (
                What::Request,
                cut(head.method().as_str(), NAME).into_owned(),
                self.path(head).into(),
                self.headers(head),
            ),
            Origin::Render(path) => {
                (What::Render, String::new(), cut(path, PATH).into(), Vec::new())
            }
            Origin::Call => (What::Work, String::new(), "".into(), Vec::new()),
        };
        if self.drained.is_some() {
            // The platform is used on.
            (self.draining, self.drained) = (false, None);
        }
        if what == What::Request {
            self.totals.requests += 1;
            self.totals.in_flight += 1;
            self.rates.count(Rate::Requests, now);
        }
        let row = Row {
            id,
            what,
            method,
            path,
            headers,
            arrived: now,
            head: None,
            status: None,
            ended: None,
            end: None,
            bytes: 0,
            tasks: Vec::new(),
            more_tasks: 0,
        };
        let rows = if what == What::Render { &mut self.renders } else { &mut self.requests };
        rows.add(row, self.version);
    }

    fn path<'a>(&self, head: RequestHead<'a>) -> Cow<'a, str> {
        if self.shown.query {
            if let Some(target) = head.uri().path_and_query() {
                return Cow::Owned(cut(target.as_str(), PATH).into_owned());
            }
        }
        cut(head.path(), PATH)
    }

    fn headers(&self, head: RequestHead<'_>) -> Vec<(String, String)> {
        if self.shown.headers.is_empty() {
            return Vec::new();
        }
        let headers = head.headers();
        let of = |name: &HeaderName| {
            let value = String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned();
            Some((name.as_str().to_owned(), cut(&value, LINE).into_owned()))
        };
        self.shown.headers.iter().filter_map(of).collect()
    }

    fn finish(&mut self, id: u64, outcome: &Outcome, now: Micros) {
        if self.is_hidden(id) {
            return;
        }
        // One that is not known is one of too many.
        if self.row(id).is_none_or(|row| row.what == What::Request) {
            self.totals.in_flight = self.totals.in_flight.saturating_sub(1);
        }
        self.change(id, |row| {
            row.ended = Some(now);
            row.end = Some(match outcome.end() {
                End::Completed => "completed",
                End::Aborted => "aborted",
                End::BodyError => "body error",
                End::Cancelled => "cancelled",
                End::Panicked => "panicked",
            });
            row.status = outcome.status().map(|status| status.as_u16()).or(row.status);
            row.bytes = outcome.body_bytes();
            0
        });
    }

    fn schedule(&mut self, scope: u64, task: TaskRow) {
        if self.is_hidden(scope) {
            return;
        }
        self.totals.pending += 1;
        self.change(scope, |row| {
            if row.tasks.len() < MAX_TASKS {
                let size = task.size();
                row.tasks.push(task);
                size
            } else {
                row.more_tasks += 1;
                0
            }
        });
    }

    fn start(&mut self, scope: u64, task: u64, deadline: Option<Micros>, now: Micros) {
        if self.is_hidden(scope) {
            return;
        }
        self.totals.pending = self.totals.pending.saturating_sub(1);
        self.totals.running += 1;
        self.change(scope, |row| {
            if let Some(task) = row.task(task) {
                (task.started, task.deadline) = (Some(now), deadline);
            }
            0
        });
    }

    fn end(
        &mut self,
        scope: u64,
        task: u64,
        report: &TaskReport<'_>,
        error: Vec<String>,
        now: Micros,
    ) {
        if self.is_hidden(scope) {
            return;
        }
        let of_state =
            if report.has_started() { &mut self.totals.running } else { &mut self.totals.pending };
        *of_state = of_state.saturating_sub(1);
        let result = match report.end() {
            TaskEnd::Completed => "completed",
            TaskEnd::Skipped => "skipped",
            TaskEnd::Failed(cause) => result(cause),
        };
        match result {
            "completed" => self.totals.completed += 1,
            "skipped" => self.totals.skipped += 1,
            _ => {
                self.totals.failed += 1;
                self.rates.count(Rate::Failures, now);
                let why = cut(&error.join(": "), LINE).into_owned();
                self.failures.add(&cut(report.name(), NAME), report.location(), why, now);
            }
        }
        if report.has_started() {
            self.rates.count(Rate::Tasks, now);
            self.times.add(micros(report.queue_wait()), micros(report.run_time()));
        }
        self.change(scope, |row| {
            let Some(task) = row.task(task) else { return 0 };
            let size = size_of_lines(&error);
            (task.ended, task.result, task.error) = (Some(now), Some(result), error);
            size
        });
    }

    fn row(&self, id: u64) -> Option<&Row> {
        self.requests.get(id).or_else(|| self.renders.get(id))
    }

    fn change(&mut self, id: u64, change: impl FnOnce(&mut Row) -> usize) {
        let rows =
            if self.renders.get(id).is_some() { &mut self.renders } else { &mut self.requests };
        rows.change(id, self.version, change);
    }

    /// Most scopes are younger than whatever is hidden.
    fn is_hidden(&self, scope: u64) -> bool {
        self.hidden.last().is_some_and(|last| scope <= *last) && self.hidden.contains(&scope)
    }
}

fn result(cause: &Cause) -> &'static str {
    match cause {
        Cause::Error(_) => "failed",
        Cause::Panicked(_) => "panicked",
        Cause::TimedOut(_) => "timed out",
        Cause::Abandoned => "abandoned",
        Cause::NotScheduled(_) => "not scheduled",
    }
}

/// How many errors of a chain are kept.
const CHAIN: usize = 8;

/// Returns why the task has failed that an event tells of, if it does.
pub(super) fn error(event: &Event<'_>) -> Vec<String> {
    let Event::TaskEnded { report, .. } = event else { return Vec::new() };
    let TaskEnd::Failed(cause) = report.end() else { return Vec::new() };
    cause.lines().iter().take(CHAIN).map(|line| cut(line, LINE).into_owned()).collect()
}

pub(super) fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}
