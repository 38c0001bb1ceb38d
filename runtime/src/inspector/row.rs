//! What is kept of one scope and its tasks.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::{
    clock::Micros,
    record::{Place, TaskResult, What},
};
use crate::place::Kind;

/// What is kept of one scope.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) id: u64,
    pub(super) what: What,
    pub(super) method: String,
    /// What the application has chosen to show is behind it.
    pub(super) path: Arc<str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) headers: Vec<(String, String)>,
    pub(super) arrived: Micros,
    pub(super) head: Option<Micros>,
    pub(super) status: Option<u16>,
    pub(super) ended: Option<Micros>,
    /// How it ended, once it has.
    pub(super) end: Option<&'static str>,
    pub(super) bytes: u64,
    pub(super) tasks: Vec<TaskRow>,
    /// How many tasks are not among them.
    pub(super) more_tasks: usize,
}

/// What is kept of one task.
#[derive(Clone, Debug, Serialize)]
pub(super) struct TaskRow {
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) name: String,
    pub(super) kind: Option<&'static str>,
    #[serde(serialize_with = "display")]
    pub(super) location: Place,
    pub(super) scheduled: Micros,
    pub(super) started: Option<Micros>,
    pub(super) deadline: Option<Micros>,
    pub(super) ended: Option<Micros>,
    /// How it ended, once it has.
    pub(super) result: Option<TaskResult>,
    /// Why it failed, and what that was caused by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) error: Vec<String>,
}

impl Row {
    pub(super) fn opened(id: u64, what: What, method: &str, path: &str, arrived: Micros) -> Self {
        Self {
            id,
            what,
            method: method.to_owned(),
            path: path.into(),
            headers: Vec::new(),
            arrived,
            head: None,
            status: None,
            ended: None,
            end: None,
            bytes: 0,
            tasks: Vec::new(),
            more_tasks: 0,
        }
    }

    /// Returns whether the response and all tasks have ended.
    pub(super) fn is_over(&self) -> bool {
        self.ended.is_some() && self.tasks.iter().all(|task| task.ended.is_some())
    }

    pub(super) fn task(&mut self, id: u64) -> Option<&mut TaskRow> {
        // Their numbers grow but where several threads schedule at once: the last is the most asked.
        self.tasks.iter_mut().rev().find(|task| task.id == id)
    }
}

impl TaskRow {
    pub(super) fn scheduled(
        id: u64,
        parent: Option<u64>,
        name: &str,
        kind: Option<Kind>,
        location: Place,
        scheduled: Micros,
    ) -> Self {
        Self {
            id,
            parent,
            name: name.to_owned(),
            kind: kind.map(Kind::as_str),
            location,
            scheduled,
            started: None,
            deadline: None,
            ended: None,
            result: None,
            error: Vec::new(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
pub(super) fn display<S: Serializer>(location: &Place, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(location)
}
