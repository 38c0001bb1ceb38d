//! What the records come to: rows, as watchers are told them.

use std::{
    num::NonZero,
    sync::{Arc, OnceLock},
};

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::{
    clock::Clock,
    kept::{Kept, RENDERS},
    open::{ByScope, Tasks},
    record::{Happened, Pages, Record, What},
    row::{Row, TaskRow},
};

/// The rows of one moment.
#[derive(Debug)]
pub(super) struct View {
    /// That of the last record.
    pub(super) version: u64,
    pub(super) requests: Rows,
    pub(super) renders: Rows,
}

/// Rows of one list, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Older ones, that are not over.
    old: Vec<Arc<Written>>,
    newest: Vec<Arc<Written>>,
}

/// A row, written out once for all watchers.
#[derive(Debug)]
pub(super) struct Written {
    /// When it was last changed.
    version: u64,
    row: Row,
    json: OnceLock<Option<Box<RawValue>>>,
}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Numbers, texts and lists make JSON.
        self.json.get_or_init(|| to_raw_value(&self.row).ok()).serialize(serializer)
    }
}

impl View {
    pub(super) fn of(kept: &Kept, version: u64, clock: Clock) -> Self {
        let mut scopes: ByScope<Scope> = ByScope::default();
        for (version, record, pages) in kept.all() {
            if let Happened::Opened { what, method, path } = record.what {
                let (method, path) = (pages.read(method), pages.read(path));
                let row = Row::opened(record.scope, what, method, path, clock.at(record.at));
                scopes.insert(record.scope, Scope { version: 0, row, tasks: Tasks::default() });
            }
            if let Some(scope) = scopes.get_mut(&record.scope) {
                scope.version = scope.version.max(version);
                scope.apply(record, pages, clock);
            }
        }
        let mut rows: Vec<_> = scopes.into_values().collect();
        rows.sort_unstable_by_key(|scope| scope.row.id);
        let (renders, requests) =
            rows.into_iter().partition(|scope: &Scope| scope.row.what == What::Render);
        Self {
            version,
            requests: Rows::new(requests, kept.limits.requests),
            renders: Rows::new(renders, RENDERS.min(kept.limits.requests)),
        }
    }
}

impl Rows {
    fn new(mut scopes: Vec<Scope>, max: usize) -> Self {
        let newest = scopes.split_off(scopes.len().saturating_sub(max));
        scopes.retain(|scope| !scope.row.is_over());
        let written = |scopes: Vec<Scope>| scopes.into_iter().map(Scope::written).collect();
        Self { old: written(scopes), newest: written(newest) }
    }

    /// Returns the rows that were changed after `version`, the oldest first.
    pub(super) fn changed_since(&self, version: u64) -> Vec<Arc<Written>> {
        self.newest.iter().filter(|row| row.version > version).map(Arc::clone).collect()
    }

    /// Returns what is not over, the oldest first.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = &Row> {
        self.old.iter().chain(&self.newest).map(|row| &row.row).filter(|row| !row.is_over())
    }

    /// Returns the number of the oldest row.
    pub(super) fn oldest(&self) -> u64 {
        self.newest.first().map_or(u64::MAX, |row| row.row.id)
    }
}

/// A row that is being made.
struct Scope {
    version: u64,
    row: Row,
    tasks: Tasks,
}

impl Scope {
    fn written(self) -> Arc<Written> {
        Arc::new(Written { version: self.version, row: self.row, json: OnceLock::new() })
    }

    fn apply(&mut self, record: &Record, pages: &Pages, clock: Clock) {
        let (row, at) = (&mut self.row, clock.at(record.at));
        match record.what {
            Happened::Header { name, value } => {
                row.headers.push((pages.read(name).to_owned(), pages.read(value).to_owned()));
            }
            Happened::Head { status } => (row.head, row.status) = (Some(at), Some(status)),
            Happened::Finished { end, status, bytes } => {
                (row.ended, row.end, row.bytes) = (Some(at), Some(end), bytes);
                row.status = status.or(row.status);
            }
            Happened::Scheduled { task, parent, name, kind, place } => {
                if self.tasks.add(task) {
                    let parent = parent.map(NonZero::get);
                    let name = pages.read(name);
                    row.tasks.push(TaskRow::scheduled(task, parent, name, kind, place, at));
                } else {
                    row.more_tasks += 1;
                }
            }
            Happened::Started { task, deadline } => {
                if let Some(task) = row.task(task) {
                    (task.started, task.deadline) = (Some(at), deadline.map(|at| clock.at(at)));
                }
            }
            Happened::Ended { task, result, .. } => {
                if let Some(task) = row.task(task) {
                    (task.ended, task.result) = (Some(at), Some(result));
                }
            }
            Happened::Why { task, line } => {
                if let Some(task) = row.task(task) {
                    task.error.push(pages.read(line).to_owned());
                }
            }
            Happened::MoreTasks { count } => row.more_tasks += count,
            _ => {}
        }
    }
}
