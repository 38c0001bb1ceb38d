//! What is kept of one scope and its tasks.

use std::{panic::Location, sync::Arc};

use serde::{Serialize, Serializer};

/// Microseconds since the inspector was made.
pub(super) type Micros = u64;

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

/// What a scope was opened for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum What {
    Request,
    Render,
    Work,
}

/// What is kept of one task.
#[derive(Clone, Debug, Serialize)]
pub(super) struct TaskRow {
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) name: Arc<str>,
    pub(super) kind: Option<&'static str>,
    #[serde(serialize_with = "display")]
    pub(super) location: &'static Location<'static>,
    pub(super) scheduled: Micros,
    pub(super) started: Option<Micros>,
    pub(super) deadline: Option<Micros>,
    pub(super) ended: Option<Micros>,
    /// How it ended, once it has.
    pub(super) result: Option<&'static str>,
    /// Why it failed, and what that was caused by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) error: Vec<String>,
}

/// How many tasks of one scope are kept.
pub(super) const MAX_TASKS: usize = 64;

impl Row {
    /// Returns whether the response and all tasks have ended.
    pub(super) fn is_over(&self) -> bool {
        self.ended.is_some() && self.tasks.iter().all(|task| task.ended.is_some())
    }

    pub(super) fn task(&mut self, id: u64) -> Option<&mut TaskRow> {
        // Their numbers grow but where several threads schedule at once: the last is the most asked.
        self.tasks.iter_mut().rev().find(|task| task.id == id)
    }

    /// Returns about how much memory it takes.
    pub(super) fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| 48 + name.len() + value.len());
        let tasks = self.tasks.iter().map(TaskRow::size);
        384 + self.path.len() + headers.sum::<usize>() + tasks.sum::<usize>()
    }
}

impl TaskRow {
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + 16 + self.name.len() + size_of_lines(&self.error)
    }
}

/// Returns about how much memory lines of text take.
pub(super) fn size_of_lines(lines: &[String]) -> usize {
    lines.iter().map(|line| 24 + line.len()).sum()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
pub(super) fn display<S: Serializer>(
    location: &&'static Location<'static>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(location)
}
