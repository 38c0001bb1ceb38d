//! What has not ended: the oldest first.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::row::{Micros, TaskRow};

/// Scopes and tasks that have not ended, by their numbers, which grow.
///
/// Apart from the rows: what takes long has newer rows push its own out.
#[derive(Debug, Default)]
pub(super) struct Live {
    requests: BTreeMap<u64, OpenRequest>,
    tasks: BTreeMap<u64, LiveTask>,
}

/// A request whose response is not finished.
#[derive(Clone, Debug, Serialize)]
pub(super) struct OpenRequest {
    pub(super) id: u64,
    pub(super) method: String,
    pub(super) path: Arc<str>,
    pub(super) arrived: Micros,
}

/// A task that has not ended.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LiveTask {
    pub(super) scope: u64,
    pub(super) of: Arc<str>,
    #[serde(flatten)]
    pub(super) task: TaskRow,
}

/// So many of each are known by name. Further ones are only counted.
const KNOWN: usize = 10_000;

impl Live {
    pub(super) fn add_request(&mut self, request: OpenRequest) {
        if self.requests.len() < KNOWN {
            self.requests.insert(request.id, request);
        }
    }

    /// Removes a request, and returns whether it was known.
    pub(super) fn remove_request(&mut self, id: u64) -> bool {
        self.requests.remove(&id).is_some()
    }

    /// Returns how many requests are known.
    pub(super) fn requests(&self) -> u64 {
        self.requests.len() as u64
    }

    pub(super) fn add_task(&mut self, task: LiveTask) {
        if self.tasks.len() < KNOWN {
            self.tasks.insert(task.task.id, task);
        }
    }

    pub(super) fn task(&mut self, id: u64) -> Option<&mut TaskRow> {
        self.tasks.get_mut(&id).map(|live| &mut live.task)
    }

    pub(super) fn remove_task(&mut self, id: u64) {
        self.tasks.remove(&id);
    }

    /// Returns the oldest requests and tasks.
    pub(super) fn oldest(&self, count: usize) -> (Vec<OpenRequest>, Vec<LiveTask>) {
        let requests = self.requests.values().take(count).cloned();
        (requests.collect(), self.tasks.values().take(count).cloned().collect())
    }
}
