//! Events become records.

use std::{num::NonZero, time::Instant};

use http::HeaderName;

use super::{
    clock::micros,
    record::{Happened, Pages, Record, TaskResult, Text, What},
    text::{LINE, NAME, PATH, cut},
};
use crate::{
    observe::{Event, Origin, RequestHead, ScopeId, TaskId},
    outcome::{End, Outcome},
    platform::{TaskEnd, TaskReport},
    work::Cause,
};

/// What was written down since somebody has read.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) pages: Pages,
}

/// What the application wants shown of a request beside its method and path.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    pub(super) query: bool,
    pub(super) headers: Vec<HeaderName>,
}

/// How many errors of a chain are kept.
const CHAIN: usize = 8;

/// Returns why the task has failed that an event tells of, if it does. All of it is the user's code.
#[inline]
pub(super) fn why(event: &Event<'_>) -> Vec<String> {
    match event {
        Event::TaskEnded { report, .. } => match report.end() {
            TaskEnd::Failed(cause) => cause.lines(),
            _ => Vec::new(),
        },
        Event::TaskRefused { error, .. } => vec![format!("not scheduled: {}", error.reason())],
        _ => Vec::new(),
    }
}

impl Notes {
    pub(super) fn write(&mut self, event: &Event<'_>, why: &[String], now: Instant, shown: &Shown) {
        match *event {
            Event::ScopeOpened { scope, origin } => self.open(scope.as_u64(), origin, now, shown),
            Event::HeadProduced { scope, status } => {
                self.add(scope.as_u64(), now, Happened::Head { status: status.as_u16() });
            }
            Event::ScopeFinished { scope, outcome } => {
                self.add(scope.as_u64(), now, finished(outcome));
            }
            Event::TaskScheduled { scope, task, parent, name, kind, location } => {
                let parent = parent.map(TaskId::as_u64).and_then(NonZero::new);
                let (task, name) = (task.as_u64(), self.text(name, NAME));
                let what = Happened::Scheduled { task, parent, name, kind, place: location };
                self.add(scope.as_u64(), now, what);
            }
            Event::TaskStarted { scope, task, deadline, .. } => {
                // That of tokio may be paused.
                let left =
                    deadline.map(|at| at.saturating_duration_since(tokio::time::Instant::now()));
                let deadline = left.and_then(|left| now.checked_add(left));
                self.add(scope.as_u64(), now, Happened::Started { task: task.as_u64(), deadline });
            }
            Event::TaskEnded { scope, task, report } => self.end(scope, task, report, why, now),
            Event::TaskRefused { scope, name, location, .. } => {
                let name = self.text(name, NAME);
                self.add(scope.as_u64(), now, Happened::Refused { name, place: location });
                self.why(scope.as_u64(), 0, why, now);
            }
            Event::Revalidated { pages, location } => {
                let pages = self.text(pages, PATH);
                self.add(0, now, Happened::Revalidated { pages, place: location });
            }
            Event::DrainBegan => self.add(0, now, Happened::DrainBegan),
            Event::DrainEnded { completed, failed, abandoned } => {
                self.add(0, now, Happened::DrainEnded { completed, failed, abandoned });
            }
        }
    }

    /// Notes that a scope is of a request of the inspector itself.
    pub(super) fn hide(&mut self, scope: u64, now: Instant) {
        self.add(scope, now, Happened::Hidden);
    }

    fn open(&mut self, scope: u64, origin: Origin<'_>, now: Instant, shown: &Shown) {
        let (what, method, path) = match origin {
            Origin::Request(head) => {
                let method = self.text(head.method().as_str(), NAME);
                (What::Request, method, self.path(head, shown))
            }
            Origin::Render(path) => (What::Render, Text::EMPTY, self.text(path, PATH)),
            Origin::Call => (What::Work, Text::EMPTY, Text::EMPTY),
        };
        self.add(scope, now, Happened::Opened { what, method, path });
        let Origin::Request(head) = origin else { return };
        if shown.headers.is_empty() {
            return;
        }
        let headers = head.headers();
        for name in &shown.headers {
            let Some(value) = headers.get(name) else { continue };
            let value = self.text(&String::from_utf8_lossy(value.as_bytes()), LINE);
            let name = self.text(name.as_str(), LINE);
            self.add(scope, now, Happened::Header { name, value });
        }
    }

    fn path(&mut self, head: RequestHead<'_>, shown: &Shown) -> Text {
        if shown.query {
            if let Some(target) = head.uri().path_and_query() {
                return self.text(target.as_str(), PATH);
            }
        }
        self.text(head.path(), PATH)
    }

    fn end(
        &mut self,
        scope: ScopeId,
        task: TaskId,
        report: &TaskReport<'_>,
        why: &[String],
        now: Instant,
    ) {
        let result = match report.end() {
            TaskEnd::Completed => TaskResult::Completed,
            TaskEnd::Skipped => TaskResult::Skipped,
            TaskEnd::Failed(Cause::Panicked(_)) => TaskResult::Panicked,
            TaskEnd::Failed(Cause::TimedOut(_)) => TaskResult::TimedOut,
            TaskEnd::Failed(Cause::Abandoned) => TaskResult::Abandoned,
            TaskEnd::Failed(Cause::Error(_) | Cause::NotScheduled(_)) => TaskResult::Failed,
        };
        let (task, started) = (task.as_u64(), report.has_started());
        let (queue_wait, run_time) = (micros(report.queue_wait()), micros(report.run_time()));
        let ended = Happened::Ended { task, result, started, queue_wait, run_time };
        self.add(scope.as_u64(), now, ended);
        if matches!(report.end(), TaskEnd::Failed(_)) {
            let name = self.text(report.name(), NAME);
            let failed = Happened::Failed { task, name, place: report.location() };
            self.add(scope.as_u64(), now, failed);
            self.why(scope.as_u64(), task, why, now);
        }
    }

    fn why(&mut self, scope: u64, task: u64, lines: &[String], now: Instant) {
        for line in lines.iter().take(CHAIN) {
            let line = self.text(line, LINE);
            self.add(scope, now, Happened::Why { task, line });
        }
    }

    fn text(&mut self, text: &str, max: usize) -> Text {
        self.pages.write(&cut(text, max))
    }

    fn add(&mut self, scope: u64, at: Instant, what: Happened) {
        self.pages.records.push(Record { at, scope, what });
    }
}

fn finished(outcome: &Outcome) -> Happened {
    let end = match outcome.end() {
        End::Completed => "completed",
        End::Aborted => "aborted",
        End::BodyError => "body error",
        End::Cancelled => "cancelled",
        End::Panicked => "panicked",
    };
    let status = outcome.status().map(|status| status.as_u16());
    Happened::Finished { end, status, bytes: outcome.body_bytes() }
}
