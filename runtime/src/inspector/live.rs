//! What has not ended, as watchers are told it: the oldest first.

use std::sync::Arc;

use serde::Serialize;

use super::{
    clock::Micros,
    record::What,
    row::{Row, TaskRow},
};

/// A request whose response is not finished.
#[derive(Debug, Serialize)]
pub(super) struct OpenRequest {
    id: u64,
    method: String,
    path: Arc<str>,
    arrived: Micros,
}

/// A task that has not ended.
#[derive(Debug, Serialize)]
pub(super) struct LiveTask {
    scope: u64,
    of: String,
    #[serde(flatten)]
    task: TaskRow,
}

/// Returns the oldest requests and tasks of `rows`, so many of each.
pub(super) fn oldest<'a, I: Iterator<Item = &'a Row>>(
    rows: I,
    count: usize,
) -> (Vec<OpenRequest>, Vec<LiveTask>) {
    let (mut requests, mut tasks) = (Vec::new(), Vec::new());
    for row in rows {
        if row.what == What::Request && row.ended.is_none() && requests.len() < count {
            let (method, path) = (row.method.clone(), Arc::clone(&row.path));
            requests.push(OpenRequest { id: row.id, method, path, arrived: row.arrived });
        }
        for task in row.tasks.iter().filter(|task| task.ended.is_none()) {
            if tasks.len() < count {
                let of = format!("{} {}", row.method, row.path).trim().to_owned();
                tasks.push(LiveTask { scope: row.id, of, task: task.clone() });
            }
        }
    }
    (requests, tasks)
}
