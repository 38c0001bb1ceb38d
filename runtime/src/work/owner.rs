//! What becomes of tasks, and the scope to which they belong.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    failure::Cause,
    queue::{Queue, Running},
    record::{Record, TaskInfo},
    span::TaskSpan,
    task::Task,
};
use crate::net::tell;

/// The scope to which tasks belong, as those see it who drive or drop them.
pub(crate) trait Owner: Send + Sync {
    fn queue(&self) -> &Queue;

    /// Calls `code` with the scope as the current one.
    fn within(self: Arc<Self>, code: &mut dyn FnMut());

    /// Is told that a task starts, which has waited for so long.
    fn started(&self, task: &Task, queue_wait: Duration);

    /// Tells everybody who wants to know how a task ended.
    fn report(&self, ended: Ended<'_>, fate: Fate);

    /// Is given back by the last one who drove its tasks.
    fn close(self: Arc<Self>);
}

/// A task that has ended.
#[derive(Clone, Copy)]
pub(crate) struct Ended<'a> {
    pub(crate) info: &'a TaskInfo,
    /// `None` if it never started.
    pub(crate) started: Option<Instant>,
    /// `None` if it is dropped elsewhere, or later.
    pub(crate) span: Option<&'a TaskSpan>,
}

/// How a task ended.
#[derive(Debug)]
pub(crate) enum Fate {
    Completed,
    Failed(Cause),
    Skipped,
}

/// Reports a task whose code has ended, unless somebody else has reported it.
#[inline]
pub(super) fn end(owner: &dyn Owner, task: &Task, failure: Option<Cause>) {
    if task.record().end() {
        let fate = failure.map_or(Fate::Completed, Fate::Failed);
        owner.report(ended(task, Some(task.span())), fate);
    } else {
        // The error inside is the user's.
        tell(|| drop(failure));
    }
}

/// Reports a task that never runs, and drops it, in the current scope.
pub(crate) fn skip(owner: &dyn Owner, task: Task) {
    if task.record().end() {
        owner.report(ended(&task, None), Fate::Skipped);
    }
    drop(task);
}

fn ended<'a>(task: &'a Task, span: Option<&'a TaskSpan>) -> Ended<'a> {
    Ended { info: task.info(), started: task.started(), span }
}

/// Drops all tasks that have not ended, reports each, and returns what they were.
///
/// Those that run in another thread are dropped there, when their work is polled.
pub(crate) fn abandon(owner: &Arc<dyn Owner>) -> Vec<TaskInfo> {
    let (waiting, running) = owner.queue().close();
    let mut abandoned = Vec::new();
    let mut report = |record: &Record, started| {
        if record.end() {
            let ended = Ended { info: &record.info, started, span: None };
            owner.report(ended, Fate::Failed(Cause::Abandoned));
            abandoned.push(record.info.clone());
        }
    };
    for Running { record, started } in &running {
        report(record, Some(*started));
    }
    for task in &waiting {
        report(task.record(), None);
    }
    drop_within(owner, waiting);
    abandoned
}

/// Drops all tasks, none of which has started, as if they had never been scheduled.
pub(crate) fn discard(owner: &Arc<dyn Owner>) {
    let (waiting, _) = owner.queue().close();
    for task in &waiting {
        if task.record().end() {
            owner.report(ended(task, None), Fate::Skipped);
        }
    }
    drop_within(owner, waiting);
}

/// Drops tasks one by one, each in its own net, in their scope.
pub(crate) fn drop_within(owner: &Arc<dyn Owner>, tasks: impl IntoIterator<Item = Task>) {
    let mut tasks = tasks.into_iter().peekable();
    if tasks.peek().is_some() {
        Arc::clone(owner).within(&mut || tasks.by_ref().for_each(drop));
    }
}
