//! What a scope does with its tasks.

use std::{sync::Arc, time::Duration};

use tracing::Span;

use super::{Fate, Inner, Platform, Work, blocking::run_blocking, enter, metrics};
use crate::{
    error::{AfterError, Caller},
    phase::{self, Place},
    work::{
        Budget, Cause, Handover, NewTask, Options, Rejected, Scheduled as _, Seed, Task, TaskInfo,
        TaskSeed, contain,
    },
};

impl Inner {
    /// Schedules a task from the current place.
    pub(crate) fn schedule(
        self: &Arc<Self>,
        make: impl FnOnce(TaskSeed) -> NewTask,
        options: &Options,
        caller: Caller,
    ) -> Result<(), AfterError> {
        let platform = self.platform();
        if let Some(reason) = platform.refusal() {
            return Err(AfterError::refused(reason, caller));
        }
        platform.admit().map_err(|overload| AfterError::overloaded(&overload, caller))?;
        let place = phase::current();
        let info = TaskInfo::new(options, place, caller);
        let budget = self.budget(platform, place, options.max_duration);
        let elsewhere = options.blocking.then_some(run_blocking as _);
        let NewTask(task) = make(TaskSeed(Seed::new(info, budget, options.run_on, elsewhere)));
        if let (true, Some(name)) = (options.unique, &options.name) {
            self.cancel(|earlier| earlier.is_named(name.as_str()));
        }
        self.submit(platform, task, caller)
    }

    #[inline]
    fn budget(&self, platform: &dyn Platform, place: Place, own: Option<Duration>) -> Budget {
        let limit = platform.max_duration();
        let default = self.policy().max_duration.or(limit);
        let budget = Budget::new(place, own, default, limit);
        match platform.deadline() {
            Some(end) => budget.until(end),
            None => budget,
        }
    }

    #[inline]
    fn submit(
        self: &Arc<Self>,
        platform: &dyn Platform,
        task: Task,
        caller: Caller,
    ) -> Result<(), AfterError> {
        let limit = platform.max_tasks_per_request();
        metrics::scheduled();
        let Rejected { task, full } = match self.queue.push(task, limit) {
            Ok(handover) => {
                self.origin.scheduled(caller);
                if handover == Handover::New {
                    platform.wait_until(Work::new(Arc::clone(self)));
                }
                return Ok(());
            }
            Err(rejected) => rejected,
        };
        self.skip(task);
        Err(if full {
            let reason = format!(
                "the request has {limit} tasks that have not ended; do more in each, or raise \
                 `max_tasks_per_request` of the platform"
            );
            AfterError::overloaded(&reason, caller)
        } else {
            AfterError::abandoned(caller)
        })
    }

    /// Reports a task that never runs, and drops it.
    fn skip(self: &Arc<Self>, task: Task) {
        self.report_skipped(&task);
        self.drop_in_scope(task);
    }

    /// Takes leave of a task whose code has ended, with its failure if it is one.
    #[inline]
    pub(super) fn ended(&self, task: &Task, failure: Option<Cause>) {
        if task.key().is_some_and(|key| self.queue.ended(key)) {
            self.report_ended(task, failure);
        }
    }

    /// Returns what waits, in the order in which it was scheduled.
    pub(crate) fn waiting(&self) -> Vec<TaskInfo> {
        self.queue.waiting()
    }

    /// Drops the waiting tasks that match, and returns whether there were any.
    pub(crate) fn cancel(self: &Arc<Self>, matches: impl Fn(&TaskInfo) -> bool) -> bool {
        let removed = self.queue.remove(matches);
        let any = !removed.is_empty();
        for task in removed {
            self.skip(task);
        }
        any
    }

    /// Drops all tasks that have not ended, reports each, and returns what they were.
    pub(crate) fn abandon(self: &Arc<Self>) -> Vec<TaskInfo> {
        let (waiting, running) = self.queue.close();
        let running = running.into_iter().map(|live| (live.info, Some(live.started)));
        let all: Vec<_> =
            running.chain(waiting.iter().map(|task| (task.info().clone(), None))).collect();
        for (info, started) in &all {
            self.report(info, *started, Fate::Failed(Cause::Abandoned), &Span::none());
        }
        self.drop_in_scope(waiting);
        all.into_iter().map(|(info, _)| info).collect()
    }

    /// Drops all tasks, none of which has started, as if they had never been scheduled.
    pub(crate) fn discard(self: &Arc<Self>) {
        let (waiting, _) = self.queue.close();
        for task in waiting {
            self.skip(task);
        }
    }

    /// Drops what holds a user's code.
    pub(super) fn drop_in_scope<T>(self: &Arc<Self>, code: T) {
        let _entered = enter(Some(Arc::clone(self)), Place::UNANNOTATED);
        // A panic there is no reason to lose the reports, and has been printed by the hook.
        drop(contain(|| drop(code)));
    }
}
