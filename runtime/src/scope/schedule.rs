//! What a scope does with its tasks.

use std::{
    borrow::Cow,
    mem,
    sync::Arc,
    time::{self, Duration},
};

use super::{blocking::run_blocking, current::enter, origin::Origin, spare, state::ScopeState};
use crate::{
    error::{AfterError, Caller},
    host::{Hosting, Platform, Policy, metrics, observe},
    net::{call_platform, tell},
    outcome::Ending,
    place::{self, Place},
    sync::{Mutex, lock},
    work::{
        self, Budget, Cause, Ended, Fate, Handover, IntoTask, NewTask, Options, Owner, Queue,
        Rejected, Seed, Task, TaskFailure, TaskInfo, TaskSeed, Work,
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
        let limit = match self.admit(platform, options, caller) {
            Ok(limit) => limit,
            Err(error) => {
                // What it captured is dropped here.
                tell(|| drop(make));
                return Err(error);
            }
        };
        let place = place::current();
        let mut info = TaskInfo::new(options, place, caller);
        observe::scheduled(platform, self.number, place, &mut info);
        let budget = self.budget(platform, place, options.max_duration);
        let elsewhere = options.blocking.then_some(run_blocking as _);
        let lineage = self.policy().lineage;
        let seed = Seed { info, budget, run_on: options.run_on, elsewhere, lineage };
        let NewTask(task) = make(TaskSeed(seed));
        task.span().record_request(lineage, || self.origin.shown());
        self.submit(platform, task, limit, caller)
    }

    /// Asks the platform, and returns how many tasks the request may have beside this one.
    ///
    /// A unique task takes the place of the one that it replaces, and is not refused for want of
    /// one.
    #[inline]
    fn admit(
        self: &Arc<Self>,
        platform: &dyn Platform,
        options: &Options,
        caller: Caller,
    ) -> Result<usize, AfterError> {
        if let Some(reason) = platform.refusal() {
            return Err(AfterError::refused(reason, caller));
        }
        let replaces = match &options.name {
            Some(name) if options.unique => self.cancel(|earlier| earlier.is_named(name.as_str())),
            _ => false,
        };
        match platform.admit() {
            _ if replaces => Ok(usize::MAX),
            Ok(()) => Ok(platform.max_tasks_per_request()),
            Err(overload) => Err(AfterError::overloaded(&overload, caller)),
        }
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
        limit: usize,
        caller: Caller,
    ) -> Result<(), AfterError> {
        tell(metrics::scheduled);
        let Rejected { task, full } = match self.queue.push(task, limit) {
            Ok(handover) => {
                self.origin.scheduled(caller);
                if handover == Handover::New {
                    self.hand_over(platform);
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

    /// Gives the work to the platform. If that panics, the work is abandoned where it is dropped.
    #[inline]
    fn hand_over(self: &Arc<Self>, platform: &dyn Platform) {
        let work = Work::new(self.owner());
        call_platform(|| platform.wait_until(work));
    }

    fn owner(self: &Arc<Self>) -> Arc<dyn Owner> {
        Arc::clone(self) as Arc<dyn Owner>
    }

    /// Lets the tasks start: the response is finished.
    #[inline]
    pub(crate) fn finish(self: &Arc<Self>, ending: Ending) {
        if let Some(start) = self.finish_queue(ending) {
            work::begin(Work::new(self.owner()), start);
        }
        self.finish_followers();
    }

    /// Runs `task` once this scope is finished, on its platform, which waits for it, but where it
    /// counts as no task: it takes no place, is never refused, and always runs.
    ///
    /// It is the task of a scope of its own, which is finished when this one is.
    pub(crate) fn follow<M>(
        self: &Arc<Self>,
        name: &'static str,
        task: impl IntoTask<M>,
        caller: Caller,
    ) -> Result<(), AfterError> {
        let hosting = Hosting::Given(Arc::new(Uncounted(Arc::clone(self))));
        let on_failure = self.policy().on_failure.clone();
        let lineage = self.policy().lineage;
        let policy = Policy { on_failure, lineage, ..Policy::new(hosting) };
        let follower = spare::open(Arc::new(policy), Origin::Call);
        {
            let _entered = enter(Some(Arc::clone(&follower)), Place::UNANNOTATED);
            let options = Options { name: Some(Cow::Borrowed(name).into()), ..Options::default() };
            follower.schedule(|seed| task.into_task(seed), &options, caller)?;
        }
        lock(&self.followers().scopes).push(follower);
        // It may have been finished meanwhile, and then nobody else looks.
        if !self.is_open() {
            self.finish_followers();
        }
        Ok(())
    }

    #[inline]
    fn finish_followers(&self) {
        if self.has_memo() {
            let followers = mem::take(&mut *lock(&self.followers().scopes));
            for scope in followers {
                scope.finish(Ending::returned());
            }
        }
    }

    /// Few scopes have any: they stand among what is cached.
    fn followers(&self) -> Arc<Followers> {
        self.memo().cell::<Followers, Followers>(Vec::new())
    }

    /// Reports a task that never runs, and drops it in the scope.
    fn skip(self: &Arc<Self>, task: Task) {
        let _entered = enter(Some(Arc::clone(self)), Place::UNANNOTATED);
        work::skip(&**self, task);
    }

    /// Tells of a task that `after` could not schedule.
    pub(crate) fn report_refused(&self, options: &Options, caller: Caller, error: AfterError) {
        let info = TaskInfo::new(options, place::current(), caller);
        if self.is_observed() {
            observe::refused(self.platform(), self.number, &info, &error);
        }
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

/// The scopes that are finished when another one is.
#[derive(Default)]
struct Followers {
    scopes: Mutex<Vec<Arc<ScopeState>>>,
}

/// The platform of a scope for work that it does not count.
struct Uncounted(Arc<ScopeState>);

impl Platform for Uncounted {
    fn wait_until(&self, work: Work) {
        self.0.platform().wait_until(work);
    }

    fn deadline(&self) -> Option<time::Instant> {
        self.0.platform().deadline()
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

    #[inline]
    fn started(&self, task: &Task, queue_wait: Duration) {
        if self.is_observed() {
            observe::started(self.platform(), task, queue_wait);
        }
        tell(|| metrics::started(queue_wait));
    }

    #[inline]
    fn report(&self, ended: Ended<'_>, fate: Fate) {
        self.policy().report(self.platform(), ended, fate);
    }

    fn close(self: Arc<Self>) {
        drop(spare::close(self));
    }
}
