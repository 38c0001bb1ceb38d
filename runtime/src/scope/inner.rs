//! What one request owns.

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering, fence},
    },
    time::Duration,
};

use http::HeaderMap;
use tokio::time::Instant;
use tracing::Span;

use super::{
    Fate, Hosting, Memo, Origin, Platform, Policy, Server, Work, enter, metrics,
    work::{Launch, run_blocking},
};
use crate::{
    error::{AfterError, Caller, RequestApiError, RequestApiErrorKind},
    outcome::Outcome,
    phase::{self, Place},
    request::{Head, Headers, Jar},
    work::{
        Budget, Cause, Handover, NewTask, Options, Queue, Rejected, Scheduled as _, Seed, Task,
        TaskInfo, TaskSeed, contain,
    },
};

/// What one request (or one `run`, or one annotated function without a layer) owns.
pub(crate) struct Inner {
    /// `None` in a vacant scope, which nobody holds but the thread that keeps its memory.
    policy: Option<Arc<Policy>>,
    /// The server that announced itself; see [`server`](Self::server).
    announced: Option<Arc<Server>>,
    pub(super) started: Instant,
    pub(super) queue: Queue<Task, Launch>,
    pub(super) origin: Origin,
    headers: OnceLock<Headers>,
    jar: OnceLock<Arc<Jar>>,
    head_sent: AtomicBool,
    memo: OnceLock<Box<Memo>>,
}

/// What is asked of a request, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lookup {
    pub(crate) api: &'static str,
    pub(crate) caller: Caller,
}

impl Inner {
    /// Creates a scope of nobody.
    pub(super) fn vacant() -> Self {
        Self {
            policy: None,
            announced: None,
            started: Instant::now(),
            queue: Queue::new(),
            origin: Origin::Call,
            headers: OnceLock::new(),
            jar: OnceLock::new(),
            head_sent: AtomicBool::new(false),
            memo: OnceLock::new(),
        }
    }

    /// Opens a vacant scope.
    #[inline]
    pub(super) fn occupy(&mut self, policy: Arc<Policy>, announced: Option<Arc<Server>>) {
        self.policy = Some(policy);
        self.announced = announced;
        self.started = Instant::now();
    }

    /// Drops all that the scope holds but the block of its request's head, which the next request
    /// may overwrite.
    #[inline]
    pub(super) fn vacate(&mut self) {
        let Self { policy, announced, started: _, queue, origin, headers, jar, head_sent, memo } =
            self;
        *policy = None;
        *announced = None;
        if !queue.is_untouched() {
            *queue = Queue::new();
        }
        origin.vacate();
        drop((headers.take(), jar.take(), memo.take()));
        *head_sent.get_mut() = false;
    }

    /// Returns method and path of the request.
    pub(crate) fn route(&self) -> Cow<'static, str> {
        self.origin.route()
    }

    #[inline]
    pub(super) fn policy(&self) -> &Policy {
        self.policy.as_deref().expect("nobody asks a vacant scope")
    }

    /// Returns the policy for work that this scope gives rise to without waiting for its end.
    pub(crate) fn detached_policy(&self) -> Policy {
        let mut policy = Policy { server: None, ..self.policy().clone() };
        if let (Hosting::Announced { .. }, Some(server)) = (&policy.hosting, self.server()) {
            policy.hosting = Hosting::Given(Arc::clone(&server.platform));
        }
        policy
    }

    /// Returns the server of the request.
    pub(crate) fn server(&self) -> Option<&Arc<Server>> {
        self.policy().server.as_ref().or(self.announced.as_ref())
    }

    /// Returns what functions with `#[cache]` have returned.
    pub(crate) fn memo(&self) -> &Memo {
        self.memo.get_or_init(|| Box::new(Memo::new()))
    }

    /// Returns whether the scope is still to be finished.
    pub(crate) fn is_open(&self) -> bool {
        self.queue.outcome().is_none()
    }

    /// Returns how the response ended, if there is one and it has.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.queue.outcome().filter(|_| self.origin.head().is_some())
    }

    #[inline]
    pub(super) fn platform(&self) -> &dyn Platform {
        match (&self.policy().hosting, self.server()) {
            (Hosting::Given(platform), _) => &**platform,
            (Hosting::Announced { .. }, Some(server)) => &*server.platform,
            (Hosting::Announced { otherwise }, None) => otherwise(),
        }
    }

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
        removed.into_iter().for_each(|task| self.skip(task));
        any
    }

    /// Returns the request's headers, if the current place may read them.
    pub(crate) fn headers(&self, lookup: Lookup) -> Result<Headers, RequestApiError> {
        Ok(self.read(self.readable_head(lookup)?).clone())
    }

    /// Returns the cookies, if the current place may read them.
    pub(crate) fn jar(&self, lookup: Lookup) -> Result<Arc<Jar>, RequestApiError> {
        let head = self.readable_head(lookup)?;
        let jar = self.jar.get_or_init(|| Arc::new(Jar::parse(self.read(head))));
        // Pairs with the fence in `seal`: either this load sees the flag, or `seal` sees the jar.
        fence(Ordering::SeqCst);
        if self.head_sent.load(Ordering::Relaxed) {
            jar.seal();
        }
        Ok(Arc::clone(jar))
    }

    fn read(&self, head: &Head) -> &Headers {
        self.headers.get_or_init(|| Headers::new(head.headers()))
    }

    fn readable_head(&self, lookup: Lookup) -> Result<&Head, RequestApiError> {
        let refuse = |kind| Err(RequestApiError::new(lookup.api, lookup.caller, kind));
        if let Place::Task(task) = phase::current() {
            if let Some(handler) = task.handler.filter(|handler| handler.kind.renders()) {
                return refuse(RequestApiErrorKind::InRenderTask {
                    kind: handler.kind,
                    handler: handler.name,
                    scheduled: task.location,
                    route: self.route().into_owned(),
                });
            }
        }
        self.origin.head().ok_or_else(|| {
            RequestApiError::new(lookup.api, lookup.caller, self.origin.refusal(lookup))
        })
    }

    /// Writes the handler's cookies into the response's head, and refuses every later one.
    pub(crate) fn seal(self: &Arc<Self>, headers: &mut HeaderMap) {
        self.head_sent.store(true, Ordering::Relaxed);
        // Nobody else can be making the jar while nobody else holds the scope.
        if Arc::strong_count(self) > 1 {
            fence(Ordering::SeqCst);
        }
        if let Some(jar) = self.jar.get() {
            jar.write(headers);
        }
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
        waiting.into_iter().for_each(|task| self.skip(task));
    }

    /// Drops what holds a user's code.
    pub(super) fn drop_in_scope<T>(self: &Arc<Self>, code: T) {
        let _entered = enter(Some(Arc::clone(self)), Place::UNANNOTATED);
        // A panic there is no reason to lose the reports, and has been printed by the hook.
        drop(contain(|| drop(code)));
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("request", &self.route()).finish_non_exhaustive()
    }
}
