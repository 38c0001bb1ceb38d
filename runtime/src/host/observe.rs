//! Observers are told what happens.
//!
//! Each in its own net, and none under a lock. A scope that is not observed when it is opened never
//! is: it has no number, and nothing more is asked of it.

use std::{cell::Cell, fmt, sync::OnceLock, time::Duration};

use http::StatusCode;

use super::{
    event::{Event, Observer, Origin, ScopeId, TaskId},
    platform::Platform,
    report::TaskReport,
};
use crate::{
    error::AfterError,
    net::{NotAgain, contain, tell},
    outcome::Outcome,
    place::{Number, Place},
    work::{Task, TaskInfo},
};

/// Observers, to which others can be added while they are told.
#[derive(Default)]
pub(crate) struct Observers {
    first: OnceLock<Box<Entry>>,
}

struct Entry {
    observer: Box<dyn Observer>,
    others: Observers,
}

impl Observers {
    /// Adds one, which is told of what happens from now on.
    pub(crate) fn add(&self, observer: Box<dyn Observer>) {
        let mut entry = Box::new(Entry { observer, others: Self::default() });
        let mut list = self;
        while let Err(back) = list.first.set(entry) {
            entry = back;
            // It is set, or the entry would be its.
            let Some(earlier) = list.first.get() else { return };
            list = &earlier.others;
        }
    }

    /// Returns them as one, if there are any.
    #[inline]
    pub(crate) fn any(&self) -> Option<&dyn Observer> {
        self.first.get().map(|_| self as &dyn Observer)
    }
}

impl Observer for Observers {
    fn event(&self, event: &Event<'_>) {
        let Some(_telling) = NotAgain::enter(&TELLING) else { return };
        let mut list = self;
        while let Some(entry) = list.first.get() {
            tell(|| entry.observer.event(event));
            list = &entry.others;
        }
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observers").field("any", &self.any().is_some()).finish()
    }
}

thread_local! {
    /// Whether observers are told something: they may themselves schedule tasks.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

/// A scope is opened. Returns its number, if anybody observes it.
#[inline]
pub(crate) fn opened(platform: &dyn Platform, origin: Origin<'_>) -> Number {
    let Some(observer) = observer(platform) else { return Number::default() };
    let number = Number::next();
    event(observer, number, |scope| Event::ScopeOpened { scope, origin });
    number
}

/// The head of a response was produced.
#[inline]
pub(crate) fn head(platform: &dyn Platform, scope: Number, status: StatusCode) {
    tell_of(platform, scope, |scope| Event::HeadProduced { scope, status });
}

/// The response of a scope is finished; its tasks have not started.
#[inline]
pub(crate) fn finished(platform: &dyn Platform, scope: Number, outcome: &Outcome) {
    tell_of(platform, scope, |scope| Event::ScopeFinished { scope, outcome });
}

/// A task is scheduled at `place`. Gives it its number.
#[inline]
pub(crate) fn scheduled(platform: &dyn Platform, scope: Number, place: Place, info: &mut TaskInfo) {
    let (Some(_), Some(observer)) = (scope.get(), observer(platform)) else { return };
    (info.scope, info.number) = (scope, Number::next());
    let Some(task) = info.number.get().map(TaskId) else { return };
    let parent = place.task().and_then(|parent| parent.number.get()).map(TaskId);
    let (name, kind, location) = (info.name(), info.kind(), info.location);
    event(observer, scope, |scope| Event::TaskScheduled {
        scope,
        task,
        parent,
        name,
        kind,
        location,
    });
}

/// A task starts.
#[inline]
pub(crate) fn started(platform: &dyn Platform, task: &Task, queue_wait: Duration) {
    let Some(id) = task.info().number.get().map(TaskId) else { return };
    let deadline = task.deadline();
    tell_of(platform, task.info().scope, |scope| Event::TaskStarted {
        scope,
        task: id,
        queue_wait,
        deadline,
    });
}

/// A task has ended.
#[inline]
pub(super) fn ended(platform: &dyn Platform, report: &TaskReport<'_>) {
    let Some(task) = report.info().number.get().map(TaskId) else { return };
    tell_of(platform, report.info().scope, |scope| Event::TaskEnded { scope, task, report });
}

/// A task was not scheduled.
pub(crate) fn refused(platform: &dyn Platform, scope: Number, info: &TaskInfo, error: &AfterError) {
    let (name, kind, location) = (info.name(), info.kind(), info.location);
    tell_of(platform, scope, |scope| Event::TaskRefused { scope, name, kind, location, error });
}

#[inline]
fn tell_of<'a>(platform: &dyn Platform, scope: Number, of: impl FnOnce(ScopeId) -> Event<'a>) {
    if scope.get().is_some() {
        if let Some(observer) = observer(platform) {
            event(observer, scope, of);
        }
    }
}

#[cold]
fn event<'a>(observer: &dyn Observer, scope: Number, of: impl FnOnce(ScopeId) -> Event<'a>) {
    if let Some(scope) = scope.get() {
        tell(|| observer.event(&of(ScopeId(scope))));
    }
}

/// Asks the platform, which may be the user's.
#[inline]
fn observer(platform: &dyn Platform) -> Option<&dyn Observer> {
    contain(|| platform.observer()).ok().flatten()
}
