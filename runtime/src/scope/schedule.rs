//! What a scope does with its tasks.

use std::{sync::Arc, time::Duration};

use super::{blocking::run_blocking, current::enter, spare, state::ScopeState};
use crate::{
    error::{AfterError, Caller},
    host::{Platform, metrics},
    net::{contain, tell},
    outcome::Ending,
    place::{self, Place},
    work::{
        self, Budget, Cause, Fate, Handover, NewTask, Options, Owner, Pushed, Queue, Record,
        Rejected, Seed, Task, TaskFailure, TaskInfo, TaskSeed, TaskSpan, Work,
    },
};

impl ScopeState {
    /// Schedules a task from the current place.
    pub(crate) fn schedule(
        self: &Arc<Self>,
        make: impl FnOnce(TaskSeed) -> NewTask,
        options: &Options,
        caller: Caller,
    ) -> Result<(), AfterError> {
        let platform = self.platform();
        let replaces = options.name.as_ref().filter(|_| options.unique).map(|name| name.as_str());
        if let Err(error) = self.admit(platform, replaces, caller) {
            // What it captured is dropped here.
            tell(|| drop(make));
            return Err(error);
        }
        let place = place::current();
        let info = TaskInfo::new(options, place, caller);
        let budget = self.budget(platform, place, options.max_duration);
        let elsewhere = options.blocking.then_some(run_blocking as _);
        let NewTask(task) =
            make(TaskSeed(Seed { info, budget, run_on: options.run_on, elsewhere }));
        self.submit(platform, task, replaces, caller)
    }

    /// Asks the platform. A task that replaces another takes the place of that one.
    fn admit(
        &self,
        platform: &dyn Platform,
        replaces: Option<&str>,
        caller: Caller,
    ) -> Result<(), AfterError> {
        if let Some(reason) = platform.refusal() {
            return Err(AfterError::refused(reason, caller));
        }
        if replaces.is_some_and(|name| self.queue.has(name)) {
            return Ok(());
        }
        platform.admit().map_err(|overload| AfterError::overloaded(&overload, caller))
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
        replaces: Option<&str>,
        caller: Caller,
    ) -> Result<(), AfterError> {
        let limit = platform.max_tasks_per_request();
        tell(metrics::scheduled);
        match self.queue.push(task, limit, replaces) {
            Ok(Pushed { handover, due, replaced }) => {
                self.origin.scheduled(caller);
                if due {
                    self.tell_due(1);
                }
                replaced.into_iter().for_each(|task| self.skip(task));
                if handover == Handover::New {
                    self.hand_over(platform);
                }
                Ok(())
            }
            Err(Rejected { task, full }) => {
                self.skip(task);
                Err(if full {
                    let reason = format!(
                        "the request has {limit} tasks that have not ended; do more in each, or \
                         raise `max_tasks_per_request` of the platform"
                    );
                    AfterError::overloaded(&reason, caller)
                } else {
                    AfterError::abandoned(caller)
                })
            }
        }
    }

    /// Gives the work to the platform. If that panics, the work is abandoned where it is dropped.
    #[inline]
    fn hand_over(self: &Arc<Self>, platform: &dyn Platform) {
        let work = Work::new(self.owner());
        if let Err(panic) = contain(|| platform.wait_until(work)) {
            tell(|| tracing::error!(target: "with_after", panic, "the platform panicked"));
        }
    }

    fn owner(self: &Arc<Self>) -> Arc<dyn Owner> {
        Arc::clone(self) as Arc<dyn Owner>
    }

    /// Lets the tasks start: the response is finished.
    #[inline]
    pub(crate) fn finish(self: &Arc<Self>, ending: Ending) {
        let finished = self.finish_queue(ending);
        self.tell_due(finished.due);
        if let Some(start) = finished.start {
            work::begin(self.owner(), start);
        }
    }

    fn tell_due(&self, tasks: usize) {
        if tasks > 0 {
            tell(|| self.platform().tasks_due(tasks));
        }
    }

    /// Reports a task that never runs, and drops it in the scope.
    fn skip(self: &Arc<Self>, task: Task) {
        let _entered = enter(Some(Arc::clone(self)), Place::UNANNOTATED);
        work::skip(&**self, task);
    }

    /// Tells of a task that `after` could not schedule.
    pub(crate) fn report_refused(&self, options: &Options, caller: Caller, error: AfterError) {
        let info = TaskInfo::new(options, place::current(), caller);
        self.policy().report_refused(TaskFailure::new(info, Cause::NotScheduled(error)));
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

    /// Drops all tasks, none of which has started, as if they had never been scheduled.
    pub(crate) fn discard(self: &Arc<Self>) {
        work::discard(&self.owner());
    }
}

impl Owner for ScopeState {
    #[inline]
    fn queue(&self) -> &Queue {
        &self.queue
    }

    #[inline]
    fn within(self: Arc<Self>, code: &mut dyn FnMut()) {
        let _entered = enter(Some(self), Place::UNANNOTATED);
        code();
    }

    fn started(&self, record: &Record) {
        tell(|| metrics::started(record));
    }

    fn report(&self, record: &Record, span: Option<&TaskSpan>, fate: Fate) {
        self.policy().report(self.platform(), record, span, fate);
    }

    fn close(self: Arc<Self>) {
        drop(spare::close(self));
    }
}
